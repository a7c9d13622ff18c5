import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entriesOf, type IoRange, largePart } from "../../fabric/io-range.ts";
import { PAGE_BYTES } from "../../sim/units.ts";
import { MIB } from "./machines.ts";

const LARGE = 2 ** 21;
const range = (iova: number, physical: number, length: number): IoRange => ({ iova, physical, length });

describe("The large pages of a range", () => {
  test("are none where the tables have none, or where both sides are not aligned alike", () => {
    expect(entriesOf(range(0, 0, 64 * MIB), PAGE_BYTES)).toBe(16384);
    expect(entriesOf(range(0, PAGE_BYTES, 64 * MIB), LARGE)).toBe(16384);
    expect(entriesOf(range(0, 0, LARGE - PAGE_BYTES), LARGE)).toBe(511);
  });

  test("are all of it where it is aligned and whole, and its middle where it is not", () => {
    expect(entriesOf(range(0, 0, 64 * MIB), LARGE)).toBe(32);
    expect(entriesOf(range(LARGE - PAGE_BYTES, 9 * LARGE - PAGE_BYTES, LARGE + 2 * PAGE_BYTES), LARGE)).toBe(3);
  });

  test("cover every entry once: with them a range takes as many entries as its addresses have pages", () => {
    const pages = fc.nat(2000);
    fc.assert(
      fc.property(pages, pages, fc.integer({ min: 1, max: 3000 }), (iova, physical, count) => {
        const whole = range(iova * PAGE_BYTES, physical * PAGE_BYTES, count * PAGE_BYTES);
        const [from, to] = largePart(whole, LARGE);
        const seen = new Set<string>();
        for (let at = whole.iova; at < whole.iova + whole.length; at += PAGE_BYTES)
          seen.add(at >= from && at < to ? `large ${Math.floor(at / LARGE)}` : `small ${at / PAGE_BYTES}`);
        expect(entriesOf(whole, LARGE)).toBe(seen.size);
      }),
    );
  });
});
