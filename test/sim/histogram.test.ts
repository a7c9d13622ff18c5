import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram } from "../../sim/histogram.ts";
import { Overflow } from "../../sim/overflow.ts";

/** Spans of every order of magnitude, and those about a power of two, where buckets meet. */
const span = fc.oneof(
  fc.nat(2000),
  fc.nat(2 ** 31 - 1),
  fc.maxSafeNat(),
  fc.tuple(fc.integer({ min: 9, max: 52 }), fc.integer({ min: -2, max: 2 })).map(([power, off]) => 2 ** power + off),
);
const spans = fc.array(span, { minLength: 1, maxLength: 60 });
const share = fc.constantFrom(0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1);

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
};

/** Exactly, rounded down to 2^-10. */
const meanOf = (values: readonly number[]): number =>
  Number((values.reduce((sum, value) => sum + BigInt(value), 0n) * 1024n) / BigInt(values.length)) / 1024;

const everything = (histogram: Histogram): readonly number[] => [
  histogram.count,
  histogram.least,
  histogram.most,
  histogram.mean,
  ...[0, 0.25, 0.5, 0.99, 0.999, 1].map((each) => histogram.quantile(each)),
];

describe("A histogram", () => {
  test("tells quantiles to one part in 1024, from below, and exactly up to 1024", () => {
    fc.assert(
      fc.property(spans, share, (values, each) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(each * values.length) - 1)] ?? Number.NaN;
        const told = histogramOf(values).quantile(each);
        expect(told).toBeLessThanOrEqual(exact);
        expect(told).toBeGreaterThan(exact * (1 - 1 / 1024) - (exact === 0 ? 1 : 0));
        if (exact <= 1024) expect(told).toBe(exact);
      }),
      { numRuns: 500 },
    );
  });

  test("tells count, least, most and mean exactly", () => {
    fc.assert(
      fc.property(spans, (values) => {
        const histogram = histogramOf(values);
        expect([histogram.count, histogram.least, histogram.most]).toEqual([
          values.length,
          Math.min(...values),
          Math.max(...values),
        ]);
        expect(histogram.mean).toBe(meanOf(values));
      }),
      { numRuns: 500 },
    );
  });

  test("keeps the mean exact where the sum is far beyond 2^53", () => {
    const histogram = histogramOf([2 ** 45 + 1, 2 ** 45 + 1, 2 ** 45 + 4]);
    expect(histogram.mean).toBe(2 ** 45 + 2);
    const many = new Histogram();
    const again = many.mark();
    for (const value of [2 ** 42 + 1, 2 ** 42 + 3]) many.add(value);
    again(2 ** 40 - 1);
    expect([many.count, many.mean]).toEqual([2 ** 41, 2 ** 42 + 2]);
  });

  test("repeating a period is the same as living through it again", () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 20 }), spans, fc.nat(20), (before, period, times) => {
        const leapt = histogramOf(before);
        const repeat = leapt.mark();
        for (const value of period) leapt.add(value);
        repeat(times);
        const lived = histogramOf(before);
        for (let time = 0; time <= times; time += 1) for (const value of period) lived.add(value);
        expect(everything(leapt)).toEqual(everything(lived));
      }),
    );
  });

  test("is 0 throughout where nothing was added", () => {
    const { count, most, mean } = new Histogram();
    expect([count, most, mean, new Histogram().quantile(0.5)]).toEqual([0, 0, 0, 0]);
  });

  test("refuses to count beyond 2^53", () => {
    const histogram = new Histogram();
    const repeat = histogram.mark();
    histogram.add(1);
    expect(() => repeat(2 ** 53)).toThrow(Overflow);
  });
});
