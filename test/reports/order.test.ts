import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareText, sortedBy } from "../../reports/order.ts";

const codePoints = (text: string): readonly number[] => [...text].map((character) => character.codePointAt(0) ?? 0);

describe("the order of text", () => {
  it("goes by code point where UTF-16 goes astray", () => {
    expect(compareText("\uffee", "\u{1f600}")).toBeLessThan(0);
    expect("\uffee" < "\u{1f600}").toBe(false);
  });

  it("knows no locale: Z comes before a, and a prefix before what it begins", () => {
    expect(["b", "ab", "a", "Z", "\u00e4"].sort(compareText)).toEqual(["Z", "a", "ab", "b", "\u00e4"]);
  });

  it("agrees with the numbers of the code points", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const [x, y] = [codePoints(a), codePoints(b)];
        const at = x.findIndex((point, index) => point !== y[index]);
        const expected = at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1);
        expect(Math.sign(compareText(a, b))).toBe(Math.sign(expected));
      }),
    );
  });

  it("puts numbers in the order of their size, infinity last and equal to itself", () => {
    const reuse = [Number.POSITIVE_INFINITY, 100, 1, Number.POSITIVE_INFINITY, 9].map((value) => ({ value }));
    expect(sortedBy(reuse, ({ value }) => [value]).map(({ value }) => value)).toEqual([1, 9, 100, Infinity, Infinity]);
  });
});
