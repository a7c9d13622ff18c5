import type { Recurrent, StateWriter } from "../sim/recurrent.ts";

/**
 * Hands out pieces of an address range and takes them back. The lowest free piece of a size goes first (the highest, downwards), so
 * that what is free follows from what is taken, whatever the order of giving back. A cursor that only advanced would never return to a
 * state seen before, and a stack would return to it late.
 */
export class Recycler implements Recurrent {
  readonly #from: number;
  readonly #to: number;
  readonly #downwards: boolean;
  /** Free pieces by size, in the order away from the end that goes first. */
  readonly #free = new Map<number, number[]>();
  #cursor: number;

  /** `downwards` takes from the top, as the IOVA allocator does. */
  constructor(from: number, to: number, downwards: boolean = false) {
    this.#from = from;
    this.#to = to;
    this.#downwards = downwards;
    this.#cursor = downwards ? to : from;
  }

  /** The address of a free piece aligned to `align`; undefined where none is left. */
  take(size: number, align: number): number | undefined {
    const again = this.#free.get(size)?.pop();
    if (again !== undefined) return again;
    if (this.#downwards) {
      const address = Math.floor((this.#cursor - size) / align) * align;
      if (address < this.#from) return undefined;
      this.#cursor = address;
      return address;
    }
    const address = Math.ceil(this.#cursor / align) * align;
    if (address + size > this.#to) return undefined;
    this.#cursor = address + size;
    return address;
  }

  give(address: number, size: number): void {
    const free = this.#free.get(size) ?? [];
    this.#free.set(size, free);
    let at = free.length;
    while (at > 0 && this.#goesBefore(free[at - 1] ?? 0, address)) at -= 1;
    free.splice(at, 0, address);
  }

  /** The piece that is handed out first lies last. */
  #goesBefore(one: number, other: number): boolean {
    return this.#downwards ? one > other : one < other;
  }

  writeState(out: StateWriter): void {
    out.put(this.#cursor);
    for (const [size, free] of this.#free) {
      out.put(size);
      out.put(free.length);
      for (const address of free) out.put(address);
    }
  }
}
