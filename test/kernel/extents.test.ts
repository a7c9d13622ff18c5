import fc from "fast-check";
import { expect, test } from "vitest";
import { Extents } from "../../kernel/extents.ts";

test("The first run that is long enough serves, and runs that touch become one again", () => {
  const free = new Extents(10, 20);
  expect([free.take(4), free.take(4), free.take(4)]).toEqual([10, 14, undefined]);
  free.give(10, 4);
  expect([free.take(3), free.take(2), free.count]).toEqual([10, 18, 1]);
  free.give(14, 4);
  expect(free.take(5)).toBe(13);
});

test("A block that is free cannot be given back", () => {
  const free = new Extents(0, 8);
  expect(() => free.give(7, 2)).toThrow("blocks 7 to 9 are given back more often than they were taken");
  expect(new Extents(3, 3).take(1)).toBeUndefined();
});

test("Whatever is taken and given back, nobody has a block twice and none is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })), { maxLength: 60 }), (steps) => {
      const free = new Extents(0, 64);
      const held: { readonly from: number; readonly count: number }[] = [];
      const giveBack = (): void => {
        const back = held.shift();
        if (back) free.give(back.from, back.count);
      };
      const takeMore = (count: number): void => {
        const from = free.take(count);
        if (from !== undefined) held.push({ from, count });
      };
      for (const [gives, count] of steps) {
        if (gives) giveBack();
        else takeMore(count);
        const blocks = held.flatMap((each) => Array.from({ length: each.count }, (_, n) => each.from + n));
        expect(new Set(blocks).size).toBe(blocks.length);
        expect(free.count).toBe(64 - blocks.length);
      }
      while (held.length > 0) giveBack();
      expect(free.take(64)).toBe(0);
    }),
    { seed: 7, numRuns: 200 },
  );
});
