import { describe, expect, it } from "vitest";
import type { Case, CasePlatform } from "../../../calibration/cases/case.ts";
import { MEASURED_PLATFORMS } from "../../../calibration/cases/measured-platforms.ts";
import { FITS, withoutSource } from "../../../calibration/fits.ts";
import { Parameters } from "../../../calibration/parameters.ts";
import { reportOn, rowOf, workOf } from "../../../harness/validate/validate.ts";
import type { ValidationReport } from "../../../record/validation.ts";
import { KIT, published } from "./cases.ts";

function reportFor(cases: readonly Case[], platforms: Readonly<Record<string, CasePlatform>> = {}): ValidationReport {
  const collection = {
    cases,
    platforms: { ...MEASURED_PLATFORMS, ...platforms },
    contrasts: [],
    sets: [{ name: "all", ids: undefined }],
    sweeps: [],
  };
  return reportOn(
    collection,
    workOf(collection).map((work) => rowOf(work, KIT)),
  );
}

describe("A row and the constants that decide it", () => {
  it("is shared where they rest on its own source and on nothing else", () => {
    const { rows, scores } = reportFor([published("RTX6K-020")]);
    expect(rows[0]?.standing).toBe("shared");
    expect(rows[0]?.shared_constants).toContain("gpu.bar_read_latency");
    expect(scores[0]?.scored).toBe(0);
  });

  it("is independent where such constants do not decide it: one drive does not care for what a root complex can forward", () => {
    expect(reportFor([published("NVFORUM-001"), published("NVFORUM-004")]).rows[0]).toMatchObject({
      standing: "independent",
      held_out: null,
    });
  });

  it("is held out where they can be fitted without it", () => {
    const [row] = reportFor([published("IOPMEM-002")]).rows;
    expect(row).toMatchObject({ standing: "held out", shared_constants: ["fpga.bar_read_rate"] });
    expect(row?.held_out).not.toBeNull();
  });

  it("is shared where its publication says what its root complex forwards", () => {
    expect(reportFor([published("ARL-001")]).rows[0]).toMatchObject({ standing: "shared", held_out: null });
  });

  it("is held out from its platform's own value by those of other machines, where there are any", () => {
    const [row] = reportFor(["RTX6K-042", "RTX6K-043"].map((id) => published(id))).rows;
    expect(row).toMatchObject({ standing: "held out", shared_constants: ["rc.amd-zen.socket_rate"] });
    const others = withoutSource("rc.amd-zen.socket_rate", "voipmonitor/rtx6kpro", "genoa") ?? 0;
    expect((row?.held_out ?? 0) / others).toBeCloseTo(1, 1);
  });

  it("is held out where its platform's own value came from it: the table's value takes the place", () => {
    // Alone it would be as few rows as the platform has free parameters.
    const [row] = reportFor([published("GDS-001"), published("GDS-005")]).rows;
    expect(row).toMatchObject({ standing: "held out", shared_constants: ["nvme.read_rate"] });
    expect(row?.held_out ?? 0).toBeLessThan(row?.predicted ?? 0);
  });
});

describe("A platform's parameters", () => {
  const parameter = {
    constant: "switch.latency",
    value: 200,
    kind: "measured" as const,
    source: "fitted by a test to its own rows",
    fitted_from: ["RTX6K-003"],
  };
  const tuned: CasePlatform = { title: "a tuned one", year: 2026, root_complex: "amd-zen", parameters: [parameter] };

  it("make its rows fitted, and leave them out of every score, where there are as many of them as rows", () => {
    const { rows, platforms, scores } = reportFor([published("RTX6K-003", { platform: "tuned" })], { tuned });
    expect(platforms).toMatchObject([{ name: "tuned", rows: 1, free_parameters: 1, fitted: true }]);
    expect(rows[0]).toMatchObject({ standing: "fitted", parameters: [parameter] });
    expect(scores[0]).toMatchObject({ rows: 1, scored: 0, median: null });
  });

  it("do not where there are more rows, and what a data sheet gives is not free", () => {
    const two = ["RTX6K-003", "RTX6K-020"].map((id) => published(id, { platform: "tuned" }));
    expect(reportFor(two, { tuned }).platforms[0]).toMatchObject({ free_parameters: 1, rows: 2, fitted: false });
    const given = { ...tuned, parameters: [{ ...parameter, kind: "paper" as const, fitted_from: [] }] };
    expect(reportFor(two.slice(1), { tuned: given }).platforms[0]).toMatchObject({ free_parameters: 0, fitted: false });
  });

  it("are not free where they were fitted to rows that are elsewhere", () => {
    const [summary] = reportFor([published("RTX6K-020", { platform: "tuned" })], { tuned }).platforms;
    expect(summary).toMatchObject({ rows: 1, free_parameters: 0, fitted: false });
  });

  it("are not free where they decide no row there: they cannot have been fitted to any", () => {
    const idle = { ...parameter, constant: "nvme.read_rate", value: 9e9, kind: "assumed" as const, fitted_from: [] };
    const only: CasePlatform = { ...tuned, parameters: [idle] };
    const { rows, platforms } = reportFor([published("RTX6K-003", { platform: "tuned" })], { tuned: only });
    expect(platforms[0]).toMatchObject({ rows: 1, free_parameters: 0, fitted: false });
    expect(rows[0]).toMatchObject({ standing: "shared", deciding_parameters: [] });
    const both = { ...tuned, parameters: [idle, { ...parameter, fitted_from: [] }] };
    const two = reportFor([published("RTX6K-003", { platform: "tuned" })], { tuned: both });
    expect(two.platforms[0]).toMatchObject({ free_parameters: 1, fitted: true });
    expect(two.rows[0]).toMatchObject({ standing: "fitted", deciding_parameters: ["switch.latency"] });
  });

  it("are used", () => {
    const error = (platforms: Readonly<Record<string, CasePlatform>>) =>
      reportFor([published("RTX6K-003", { platform: "tuned" })], platforms).rows[0]?.predicted ?? 0;
    const plain = { ...tuned, parameters: [] };
    expect(error({ tuned }) - error({ tuned: plain })).toBeCloseTo(
      200 - Parameters.typical().value("switch.latency"),
      3,
    );
  });
});

describe("Constants that were fitted", () => {
  it("have a value without each of their sources", () => {
    for (const [name, samples] of Object.entries(FITS))
      for (const { origin, platform } of samples)
        expect(
          withoutSource(name as keyof typeof FITS, origin, platform),
          `${name} without ${platform}`,
        ).toBeGreaterThan(0);
  });

  it("are the middle of what is left", () => {
    expect(withoutSource("rc.forward_latency", "voipmonitor/rtx6kpro", "turin")).toBe(248);
    expect(withoutSource("iommu.iotlb_miss", "pcie-bench/data", "nfp-snb")).toBe(288);
    expect(withoutSource("switch.latency", "anybody", "anywhere")).toBeUndefined();
  });
});
