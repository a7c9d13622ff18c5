import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvText } from "../../reports/csv.ts";
import type { Value } from "../../reports/rows.ts";
import { awkward } from "./arbitrary.ts";

const COLUMNS = ["a", "b"] as const;
const read = (text: string): unknown => parse(text, { record_delimiter: "\n" });

describe("a table as CSV", () => {
  it("has a header, LF, and a line per row", () => {
    expect(csvText(COLUMNS, [{ a: "x", b: 1 }])).toBe("a,b\nx,1\n");
  });

  it("is only a header where there are no rows", () => {
    expect(csvText(COLUMNS, [])).toBe("a,b\n");
  });

  it("keeps numbers as the shortest text that reads back exactly, negative ones too", () => {
    expect(
      csvText(COLUMNS, [
        { a: -1.5, b: 0.1 },
        { a: -0, b: 1e21 },
      ]),
    ).toBe("a,b\n-1.5,0.1\n0,1e+21\n");
  });

  it("writes booleans in words", () => {
    expect(csvText(COLUMNS, [{ a: true, b: false }])).toBe("a,b\ntrue,false\n");
  });

  it.each(["=1+1", "+1", "-1", "@x", "=HYPERLINK(0)"])("disarms the formula %s", (text) => {
    expect(csvText(COLUMNS, [{ a: text, b: -1 }])).toBe(`a,b\n'${text},-1\n`);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %s and says where it stood", (value) => {
    expect(() =>
      csvText(COLUMNS, [
        { a: "x", b: 1 },
        { a: "x", b: value },
      ]),
    ).toThrow(`column b of row 2 holds ${value}`);
  });

  it("reads back as it was written", () => {
    const value: fc.Arbitrary<Value> = fc.oneof(
      awkward,
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
    );
    const row = fc.record({ a: value, b: fc.oneof(fc.integer(), value) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const written = rows.map(({ a, b }) => [told(a), told(b)]);
        // A line in which every field is empty still counts as a row.
        expect(read(csvText(COLUMNS, rows))).toEqual([["a", "b"], ...written]);
      }),
    );
  });
});

/** What a reader gets: formulas with their apostrophe. */
function told(value: Value): string {
  if (typeof value === "number") return String(value);
  const text = String(value);
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}
