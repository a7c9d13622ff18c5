import type { Recurrent, StateWriter } from "../sim/recurrent.ts";

/**
 * Hands out pieces of an address range and takes them back. What was given back last is handed out first, per size, as Linux's
 * per-CPU page lists and IOVA magazines do; a cursor that only advanced would never return to a state seen before.
 */
export class Recycler implements Recurrent {
  readonly #from: number;
  readonly #to: number;
  readonly #downwards: boolean;
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
    const free = this.#free.get(size);
    if (free) free.push(address);
    else this.#free.set(size, [address]);
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
