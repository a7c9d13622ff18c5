import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StateComparison, StateRecord } from "../../sim/recurrent.ts";

const recordOf = (values: readonly number[]): StateRecord => {
  const record = new StateRecord();
  for (const value of values) record.put(value);
  return record;
};

const compare = (reference: readonly number[], values: readonly number[]): StateComparison => {
  const comparison = new StateComparison(recordOf(reference));
  for (const value of values) comparison.put(value);
  return comparison;
};

describe("A state", () => {
  const values = fc.array(fc.constantFrom(0, 1, -1, 2 ** 52), { maxLength: 12 });

  test("equals one recorded before where every number does, and there are as many", () => {
    fc.assert(
      fc.property(values, values, (reference, later) => {
        expect(compare(reference, later).equal).toBe(JSON.stringify(reference) === JSON.stringify(later));
        expect(compare(reference, reference).equal).toBe(true);
      }),
    );
  });

  test("that is only a beginning of the other is not equal, nor is one that goes on", () => {
    expect([compare([1, 2], [1]).equal, compare([1], [1, 2]).equal, compare([], []).equal]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("is known to differ from the first number that does, so that a writer may stop", () => {
    expect([
      compare([1, 2, 3], [1]).differs,
      compare([1, 2, 3], [1, 5]).differs,
      compare([1, 2, 3], [1, 5, 3]).equal,
    ]).toEqual([false, true, false]);
    expect(recordOf([1]).differs).toBe(false);
  });
});
