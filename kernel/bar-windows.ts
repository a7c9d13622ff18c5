import type { Bar } from "../fabric/topology.ts";

interface Held {
  readonly window: Window;
  readonly bytes: number;
}

interface Window {
  readonly bar: Bar;
  /** By struct pages, which need no address of their own while somebody may pin them. */
  paged: number;
  /** By addresses that devices were given. */
  mapped: number;
}

/**
 * How much of the BARs must stay where it is because others use it: what has struct pages or an address in a device's hands. A mapping
 * of pages lies within them, so of the two the larger counts. Nothing is decided by it.
 */
export class BarWindows {
  readonly #windows: readonly Window[];
  readonly #held = new Map<object, Held>();
  #peak = 0;

  constructor(bars: readonly Bar[]) {
    this.#windows = bars.map((bar) => ({ bar, paged: 0, mapped: 0 }));
  }

  /** Struct pages were made for [from, to), if they lie on a BAR. */
  page(owner: object, from: number, to: number): void {
    this.#hold(owner, from, to, "paged");
  }

  /** A device may address [from, to) until its mapping goes. */
  map(mapping: object, from: number, to: number): void {
    this.#hold(mapping, from, to, "mapped");
  }

  release(owner: object, how: "paged" | "mapped"): void {
    const held = this.#held.get(owner);
    if (held) held.window[how] -= held.bytes;
    this.#held.delete(owner);
  }

  get peakBytes(): number {
    return this.#peak;
  }

  #hold(owner: object, from: number, to: number, how: "paged" | "mapped"): void {
    const window = this.#windows.find(({ bar }) => from < bar.base + bar.size && bar.base < to);
    if (window === undefined) return;
    const { bar } = window;
    const held: Held = { window, bytes: Math.min(to, bar.base + bar.size) - Math.max(from, bar.base) };
    this.#held.set(owner, held);
    window[how] += held.bytes;
    this.#peak = Math.max(
      this.#peak,
      this.#windows.reduce((sum, each) => sum + heldOf(each), 0),
    );
  }
}

/** The same piece may be mapped for two, and is there once. */
const heldOf = ({ bar, paged, mapped }: Window): number => Math.max(paged, Math.min(mapped, bar.size));
