import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textWidth, wrap } from "../../reports/text-width.ts";

describe("the width of text", () => {
  it("is that of DejaVu Sans, whose digits are all 1303 units of 2048 wide", () => {
    expect(textWidth("0123456789", 2048)).toBe(13030);
    expect(textWidth("iW", 2048)).toBe(569 + 2025);
    expect(textWidth("iW", 2048, true)).toBe(702 + 2259);
  });

  it("is never too small for characters without an entry", () => {
    expect(textWidth("\u4e2d", 10)).toBe(10);
  });
});

describe("wrapping", () => {
  const within = (limit: number) => (line: string) => [...line].length <= limit;

  it("breaks at spaces", () => {
    expect(wrap("the quick brown fox", within(10))).toEqual(["the quick", "brown fox"]);
  });

  it("breaks a word that fits nowhere", () => {
    expect(wrap("a 0123456789", within(4))).toEqual(["a", "0123", "4567", "89"]);
  });

  it("loses nothing and exceeds nothing", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (text, limit) => {
        const lines = wrap(text, within(limit));
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
