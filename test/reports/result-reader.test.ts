import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsv } from "../../machines/hierarchies/csv.ts";
import type { Result } from "../../record/result.ts";
import { csvText } from "../../reports/csv.ts";
import { readResults, type Tables } from "../../reports/result-reader.ts";
import {
  CELL_COLUMNS,
  cellRows,
  INVARIANT_COLUMNS,
  invariantRows,
  RESULT_COLUMNS,
  resultRows,
} from "../../reports/rows.ts";
import { someResults } from "./arbitrary.ts";
import { house } from "./house.ts";

const textsOf = (results: readonly Result[]) => ({
  results: csvText(RESULT_COLUMNS, resultRows(results)),
  cells: csvText(CELL_COLUMNS, cellRows(results)),
  invariants: csvText(INVARIANT_COLUMNS, invariantRows(results)),
});
const recordsOf = (text: string) => readCsv(text).records.map((record) => record.map((field) => field.text));
const tablesOf = (results: readonly Result[]): Tables => {
  const { results: rows, cells, invariants } = textsOf(results);
  return { results: recordsOf(rows), cells: recordsOf(cells), invariants: recordsOf(invariants) };
};

describe("results read from tables", () => {
  it("make the same tables again, to the byte, whatever text is in them", () => {
    fc.assert(
      fc.property(someResults, (results) => {
        // A cell stands once in a run; a text that begins like an escaped formula cannot be told from one.
        const once = [...new Map(results.map((one) => [`${one.cell.id} ${one.cell.rep}`, one])).values()];
        const reading = readResults(tablesOf(once));
        if ("faults" in reading) throw new Error(reading.faults.join("\n"));
        expect(textsOf(reading.results)).toEqual(textsOf(once));
      }),
    );
  });

  it("of times without background have one initiator and no load", () => {
    const tables = tablesOf(house());
    const gone = ["initiators", "dram_load"].map((column) => tables.cells[0]?.indexOf(column));
    expect(gone).not.toContain(-1);
    const without = (records: Tables["cells"]) => records.map((record) => record.filter((_, at) => !gone.includes(at)));
    expect(readResults({ ...tables, cells: without(tables.cells) })).toEqual(readResults(tables));
  });

  it("have BARs as found where the tables are older than the columns that say them", () => {
    const tables = tablesOf(house());
    const bar = tables.cells[0]?.indexOf("bar") ?? 0;
    const older = tables.cells.map((record) => record.slice(0, bar));
    const reading = readResults({ ...tables, cells: older });
    if ("faults" in reading) throw new Error(reading.faults.join("\n"));
    expect(new Set(reading.results.map(({ cell }) => `${cell.bar} ${cell.barBytes}`))).toEqual(new Set(["as-found 0"]));
  });

  it("go by the names of columns, not by their places, and mind no further ones", () => {
    const tables = tablesOf(house());
    const turned = tables.cells.map((record) => ["more", ...record].toReversed());
    expect(readResults({ ...tables, cells: turned })).toEqual(readResults(tables));
  });

  it.each([
    [
      "a column is missing",
      (cells: readonly (readonly string[])[]) => cells.map(([first = "", , ...rest]) => [first, ...rest]),
      'has no column "cell_id"',
    ],
    [
      "a word is none of those that may stand there",
      edited("status", "superb"),
      'status "superb" is not one of completed',
    ],
    ["a number is none", edited("queue_depth", "many"), 'queue_depth "many" is not a number'],
    ["a cell stands twice", (cells: readonly (readonly string[])[]) => [...cells, cells[1] ?? []], "has two rows"],
    ["a cell is missing", (cells: readonly (readonly string[])[]) => cells.slice(0, -1), "has no row for cell"],
  ])("are none, and a line says why, where %s", (_, edit, told) => {
    const tables = tablesOf(house());
    const reading = readResults({ ...tables, cells: edit(tables.cells) });
    expect("faults" in reading && reading.faults.join("\n")).toContain(told);
  });
});

/** The same cells, with another text in one column of the first. */
function edited(column: string, text: string) {
  return ([head = [], first = [], ...rest]: readonly (readonly string[])[]) => [
    head,
    first.map((field, index) => (head[index] === column ? text : field)),
    ...rest,
  ];
}
