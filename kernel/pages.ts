import type { Event } from "../record/event.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Stream } from "../sim/stream.ts";
import { PAGE_BYTES, type Pfn, pfn } from "../sim/units.ts";
import { RangeCounts } from "./ranges.ts";

/** Pages that follow each other, of system memory or, where `device` is set, of a device's ZONE_DEVICE map. */
export interface PageRange {
  readonly first: Pfn;
  readonly count: number;
  readonly device: boolean;
}

/** struct page as far as it matters here: who holds a reference. Kept as ranges, since a gigabyte has a quarter of a million of them. */
export class Pages implements Recurrent {
  readonly #clock: Clock;
  readonly #history: Stream<Event>;
  readonly #references = new RangeCounts();
  #held = 0;
  #peak = 0;

  constructor(clock: Clock, history: Stream<Event>) {
    this.#clock = clock;
    this.#history = history;
  }

  /** Pages [from, to) of a run, counted from its first. */
  part({ first, device }: PageRange, from: number, to: number): PageRange {
    return { first: pfn(first + from), count: to - from, device };
  }

  /** get_page on each of them. */
  get({ first, count, device }: PageRange): void {
    this.#references.add(first, first + count, 1);
    this.#held += count;
    if (this.#held > this.#peak) this.#peak = this.#held;
    this.#history.note({ kind: "page-get", at: this.#clock.now, first, count, device });
  }

  /** put_page on each of them. */
  put({ first, count, device }: PageRange): void {
    this.#references.add(first, first + count, -1);
    this.#held -= count;
    this.#history.note({ kind: "page-put", at: this.#clock.now, first, count, device });
  }

  /** A CPU copies to or from them through the kernel's linear map, whatever lies behind. */
  copied({ first, count, device }: PageRange): void {
    this.#history.note({ kind: "cpu-copied", at: this.#clock.now, first, count, device });
  }

  /** Whether anybody holds one of them. */
  referenced(range: PageRange): boolean {
    return this.#references.most(range.first, range.first + range.count) > 0;
  }

  get heldBytes(): number {
    return this.#held * PAGE_BYTES;
  }
  get peakBytes(): number {
    return this.#peak * PAGE_BYTES;
  }

  writeState(out: StateWriter): void {
    this.#references.writeState(out);
  }
}
