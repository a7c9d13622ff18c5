import { describe, expect, it } from "vitest";
import type { Cell } from "../../../record/cell.ts";
import { mappingsPerUse } from "../../../reports/break-even.ts";
import { breakEvenTables } from "../../../reports/page/break-even-table.ts";
import { bytes } from "../../../sim/units.ts";
import { measure, result } from "../results.ts";
import { textIn } from "./markup.ts";

function costing(perUse: number, perMapping: number, cell: Partial<Cell>) {
  const plain = result(cell);
  const cost = perUse + perMapping * mappingsPerUse(plain.cell);
  return { ...plain, outcome: { ...plain.outcome, measures: [measure("cpu_time_per_byte", cost, { stat: "mean" })] } };
}
const CONTROL = { proposal: "staging", form: "pipelined", provenance: "control" } as const;
const at = (perUse: number, perMapping: number, cell: Partial<Cell> = {}) =>
  [1, 16].map((reuse) => costing(perUse, perMapping, { reuse, ...cell }));
const text = (...args: Parameters<typeof breakEvenTables>): string => textIn(breakEvenTables(...args).text);

describe("the table of break-even", () => {
  it("says for each form and use case from how many uses on it is no dearer: a number, always, never", () => {
    const table = text([
      ...at(2, 100),
      ...at(2, 3, { form: "cheap" }),
      ...at(13, 3, { form: "dear" }),
      ...at(12, 0, CONTROL),
    ]);
    expect(table).toContain("Break-even of reuse on one-switch");
    expect(table).toMatch(/zone-device\/as-posted posted10/);
    expect(table).toMatch(/zone-device\/cheap postedalways/);
    expect(table).toMatch(/zone-device\/dear postednever/);
  });

  it("tells sizes apart where they differ, and repetitions by their middle and range", () => {
    const small = { requestBytes: bytes(4096) };
    const sizes = [...at(2, 100), ...at(2, 3, small), ...at(12, 0, CONTROL), ...at(12, 0, { ...CONTROL, ...small })];
    expect(text(sizes)).toMatch(/4\s*KiB: always64\s*KiB: 10/);
    const reps = [30, 100, 200].flatMap((perMapping, rep) => [
      ...at(2, perMapping, { rep }),
      ...at(12, 0, { ...CONTROL, rep }),
    ]);
    expect(text(reps)).toContain("10 (3 to 20)");
  });

  it("is one for each setting", () => {
    const both = (["off", "strict"] as const).flatMap((iommu) => [
      ...at(2, 100, { iommu }),
      ...at(12, 0, { ...CONTROL, iommu }),
    ]);
    expect(text(both)).toMatch(/one-switch, IOMMU off.*one-switch, IOMMU strict/s);
  });

  it("says why there is none with one reuse, and how to get it", () => {
    expect(text([costing(2, 3, { reuse: 1 }), costing(12, 0, CONTROL)])).toContain("--reuse 1,16,inf");
    expect(text([])).toContain("unknown");
  });
});
