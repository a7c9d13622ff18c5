import type { StateWriter } from "../sim/recurrent.ts";
import { PAGE_BYTES } from "../sim/units.ts";
import type { IoPage } from "./io-range.ts";

/** What a Translation Completion says of one page: where it is, and which node answers there. */
export interface Translation {
  /** Its first address as the device knows it, and its size. */
  readonly from: number;
  readonly size: IoPage;
  readonly physical: number;
  readonly target: number;
}

/** A page that a Translation Request is under way for. */
export interface AskedPage {
  readonly page: number;
  /** What the root complex answers, from when it has looked; undefined until then, and where nothing is mapped. */
  answer: Translation | undefined;
  /** Invalidated since it was asked for: what comes is not kept (PCIe 10.3.2). */
  stale: boolean;
  /** The answer is that the device may not go there translated. */
  refused: boolean;
}

/**
 * A device's Address Translation Cache (PCIe 10.1): fully associative, least recently used out first. What is in it is believed by
 * everybody on the way, so it must not outlive its mapping: that is what invalidation is for.
 */
export class TranslationCache {
  readonly #capacity: number;
  readonly #entries = new Map<number, Translation>();
  readonly #asked = new Map<number, AskedPage>();
  /** What the device last got is what it expects of the next page. */
  #step: IoPage = PAGE_BYTES;
  /** Translation Requests so far, and pages that were dropped because they were invalidated. */
  requests = 0;
  dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The size of a page, as far as the device can guess. */
  get step(): IoPage {
    return this.#step;
  }

  /** Pages that are asked for. */
  get waiting(): number {
    return this.#asked.size;
  }

  get size(): number {
    return this.#entries.size;
  }

  holds(address: number): boolean {
    return this.#find(address) !== undefined;
  }

  /** The translation of an address, which is thereby the last that would go. */
  use(address: number): Translation | undefined {
    const found = this.#find(address);
    if (found === undefined) return undefined;
    this.#entries.delete(found.from);
    this.#entries.set(found.from, found);
    return found;
  }

  #find(address: number): Translation | undefined {
    const small = this.#entries.get(address - (address % PAGE_BYTES));
    if (small !== undefined || this.#step === PAGE_BYTES) return small;
    const large = this.#entries.get(address - (address % this.#step));
    return large && address < large.from + large.size ? large : undefined;
  }

  askedFor(address: number): AskedPage | undefined {
    return this.#asked.get(address - (address % PAGE_BYTES));
  }

  ask(page: number): AskedPage {
    const asked: AskedPage = { page, answer: undefined, stale: false, refused: false };
    this.#asked.set(page, asked);
    this.requests += 1;
    return asked;
  }

  /** A Translation Completion has come: keeps what it says. */
  settle(asked: AskedPage): void {
    this.#asked.delete(asked.page);
    const { answer } = asked;
    if (answer === undefined || asked.stale) return;
    if (answer.size > this.#step) this.#step = answer.size;
    this.#entries.delete(answer.from);
    this.#entries.set(answer.from, answer);
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Drops what it has of a range, and what is on its way. */
  invalidate(from: number, length: number): void {
    for (const { from: first, size } of this.#entries.values()) {
      if (first >= from + length || first + size <= from) continue;
      this.#entries.delete(first);
      this.dropped += 1;
    }
    for (const asked of this.#asked.values())
      if (asked.page < from + length && asked.page + PAGE_BYTES > from) asked.stale = true;
  }

  writeState(out: StateWriter): void {
    out.put(this.#step);
    out.put(this.#entries.size);
    for (const { from, size, physical } of this.#entries.values()) {
      out.put(from);
      out.put(size);
      out.put(physical);
    }
    out.put(this.#asked.size);
    for (const { page, answer, stale } of this.#asked.values()) {
      out.put(page);
      out.put(answer?.physical ?? -1);
      out.put(stale ? 1 : 0);
    }
  }
}
