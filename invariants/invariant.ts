import type { Event } from "../record/event.ts";
import type { Verdict } from "../record/verdict.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Stream } from "../sim/stream.ts";

/** What must always hold, as a judge of the event stream. */
export interface Invariant {
  readonly contract: 1;
  /** Named by the state that it demands. */
  readonly name: string;
  readonly statement: string;
  /** A fresh judge for one run, already listening. */
  readonly watch: (history: Stream<Event>) => Judge;
}

/**
 * A judge of one run. What it remembers is part of the state that a leap compares, relative to its own counters: a judge whose memory
 * only grows would be leapt over with a wrong verdict.
 */
export interface Judge extends Recurrent {
  /** After the last event. */
  verdict(): Finding;
}

export type Finding = Omit<Verdict, "invariant">;

export const holds = (because: string): Finding => ({ verdict: "holds", because });
export const broken = (because: string): Finding => ({ verdict: "broken", because });
export const unknown = (because: string): Finding => ({ verdict: "unknown", because });

/** Remembers the first breach in words, and that there were more; and whether anything was seen that could have been one. */
export class FirstBreach {
  #first: string | undefined;
  #several = false;
  #seen = false;

  /** Something happened that the invariant speaks of. */
  saw(): void {
    this.#seen = true;
  }

  breach(words: string): void {
    if (this.#first === undefined) this.#first = words;
    else this.#several = true;
  }

  finding(whenHeld: string, whenUnseen: string): Finding {
    if (this.#first !== undefined) return broken(this.#several ? `${this.#first}, and not only once` : this.#first);
    return this.#seen ? holds(whenHeld) : unknown(whenUnseen);
  }

  /** Once broken it stays so: the state says that, not how often. */
  writeState(out: StateWriter): void {
    out.put(this.#first === undefined ? 0 : this.#several ? 2 : 1);
    out.put(this.#seen ? 1 : 0);
  }
}
