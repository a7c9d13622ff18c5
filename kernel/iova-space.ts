import type { Bar } from "../fabric/topology.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Recycler } from "./recycler.ts";

/** Below the interrupts and what else x86 keeps under 4 GiB. */
const LOW_TOP = 0xfec00000;
const LOW_FLOOR = 2 ** 24;
const HIGH_FLOOR = 2 ** 32;
/** What four levels of an IOMMU's table reach (VT-d, 48 bits). */
const HIGH_TOP = 2 ** 48;

/**
 * The IO virtual addresses of a machine: from the top of 32 bits down, and only when none is free there from the top of what the tables
 * reach, as intel_alloc_iova of Linux 4.9 does for a device of a 64-bit mask. Addresses of PCI windows are kept out
 * (dmar_init_reserved_ranges): below a switch they would mean a neighbour.
 */
export class IovaSpace implements Recurrent {
  readonly #low: Recycler;
  readonly #high: Recycler;

  constructor(bars: readonly Bar[]) {
    const lowest = Math.min(LOW_TOP, ...bars.map(({ base }) => base as number).filter((base) => base < LOW_TOP));
    const highest = Math.max(HIGH_FLOOR, ...bars.map(({ base, size }) => base + size));
    this.#low = new Recycler(LOW_FLOOR, lowest, true);
    this.#high = new Recycler(highest, HIGH_TOP, true);
  }

  /** The first address of a free range, aligned to its length rounded up to a power of two; undefined where none is left. */
  take(length: number): number | undefined {
    const align = 2 ** Math.ceil(Math.log2(length));
    return this.#low.take(length, align) ?? this.#high.take(length, align);
  }

  give(address: number, length: number): void {
    (address < HIGH_FLOOR ? this.#low : this.#high).give(address, length);
  }

  writeState(out: StateWriter): void {
    this.#low.writeState(out);
    this.#high.writeState(out);
  }
}
