import { describe, expect, it } from "vitest";
import { MEASUREMENTS, type Measurement, nearestMeasurement } from "../../calibration/measurements.ts";

const ids = (measurement: Measurement | undefined): string => measurement?.id ?? "none";

describe("published measurements", () => {
  it("are named once, carry base units, a year, a platform and who published them", () => {
    expect(new Set(MEASUREMENTS.map(({ id }) => id)).size).toBe(MEASUREMENTS.length);
    for (const { id, metric, unit, value, year, platform, source, when } of MEASUREMENTS) {
      expect(unit, id).toBe(metric === "latency" ? "ns" : "By/s");
      expect(value, id).toBeGreaterThan(unit === "ns" ? 100 : 1e8);
      expect(value, id).toBeLessThan(unit === "ns" ? 1e6 : 2e11);
      expect(year, id).toBeGreaterThanOrEqual(2014);
      expect(platform.length, id).toBeGreaterThan(10);
      expect(source.length, id).toBeGreaterThan(15);
      expect(when.length, id).toBeGreaterThan(2);
      expect(`${source} ${platform} ${when}`, id).not.toMatch(/\/work\b|\.\.\//);
    }
  });

  it("show what the model must reproduce: redirection halves, and the root complex costs latency", () => {
    const value = (id: string): number => MEASUREMENTS.find((each) => each.id === id)?.value ?? Number.NaN;
    expect(value("RTX6K-026") / value("RTX6K-027")).toBeCloseTo(0.49, 1);
    expect(value("RTX6K-RC-DIRECT")).toBeGreaterThan(value("RTX6K-020"));
    expect(value("RTX6K-021")).toBeGreaterThan(value("RTX6K-RC-DIRECT"));
  });
});

describe("the nearest measurement", () => {
  it("is one of the same path where there is one", () => {
    expect(ids(nearestMeasurement("same-switch", "write both ways", "throughput"))).toBe("RTX6K-027");
    expect(ids(nearestMeasurement("same-host-bridge", "storage read", "throughput"))).toBe("NVFORUM-003");
    expect(ids(nearestMeasurement("through-memory", "copy", "latency"))).toBe("TARTAN-014");
  });

  it("is else one of the next path between peers, nearer before farther", () => {
    expect(ids(nearestMeasurement("cross-socket", "storage write", "throughput"))).toBe("DONARD-004");
    expect(ids(nearestMeasurement("same-host-bridge", "read", "latency"))).toBe("RTX6K-020");
    expect(nearestMeasurement("cross-socket", "storage read", "throughput")?.path).toBe("same-socket");
  });

  it("never compares a staged copy with a peer transfer", () => {
    expect(nearestMeasurement("through-memory", "write", "throughput")).toBeUndefined();
    expect(nearestMeasurement("same-switch", "copy", "throughput")).toBeUndefined();
    expect(nearestMeasurement("through-memory", "storage read", "throughput")?.path).toBe("through-memory");
  });

  it("is none where nobody measured", () => {
    expect(nearestMeasurement("same-switch", "storage write", "latency")).toBeUndefined();
  });
});
