import type { Result } from "../../record/result.ts";
import { median } from "../numeral.ts";
import { measureOf } from "../point.ts";

/** How many times a rival has what the control has: the middle of the repetitions, and their range. */
export interface Factor {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** What is nearer than this is level, too: one run has no range to go by, and the range of a few says little. */
const LEVEL = 0.02;

/** One number of a cell, for the cell as a whole. */
export interface Yardstick {
  readonly metric: string;
  readonly stat: string;
}

export const THROUGHPUT: Yardstick = { metric: "throughput", stat: "mean" };
export const CPU: Yardstick = { metric: "cpu_time_per_byte", stat: "mean" };

/** Repetitions are held against each other one by one: the same draw of constants went into both. */
export function factorOf(
  rival: readonly Result[],
  control: readonly Result[],
  { metric, stat }: Yardstick,
): Factor | undefined {
  const value = (result: Result | undefined) => result && measureOf(result, metric, stat)?.value;
  const factors = rival.flatMap((result) => {
    const mine = value(result);
    const theirs = value(control.find(({ cell }) => cell.rep === result.cell.rep));
    return mine === undefined || theirs === undefined || theirs <= 0 ? [] : [mine / theirs];
  });
  if (factors.length === 0) return undefined;
  return { middle: median(factors), low: Math.min(...factors), high: Math.max(...factors), runs: factors.length };
}

/** 1 where it is more beyond doubt, -1 where it is less, 0 where it is level: 1 is within the range, or nearer than 2 %. */
export function sideOf({ middle, low, high }: Factor): -1 | 0 | 1 {
  if ((low <= 1 && high >= 1) || Math.abs(middle - 1) <= LEVEL) return 0;
  return middle > 1 ? 1 : -1;
}

/** Whether one factor cannot be told from the best: their ranges overlap, or they are nearer than 2 %. */
export const level = (one: Factor, best: Factor): boolean =>
  (one.low <= best.high && one.high >= best.low) || Math.abs(one.middle - best.middle) <= LEVEL * best.middle;
