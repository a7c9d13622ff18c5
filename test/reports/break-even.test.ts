import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell } from "../../record/cell.ts";
import type { Result } from "../../record/result.ts";
import { breakEvensOf, mappingsPerUse, usesUntilEven, withBreakEvens } from "../../reports/break-even.ts";
import { resultRows } from "../../reports/rows.ts";
import { bytes } from "../../sim/units.ts";
import { cellPlan, KIB, measured, run, type Words } from "../harness/cells.ts";
import { measure, result } from "./results.ts";

const INF = Number.POSITIVE_INFINITY;
const TOTAL = bytes(2 ** 26);
const SIZE = bytes(65536);
const CONTROL = { proposal: "staging", form: "pipelined", provenance: "control" } as const;

/** A cell that costs `perUse` and, shared by its uses, `perMapping`. */
function costing(perUse: number, perMapping: number, cell: Partial<Cell>): Result {
  const plain = result({ requestBytes: SIZE, totalBytes: TOTAL, ...cell });
  const cost = perUse + perMapping * mappingsPerUse(plain.cell);
  return { ...plain, outcome: { ...plain.outcome, measures: [measure("cpu_time_per_byte", cost, { stat: "mean" })] } };
}

const usesOf = (results: readonly Result[]) => breakEvensOf(results).map(({ uses }) => uses);

describe("The break-even of reuse", () => {
  it("is, in closed form, where the shared part is paid for by what each use saves", () => {
    const whole = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(whole, whole, whole, whole, (perUse, perMapping, otherUse, otherMapping) => {
        const uses = usesUntilEven({ perUse, perMapping }, { perUse: otherUse, perMapping: otherMapping });
        const costs = (n: number): readonly [number, number] => [n * perUse + perMapping, n * otherUse + otherMapping];
        if (uses === INF) {
          const [mine, other] = costs(1e6);
          expect(mine).toBeGreaterThan(other);
        } else {
          const [mine, other] = costs(uses);
          expect(mine).toBeLessThanOrEqual(other);
          if (uses > 1) {
            const [before, control] = costs(uses - 1);
            expect(before).toBeGreaterThan(control);
          }
        }
      }),
    );
  });

  it.each([
    ["a number", 2, 100, 12, 10],
    ["1 where it is never dearer", 2, 3, 12, 1],
    ["never where each use alone is dearer", 13, 0, 12, INF],
    ["never where a use saves nothing and the mapping costs", 12, 1, 12, INF],
  ])("of two reuses is %s", (_, perUse, perMapping, control, uses) => {
    const cells = [1, 16].map((reuse) => costing(perUse, perMapping, { reuse }));
    expect(usesOf([...cells, costing(control, 0, { ...CONTROL, reuse: 1 })])).toEqual([uses]);
    expect(usesOf([...cells, ...[1, 16].map((reuse) => costing(control, 0, { ...CONTROL, reuse }))])).toEqual([uses]);
  });

  it("takes one mapping for all requests as what it is: made once for each place of the queue, and not undone", () => {
    const cell = { requestBytes: SIZE, totalBytes: TOTAL, queueDepth: 32 };
    expect(mappingsPerUse(result({ ...cell, reuse: 1 }).cell)).toBe(1);
    expect(mappingsPerUse(result({ ...cell, reuse: 8 }).cell)).toBe(1 / 8);
    expect(mappingsPerUse(result({ ...cell, reuse: INF }).cell)).toBe(0.5 / 32);
    expect(mappingsPerUse(result({ ...cell, reuse: 1000 }).cell)).toBe(0.5 / 32);
    const cells = [1, INF].map((reuse) => costing(2, 100, { reuse }));
    expect(usesOf([...cells, costing(12, 0, CONTROL)])).toEqual([10]);
  });

  it("is unknown, and why, with one reuse, with too few requests, and without the control", () => {
    const control = costing(12, 0, CONTROL);
    const why = (results: readonly Result[]) => breakEvensOf(results).map(({ uses, why }) => [uses, why]);
    expect(why([costing(2, 9, { reuse: 4 }), control])).toEqual([[undefined, "of one reuse only (4)"]]);
    const total = { totalBytes: bytes(SIZE * 32) };
    const once = [2, INF].map((reuse) => costing(2, 9, { reuse, ...total }));
    expect(why([...once, costing(12, 0, { ...CONTROL, ...total })])).toEqual([
      [undefined, "too few requests for a mapping to be used more often than once (reuse 2, inf)"],
    ]);
    expect(why([1, 4].map((reuse) => costing(2, 9, { reuse })))).toEqual([
      [undefined, "staging/pipelined has no number here"],
    ]);
  });

  it("is not said to be never in a run so short that first touches may be what is dearer", () => {
    const found = (totalBytes: Cell["totalBytes"]) =>
      breakEvensOf([
        costing(13, 1, { totalBytes, queueDepth: 32, reuse: 1 }),
        costing(13, 1, { totalBytes, queueDepth: 32, reuse: 4 }),
        costing(12, 0, { ...CONTROL, totalBytes, queueDepth: 32, reuse: 1 }),
      ]);
    expect(found(bytes(320 * SIZE))).toMatchObject([{ uses: INF, why: "" }]);
    expect(found(bytes(319 * SIZE))).toMatchObject([
      { uses: undefined, why: expect.stringContaining("larger --total") },
    ]);
  });

  it("compares within one setting and one repetition only, and nobody whose data were lost", () => {
    const form = [1, 16].map((reuse) => costing(2, 100, { reuse, iommu: "strict" }));
    expect(usesOf([...form, costing(12, 0, CONTROL)])).toEqual([undefined]);
    const lost = form.map((each): Result => ({ ...each, outcome: { ...each.outcome, status: "corrupt" } }));
    expect(usesOf([...lost, costing(12, 0, { ...CONTROL, iommu: "strict" })])).toEqual([]);
  });

  it("has one row of results.csv, at the cell with the fewest uses; never is inf", () => {
    const cells = [16, 1].map((reuse) => costing(13, 1, { reuse }));
    const told = withBreakEvens(withBreakEvens([...cells, costing(12, 0, CONTROL)]));
    const rows = resultRows(told).filter(({ metric }) => metric === "break_even_reuse");
    expect(rows).toMatchObject([{ reuse: 1, subject: "cpu_time", stat: "least", value: "inf", unit: "1", n: 3 }]);
  });
});

describe("The break-even that a run tells", () => {
  const real = (words: Words): Result => ({
    ...result(),
    cell: { ...cellPlan(words).cell, id: JSON.stringify(words) },
    outcome: run({ ...words, leap: true }),
  });
  it.each<[string, Words]>([
    ["hmm/intended between two GPUs", { form: "hmm/intended", workload: "gpu-to-gpu" }],
    ["userptr-dma-buf/intended between two GPUs", { form: "userptr-dma-buf/intended", workload: "gpu-to-gpu" }],
    ["hmm/intended behind an IOMMU", { form: "hmm/intended", workload: "gpu-to-gpu", iommu: "strict", acs: "linux" }],
  ])("for %s is right one use before it and one after", (_, form) => {
    const words: Words = { size: 64 * KIB, total: 64 * KIB * 1680, ...form };
    const control = real({ ...words, form: "staging/pipelined" });
    const told = usesOf([...[1, 16, INF].map((reuse) => real({ ...words, reuse })), control]);
    const [uses = 0] = told;
    expect(told).toHaveLength(1);
    expect(uses).toBeGreaterThan(1);
    const cost = (reuse: number) => measured(run({ ...words, reuse, leap: true }), "cpu_time_per_byte");
    const limit = measured(control.outcome, "cpu_time_per_byte");
    expect(cost(uses - 1)).toBeGreaterThan(limit);
    expect(cost(uses)).toBeLessThanOrEqual(limit);
    expect(cost(uses + 1)).toBeLessThan(limit);
  });
});
