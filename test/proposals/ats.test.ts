import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import type { Listener } from "../../harness/run-cell.ts";
import type { Task } from "../../sim/activity.ts";
import { brokenIn, countOf, KIB, machineOf, result, run, type Words } from "../harness/cells.ts";

/** Every device has ATS, and every port that has ACS has Direct Translated set where asked. */
const withAts = (name: string, directTranslated: boolean): Topology => {
  const machine = machineOf(name);
  return {
    ...machine,
    functions: machine.functions.map((each) => {
      if (each.kind === "endpoint") return { ...each, ats: true as const };
      return each.acs ? { ...each, acs: { ...each.acs, directTranslated } } : each;
    }),
  };
};

const DIRECT = withAts("acs-redirect", true);
const WORDS: Words = { machine: DIRECT, iommu: "strict", size: 16 * KIB, total: 100 * 16 * KIB };
const SHORT_FLUSH_QUEUE = { "iommu.flush_queue_entries": 16 };

describe("Peers of which one translates for itself", () => {
  test("reach each other at the switch under a strict IOMMU, with Direct Translated and not without", () => {
    const paths = [withAts("acs-redirect", false), DIRECT].map((machine) => {
      const { status, path } = run({ ...WORDS, machine });
      return [status, path];
    });
    expect(paths).toEqual([
      ["completed", "same-root-port"],
      ["completed", "same-switch"],
    ]);
  });

  test("pay for it when memory is unmapped: the device is told, and waited for", () => {
    const outcome = run(WORDS);
    expect(countOf(outcome, "iommu.invalidate_device")).toBe(countOf(outcome, "iommu.invalidate"));
    expect(countOf(run({ ...WORDS, machine: "acs-redirect" }), "iommu.invalidate_device")).toBe(0);
  });

  test("are what they were where nothing translates", () => {
    for (const iommu of ["off", "passthrough"] as const) {
      const plain = run({ ...WORDS, iommu, machine: "acs-redirect" });
      expect(result(run({ ...WORDS, iommu, machine: withAts("acs-redirect", false) }))).toEqual(result(plain));
    }
  });

  test.each(["storage-to-gpu", "gpu-to-storage", "gpu-to-gpu", "gpu-to-gpu-pull"] as const)(
    "are leapt over exactly on %s",
    (workload) => {
      for (const iommu of ["lazy", "strict"] as const)
        for (const reuse of [1, Number.POSITIVE_INFINITY]) {
          const words: Words = { ...WORDS, workload, iommu, reuse, depth: 3, constants: SHORT_FLUSH_QUEUE };
          const [full, leapt] = [
            run({ ...words, total: 600 * 16 * KIB }),
            run({ ...words, total: 600 * 16 * KIB, leap: true }),
          ];
          expect(result(leapt)).toEqual(result(full));
          if (reuse > 1 || iommu === "strict")
            expect([workload, iommu, leapt.method]).toEqual([workload, iommu, "leapt"]);
          expect([full.status, brokenIn(full)]).toEqual(["completed", []]);
        }
    },
  );
});

describe("An unmapping that does not invalidate the device's cache", () => {
  const forgetful: Listener = ({ fabric }) => {
    fabric.invalidateAtDevice = function* (): Task<void> {};
  };

  test("sends data to whom the address belonged before, and a judge sees it", () => {
    const words: Words = { ...WORDS, size: 20 * KIB, total: 60 * 20 * KIB, depth: 5 };
    const outcome = run(words, forgetful);
    expect([run(words).status, brokenIn(run(words))]).toEqual(["completed", []]);
    expect([outcome.status, brokenIn(outcome)]).toEqual(["corrupt", ["sound-delivery"]]);
  });

  test("harms nobody without ATS", () => {
    const words = { ...WORDS, machine: "acs-redirect" };
    expect(result(run(words, forgetful))).toEqual(result(run(words)));
  });
});
