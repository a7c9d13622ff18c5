/** Applies `times` more repetitions of what was added since a mark. */
export type Repeat = (times: number) => void;

/**
 * A sum that only grows, and so never recurs. A leap over whole periods adds to it what one period added, as often as periods are
 * skipped; that is exact because the periods are equal.
 */
export interface Cumulative {
  mark(): Repeat;
}
