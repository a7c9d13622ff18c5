import type { Bytes, Ticks } from "../sim/units.ts";

/** A span of addresses as a device puts them into its packets. */
export interface DmaSpan {
  readonly address: number;
  readonly length: number;
}

/**
 * What happened, in the past tense, as plain data. Judges and counters see nothing else. Ids of requests, mappings and transfers are
 * counters of this run; they mean nothing across runs.
 */
export type Event =
  | { readonly kind: "submitted"; readonly at: Ticks; readonly request: number; readonly length: Bytes }
  | {
      readonly kind: "served";
      readonly at: Ticks;
      readonly request: number;
      readonly length: Bytes;
      readonly error: string;
    }
  | {
      readonly kind: "refused";
      readonly at: Ticks;
      readonly request: number;
      readonly errno: string;
      readonly why: string;
    }
  | {
      readonly kind: "mapped";
      readonly at: Ticks;
      readonly mapping: number;
      readonly initiator: string;
      readonly spans: readonly DmaSpan[];
    }
  | { readonly kind: "unmapped"; readonly at: Ticks; readonly mapping: number }
  | {
      readonly kind: "dma-began";
      readonly at: Ticks;
      readonly transfer: number;
      readonly initiator: string;
      readonly address: number;
      readonly length: number;
      readonly payload: boolean;
    }
  | {
      readonly kind: "dma-landed";
      readonly at: Ticks;
      readonly transfer: number;
      readonly initiator: string;
      readonly address: number;
      readonly length: number;
      /** Bytes that reached the memory that the initiator was told to reach. */
      readonly delivered: number;
      /** What the initiator was told: a dropped posted write is "ok". */
      readonly told: "ok" | "unsupported-request" | "completion-timeout";
      readonly fault: string;
      readonly payload: boolean;
    }
  /** A CPU copied to or from pages that a caller handed in. */
  | {
      readonly kind: "cpu-copied";
      readonly at: Ticks;
      readonly first: number;
      readonly count: number;
      readonly device: boolean;
    }
  | {
      readonly kind: "page-get";
      readonly at: Ticks;
      readonly first: number;
      readonly count: number;
      readonly device: boolean;
    }
  | {
      readonly kind: "page-put";
      readonly at: Ticks;
      readonly first: number;
      readonly count: number;
      readonly device: boolean;
    }
  | { readonly kind: "credits-idle"; readonly at: Ticks; readonly link: string; readonly missing: number }
  | { readonly kind: "ended"; readonly at: Ticks };

export type EventKind = Event["kind"];
export type EventOf<K extends EventKind> = Extract<Event, { readonly kind: K }>;
