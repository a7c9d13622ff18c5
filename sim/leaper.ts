import type { Clock } from "./clock.ts";
import type { Cumulative, Repeat } from "./cumulative.ts";
import { type Recurrent, StateComparison, StateRecord } from "./recurrent.ts";

/** The work of a run, in equal pieces, most of them still to begin. */
export interface Work {
  /** Pieces begun so far. */
  readonly begun: number;
  /** Equal pieces not yet begun. */
  readonly left: number;
  /** Counts `pieces` of what is left as begun. */
  skip(pieces: number): void;
}

/** A state seen before, with the marks that say what was added since. */
interface Reference {
  readonly state: StateRecord;
  readonly at: number;
  readonly begun: number;
  readonly repeats: readonly Repeat[];
}

/**
 * Jumps over whole periods. When the state of everything equals an earlier one, what happened between repeats until the work ends or
 * something from outside interferes. A leap rewrites no state: it shortens the work left and moves the epoch.
 *
 * One reference state is kept and renewed after 1, 2, 4, 8... samples (Brent), so memory does not grow with the run.
 */
export class Leaper {
  readonly #clock: Clock;
  readonly #states: readonly Recurrent[];
  readonly #sums: readonly Cumulative[];
  readonly #work: Work;
  #reference: Reference | undefined;
  #samples = 0;
  #renewAt = 1;
  #skipped = 0;

  constructor(clock: Clock, states: readonly Recurrent[], sums: readonly Cumulative[], work: Work) {
    this.#clock = clock;
    this.#states = states;
    this.#sums = sums;
    this.#work = work;
  }

  /** Pieces of work that were skipped. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Looks at the state, at rest between two steps, and leaps where it has been seen before. */
  sample(): void {
    if (this.#work.left === 0) return;
    const reference = this.#reference;
    if (reference && this.#equals(reference.state)) {
      if (this.#leap(reference)) return;
    }
    this.#samples += 1;
    if (this.#samples >= this.#renewAt) {
      this.#renewAt *= 2;
      this.#renew();
    }
  }

  #equals(reference: StateRecord): boolean {
    const comparison = new StateComparison(reference);
    for (const part of this.#states) {
      part.writeState(comparison);
      if (comparison.differs) return false;
    }
    return comparison.equal;
  }

  #leap(reference: Reference): boolean {
    const span = this.#clock.epoch + this.#clock.now - reference.at;
    const pieces = this.#work.begun - reference.begun;
    if (pieces <= 0 || span <= 0) return false;
    const beforeHorizon = Math.floor((this.#clock.horizon() - this.#clock.epoch - this.#clock.now - 1) / span);
    const times = Math.min(Math.floor(this.#work.left / pieces), beforeHorizon);
    if (times < 1) return false;
    for (const repeat of reference.repeats) repeat(times);
    this.#work.skip(times * pieces);
    this.#skipped += times * pieces;
    this.#clock.leap(times * span);
    this.#reference = undefined;
    this.#renewAt = this.#samples + 1;
    return true;
  }

  #renew(): void {
    const state = new StateRecord();
    for (const part of this.#states) part.writeState(state);
    this.#reference = {
      state,
      at: this.#clock.epoch + this.#clock.now,
      begun: this.#work.begun,
      repeats: this.#sums.map((sum) => sum.mark()),
    };
  }
}
