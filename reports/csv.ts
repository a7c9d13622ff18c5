import { stringify } from "csv-stringify/sync";
import type { Value } from "./rows.ts";

/**
 * A table as CSV: header, LF, shortest numbers that read back exactly, `true` and `false` in words. Text that a spreadsheet would
 * run as a formula gets a leading apostrophe; numbers stay numbers, negative ones too.
 */
export function csvText<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, Value>>[],
): string {
  const table = rows.map((row, index) => columns.map((column) => checked(row[column], column, index)));
  return stringify([[...columns], ...table], {
    record_delimiter: "\n",
    escape_formulas: true,
    // A lone carriage return ends a line for many readers.
    quoted_match: /\r/,
    cast: { boolean: String, number: String },
  });
}

function checked(value: Value, column: string, index: number): Value {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  throw new RangeError(
    `column ${column} of row ${index + 1} holds ${value}: only finite numbers have a place in a CSV`,
  );
}
