import { describe, expect, it } from "vitest";
import { effectiveRate, ninetyPercent, pcieModel, rawRate } from "../../../harness/validate/napkin.ts";
import { published } from "./cases.ts";

const X8 = { generation: 3, width: 8 } as const;
const gigabits = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e9;

describe("The equations of pcie-model", () => {
  /** Worked by hand for gen3 x8, MPS 256, MRRS 512, 64-bit addresses (model.md A.9). */
  it.each([
    [64, 42.098, 44.103, 33.077],
    [256, 52.923, 53.69, 48.745],
    [1024, 52.923, 53.69, 50.748],
    [1500, 52.815, 53.597, 50.599],
  ])("give the published values for %d B", (size, write, read, both) => {
    const rate = (by: "write" | "read" | "read and write") => gigabits(effectiveRate(X8, by, size, 256, 512));
    expect(rate("write")).toBeCloseTo(write, 3);
    expect(rate("read")).toBeCloseTo(read, 3);
    expect(rate("read and write")).toBeCloseTo(both, 3);
  });

  it("take the link of the case, and its payload", () => {
    expect(gigabits(pcieModel(published("PB-hsw-012")) ?? 0)).toBeCloseTo(52.923, 3);
    expect(pcieModel(published("PB-e3-012")) ?? 0).toBeLessThan(pcieModel(published("PB-hsw-012")) ?? 0);
  });
});

describe("Nine tenths of the slowest link", () => {
  it("knows what a link carries: 15.754 GB/s on gen3 x16", () => {
    expect(rawRate({ generation: 3, width: 16 }) / 1e9).toBeCloseTo(15.754, 3);
    expect(rawRate({ generation: 2, width: 4 })).toBe(2e9);
    expect(gigabits(ninetyPercent(published("PB-hsw-012")) ?? 0)).toBeCloseTo(0.9 * 63.0154, 3);
  });

  it("counts both directions of a pair, and shares an uplink between the flows that cross it", () => {
    const one = ninetyPercent(published("RTX6K-001")) ?? 0;
    expect(ninetyPercent(published("RTX6K-027"))).toBeCloseTo(2 * one, 0);
    expect(ninetyPercent(published("RTX6K-007"))).toBeCloseTo(one, 0);
    expect(ninetyPercent(published("RTX6K-013"))).toBeCloseTo(2 * one, 0);
  });

  it("is the drives' links, where those are the slower ones", () => {
    expect(ninetyPercent(published("NVFORUM-003"))).toBeCloseTo(3 * 0.9 * rawRate({ generation: 3, width: 4 }), 0);
  });

  it("says of one operation how long its bytes take, and of what crosses no link nothing", () => {
    expect(ninetyPercent(published("PB-hsw-024"))).toBeCloseTo(2048 / (0.9 * rawRate(X8) * 1e-9), 6);
    expect(ninetyPercent(published("MRREG-001"))).toBeUndefined();
    expect(pcieModel(published("IOMMUIO-001"))).toBeUndefined();
  });
});
