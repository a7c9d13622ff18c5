import { existsSync, readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { SuiteSchema } from "../../../calibration/cases/case.ts";
import { CONTRASTS } from "../../../calibration/cases/contrasts.ts";
import { MEASURED_PLATFORMS } from "../../../calibration/cases/measured-platforms.ts";
import { SWEPT_HOSTS, sizeSweepOf } from "../../../calibration/cases/pcie-bench.ts";
import { PUBLISHED_CASES, SUITE } from "../../../calibration/cases/published.ts";
import { UNEXPRESSED } from "../../../calibration/cases/unexpressed.ts";

/** What was collected of others, where the data are at hand. */
const MEASURED = new URL("../../../../shared/data/measured.csv", import.meta.url);
/** Pinning, registering, mapping and migrating: kernel-work.ts. */
const OF_KERNEL_WORK = /^(GUP|MRREG|REG|MIGR|XESVM|UVM|VIOMMU|DMAMAP|IOMMUIO)-|^GDRCOPY-0(17|18|19|20)$/;

const ids = new Set(PUBLISHED_CASES.map(({ id }) => id));

describe("The published cases", () => {
  it("are in the format of suite files, each once", () => {
    const suite = { schema: "p2peval-suite/1", platforms: MEASURED_PLATFORMS, cases: PUBLISHED_CASES };
    expect(SuiteSchema.safeParse(suite).error?.issues).toBeUndefined();
    expect(ids.size).toBe(PUBLISHED_CASES.length);
  });

  it("have the suite of thirty among them, with every class", () => {
    expect(SUITE).toHaveLength(30);
    expect(SUITE.filter((id) => !ids.has(id))).toEqual([]);
    const classes = new Set(PUBLISHED_CASES.filter(({ id }) => SUITE.includes(id)).map((each) => each.class));
    expect(classes.size).toBe(8);
  });

  it("have size sweeps of five hosts, seventeen rows each", () => {
    expect(SWEPT_HOSTS.map((host) => sizeSweepOf(host).length)).toEqual([17, 17, 17, 17, 17]);
    expect(SWEPT_HOSTS.flatMap(sizeSweepOf).filter((id) => !ids.has(id))).toEqual([]);
  });

  it("are on platforms that are described, and say who published them in words of ours", () => {
    for (const { id, platform, source, what } of PUBLISHED_CASES) {
      expect(Object.keys(MEASURED_PLATFORMS), id).toContain(platform);
      expect(`${source.origin} ${source.where} ${what}`, id).not.toMatch(/\/work\b|\.\.\//);
    }
  });

  it("have every contrast between two of them, with one metric", () => {
    const metrics = new Map(PUBLISHED_CASES.map(({ id, metric }) => [id, metric]));
    for (const { question, between } of CONTRASTS) {
      expect(metrics.get(between[0]), question).toBeDefined();
      expect(metrics.get(between[1]), question).toBe(metrics.get(between[0]));
    }
    expect(new Set(CONTRASTS.map(({ between }) => between.join())).size).toBe(CONTRASTS.length);
  });

  it("and the measurements that are no case are different ones, each with its reason", () => {
    expect(UNEXPRESSED.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(new Set(UNEXPRESSED.map(({ id }) => id)).size).toBe(UNEXPRESSED.length);
    for (const { id, reason, source } of UNEXPRESSED) {
      expect(reason.length, id).toBeGreaterThan(20);
      expect(source, id).not.toMatch(/\/work\b|\.\.\//);
    }
  });

  it.skipIf(!existsSync(MEASURED))(
    "leave out nothing that was collected but what a kernel's memory management costs",
    () => {
      const collected: readonly { readonly id: string }[] = parse(readFileSync(MEASURED, "utf8"), { columns: true });
      const known = new Set([...ids, ...UNEXPRESSED.map(({ id }) => id)]);
      expect(collected.length).toBeGreaterThan(600);
      expect(collected.filter(({ id }) => !known.has(id) && !OF_KERNEL_WORK.test(id)).map(({ id }) => id)).toEqual([]);
    },
  );
});
