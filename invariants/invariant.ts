import type { Event } from "../record/event.ts";
import type { Verdict } from "../record/verdict.ts";
import type { Recurrent } from "../sim/recurrent.ts";
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
