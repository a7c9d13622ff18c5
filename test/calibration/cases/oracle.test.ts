import { existsSync, readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { PUBLISHED_CASES, SUITE } from "../../../calibration/cases/published.ts";

const DATA = new URL("../../../../shared/data/", import.meta.url);
/** The collected figures are for development only: where they are absent, these tests are skipped. */
const here = existsSync(new URL("validation-suite.csv", DATA)) && existsSync(new URL("measured.csv", DATA));
const NEEDS = here ? "" : " (skipped: ../shared/data is absent)";

type Row = Readonly<Partial<Record<"id" | "value" | "unit" | "size_bytes", string>>>;
const rowsOf = (file: string): readonly Row[] =>
  here ? (parse(readFileSync(new URL(file, DATA), "utf8"), { columns: true }) as Row[]) : [];

const BASE: Readonly<Record<string, number>> = {
  "Gb/s": 1e9 / 8,
  "GB/s": 1e9,
  "GiB/s": 2 ** 30,
  "MB/s": 1e6,
  GBps: 1e9,
  "ops/s": 1,
  ns: 1,
  us: 1e3,
  s: 1e9,
  IOPS: 1,
  boolean: 1,
};
const measured = new Map(rowsOf("measured.csv").map((row) => [row.id ?? "", row]));

/** In base units; the middle of a range. */
function inBaseUnits(row: Row): number {
  const parts = (row.value ?? "").split("-").map(Number);
  // gdrcopy divides by 1,024 twice.
  const base = row.unit === "MB/s" && row.id?.startsWith("GDRCOPY-") ? 2 ** 20 : BASE[row.unit ?? ""];
  return (parts.reduce((sum, part) => sum + part, 0) / parts.length) * (base ?? Number.NaN);
}

/**
 * What the collection has in the note of another row, or in two numbers of one row, or not at all. What B70-001 measured is a rate of
 * bytes that were all wrong; that they were is our case. RTX6K-025 is a share of RTX6K-001, and AISIO-001 one of two directions that our
 * case has together.
 */
const APART: ReadonlySet<string> = new Set([
  "RTX6K-RC-DIRECT",
  "GUP-001",
  "GUP-001-BATCHED",
  "GUP-001-AFTER",
  "GUP-005-PUT",
  "GUP-006-PUT",
  "XESVM-001-THP",
  "B70-001",
  "RTX6K-025",
  "AISIO-001",
]);

describe.skipIf(!here)(`Our cases and the collected figures${NEEDS}`, () => {
  it("agree on which thirty rows are the suite", () => {
    expect([...SUITE].sort()).toEqual(
      rowsOf("validation-suite.csv")
        .map(({ id }) => id ?? "")
        .sort(),
    );
  });

  it("agree on every value and size", () => {
    const ours = PUBLISHED_CASES.filter(({ id }) => !APART.has(id));
    for (const { id, measured: mine, operation } of ours) {
      const row = measured.get(id) ?? {};
      const theirs = inBaseUnits(row);
      expect(Math.abs(mine.value - theirs), `${id}: ${mine.value} is not ${theirs}`).toBeLessThanOrEqual(theirs * 1e-3);
      if (operation.kind === "dma") expect(operation.size, id).toBe(Number(row.size_bytes));
    }
  });

  it("have every row of pcie-bench", () => {
    const ids = new Set(PUBLISHED_CASES.map(({ id }) => id));
    expect([...measured.keys()].filter((id) => id.startsWith("PB-") && !ids.has(id))).toEqual([]);
  });
});
