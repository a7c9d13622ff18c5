import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IovaSpace } from "../../kernel/iova-space.ts";
import { busAddr, bytes } from "../../sim/units.ts";

const bar = (base: number, size: number) => ({ index: 0, base: busAddr(base), size: bytes(size), prefetchable: true });
const WINDOWS = [bar(0xe000_0000, 2 ** 28), bar(2 ** 40, 2 ** 36)];

describe("The IO virtual addresses", () => {
  test("never overlap one another or a BAR, are aligned to their size, and lie below 4 GiB while there is room", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 12, max: 33 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const space = new IovaSpace(WINDOWS);
        const taken: [number, number][] = WINDOWS.map(({ base, size }) => [base, base + size]);
        for (const size of sizes.map((exponent) => 2 ** exponent)) {
          const address = space.take(size) ?? Number.NaN;
          expect(address % size).toBe(0);
          for (const [from, to] of taken) expect(address >= to || address + size <= from).toBe(true);
          taken.push([address, address + size]);
        }
      }),
      { seed: 49, numRuns: 100 },
    );
  });

  test("are handed out again once they are given back, high and low alike", () => {
    const space = new IovaSpace(WINDOWS);
    const taken = [2 ** 30, 2 ** 30, 2 ** 30].map((size) => space.take(size) ?? Number.NaN);
    expect(taken.map((address) => address < 2 ** 32)).toEqual([true, true, false]);
    for (const address of taken) space.give(address, 2 ** 30);
    expect([1, 2, 3].map(() => space.take(2 ** 30)).sort()).toEqual([...taken].sort());
  });

  test("end where the IOMMU's tables end", () => {
    const space = new IovaSpace(WINDOWS);
    expect([space.take(2 ** 47), space.take(2 ** 47)]).toEqual([2 ** 47, undefined]);
  });
});
