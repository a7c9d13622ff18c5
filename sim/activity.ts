/** Yielded by an activity that sleeps until somebody wakes it. */
export const PARKED = -1;
/** An activity yields the span that it sleeps, or PARKED, and returns its result. */
export type Task<T> = Generator<number, T, void>;

/** A running task: what it has observed since it was spawned is its state, since its code sees nothing else. */
export class Activity {
  readonly slot: number;
  name: string;
  body: Task<void>;
  /** Operations begun and values seen, in order: the first `seen` numbers. The array is the slot's, used again by its next task. */
  readonly observed: number[];
  seen: number = 0;
  /** When it will run next; Infinity while parked. */
  wakesAt: number = Number.POSITIVE_INFINITY;
  /** What it waits for, and who has it, in words when asked: `hung` names both. */
  waitsFor: { toString(): string } = "";
  /** Stands outside the recurring system (a fault, a deadline): caps a leap and is not in the signature. */
  readonly exogenous: boolean;
  done: boolean = false;
  /** Which job it belongs to, by number: that of the task that spawned it, unless said otherwise. */
  job: number = 0;
  /** Runs code that is not the simulator's: only a primitive may let it sleep. */
  guest: boolean = false;
  /** What its slot goes on with when it ends. */
  successor: { readonly body: Task<void>; readonly given: readonly number[] } | undefined;
  constructor(slot: number, name: string, body: Task<void>, observed: number[], exogenous: boolean) {
    this.slot = slot;
    this.name = name;
    this.body = body;
    this.observed = observed;
    this.exogenous = exogenous;
  }
}
