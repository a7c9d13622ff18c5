import type { PciFunction } from "../fabric/topology.ts";
import { type BusAddr, busAddr } from "../sim/units.ts";

/** Firmware puts 64-bit BARs high, out of the way of memory. */
const FROM = 2 ** 40;
/** Physical addresses of x86-64 in Linux 4.9 end here (MAX_PHYSMEM_BITS is 46). */
const TOP = 2 ** 46;

/** Addresses that no BAR of a machine has. */
export class FreeWindows {
  readonly #taken: { readonly base: number; readonly end: number }[];

  constructor(functions: readonly PciFunction[]) {
    this.#taken = functions
      .flatMap((each) => (each.kind === "endpoint" ? each.bars : []))
      .map(({ base, size }) => ({ base, end: base + size }));
  }

  /** Takes the lowest free window from 1 TiB up, on a multiple of its size (PCIe 7.5.1.2.1); undefined where none is left. */
  take(size: number): BusAddr | undefined {
    let base = Math.ceil(FROM / size) * size;
    for (const { base: from, end } of [...this.#taken].sort((a, b) => a.base - b.base))
      if (from < base + size && base < end) base = Math.ceil(end / size) * size;
    if (base + size > TOP) return undefined;
    this.#taken.push({ base, end: base + size });
    return busAddr(base);
  }
}
