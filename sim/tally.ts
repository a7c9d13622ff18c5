import type { Cumulative, Repeat } from "./cumulative.ts";
import { exact } from "./overflow.ts";

/** Named sums of a run: operations done, ticks of CPU, bytes of memory traffic. */
export class Tally implements Cumulative {
  readonly #slots = new Map<string, number>();
  #sums = new Float64Array(64);

  /** The slot of a name, for the hot path. */
  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(name, slot);
    if (slot === this.#sums.length) {
      const wider = new Float64Array(2 * slot);
      wider.set(this.#sums);
      this.#sums = wider;
    }
    return slot;
  }

  add(slot: number, amount: number): void {
    this.#sums[slot] = (this.#sums[slot] ?? 0) + amount;
  }

  get(name: string): number {
    const slot = this.#slots.get(name);
    return slot === undefined ? 0 : (this.#sums[slot] ?? 0);
  }

  names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  mark(): Repeat {
    const then = this.#sums.slice();
    return (times) => {
      for (const [name, slot] of this.#slots) {
        const now = this.#sums[slot] ?? 0;
        this.#sums[slot] = exact(now + times * (now - (then[slot] ?? 0)), name);
      }
    };
  }
}
