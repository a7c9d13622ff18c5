import { describe, expect, it } from "vitest";
import { median, numeral, plain, readableBytes } from "../../reports/numeral.ts";

describe("numbers for reading", () => {
  it.each([
    [0, "0"],
    [2, "2"],
    [1.9999, "2.00"],
    [0.049567, "0.0496"],
    [12.345, "12.3"],
    [15974.4, "15974"],
    [0.00002, "0.0000200"],
    [1e-9, "1.0e-9"],
    [45.2e9, "4.5e+10"],
  ])("writes %d as %s", (value, text) => {
    expect(numeral(value)).toBe(text);
  });

  it("finds the middle of an odd and of an even count", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("sets a size with a space that does not break", () => {
    expect(readableBytes(65536)).toBe("64\u00a0KiB");
  });

  it("disarms what a terminal would obey", () => {
    expect(plain("a\u001b[2J\nb ")).toBe("a [2J b");
  });
});
