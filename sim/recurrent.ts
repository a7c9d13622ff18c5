/**
 * Whole-state leaping rests on one promise: everything stateful can write its state, relative to now, as numbers. Two instants with
 * equal writings have equal futures, so whole periods between them may be skipped (Ghamarian et al., ACSD 2006; docs/decisions.md).
 */
export interface StateWriter {
  /** Adds one number of the state. Times must be relative to now, identities relative to a counter that only grows. */
  put(value: number): void;
  /** True once the state already differs from the one compared with: the writer may stop early. */
  readonly differs: boolean;
}

export interface Recurrent {
  writeState(out: StateWriter): void;
}

/** Collects a state, for comparison with a later one. */
export class StateRecord implements StateWriter {
  readonly values: number[] = [];
  readonly differs: boolean = false;
  put(value: number): void {
    this.values.push(value);
  }
}

/** Compares a state, number by number, with one recorded before. */
export class StateComparison implements StateWriter {
  #next = 0;
  #differs = false;
  readonly #reference: readonly number[];
  constructor(reference: StateRecord) {
    this.#reference = reference.values;
  }
  put(value: number): void {
    if (this.#differs) return;
    if (this.#reference[this.#next] !== value) this.#differs = true;
    this.#next += 1;
  }
  get differs(): boolean {
    return this.#differs;
  }
  /** True when nothing differed and nothing of the reference is left over. */
  get equal(): boolean {
    return !this.#differs && this.#next === this.#reference.length;
  }
}
