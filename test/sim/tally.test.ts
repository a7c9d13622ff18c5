import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Overflow } from "../../sim/overflow.ts";
import { Tally } from "../../sim/tally.ts";

const NAMES = ["pages pinned", "cpu ticks", "bytes read", "faults"] as const;
const additions = fc.array(fc.record({ name: fc.constantFrom(...NAMES), amount: fc.nat(1e6) }), { maxLength: 20 });
type Additions = readonly { readonly name: string; readonly amount: number }[];

const addAll = (tally: Tally, each: Additions): void => {
  for (const { name, amount } of each) tally.add(tally.slot(name), amount);
};

const sumsOf = (tally: Tally): Readonly<Record<string, number>> =>
  Object.fromEntries(NAMES.map((name) => [name, tally.get(name)]));

describe("A tally", () => {
  test("repeating a period is the same as living through it again", () => {
    fc.assert(
      fc.property(additions, additions, fc.nat(50), (before, period, times) => {
        const leapt = new Tally();
        addAll(leapt, before);
        const repeat = leapt.mark();
        addAll(leapt, period);
        repeat(times);
        const lived = new Tally();
        addAll(lived, before);
        for (let time = 0; time <= times; time += 1) addAll(lived, period);
        expect(sumsOf(leapt)).toEqual(sumsOf(lived));
      }),
    );
  });

  test("repeats a name that first came up after the mark", () => {
    const tally = new Tally();
    const repeat = tally.mark();
    tally.add(tally.slot("late"), 3);
    repeat(4);
    expect(tally.get("late")).toBe(15);
  });

  test("keeps the sums of more names than it was made for", () => {
    const tally = new Tally();
    const names = Array.from({ length: 500 }, (_, place) => `operation ${place}`);
    for (const [place, name] of names.entries()) tally.add(tally.slot(name), place);
    expect(names.map((name) => tally.get(name))).toEqual(names.map((_, place) => place));
    expect(tally.names()).toEqual(names);
    expect(tally.slot("operation 7")).toBe(7);
  });

  test("is 0 for what was never named", () => {
    expect(new Tally().get("nothing")).toBe(0);
  });

  test("refuses to repeat a sum beyond 2^53, by the sum's name", () => {
    const tally = new Tally();
    const repeat = tally.mark();
    tally.add(tally.slot("cpu ticks"), 2 ** 40);
    expect(() => repeat(2 ** 13)).toThrow(Overflow);
    expect(() => repeat(2 ** 13)).toThrow("cpu ticks exceeds 2^53");
  });
});
