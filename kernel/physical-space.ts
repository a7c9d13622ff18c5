import type { AddressMap } from "../fabric/address-map.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Bytes, bytes, type PhysAddr, physAddr } from "../sim/units.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Addresses that somebody reserved although nothing on the bus answers to them. */
export interface Reserved {
  readonly base: PhysAddr;
  readonly size: Bytes;
}

/** x86-64 of Linux 4.9: MAX_PHYSMEM_BITS is 46. */
const TOP = 2 ** 46;

/** The resource tree of physical addresses (iomem_resource): memory, BARs, and what was requested beside them. */
export class PhysicalSpace implements Recurrent {
  readonly #addresses: AddressMap;
  readonly #reserved: Reserved[] = [];

  constructor(addresses: AddressMap) {
    this.#addresses = addresses;
  }

  /** Requests a range that nothing lies in, the highest one that is a multiple of its size, rounded up to `granule`, below the top. */
  reserve(owner: string, size: Bytes, granule: number): Reserved | Refusal {
    const length = Math.ceil(size / granule) * granule;
    for (let base = TOP - length; base > length; base -= length) {
      const taken = this.#reserved.some((other) => base < other.base + other.size && other.base < base + length);
      if (taken || this.#addresses.overlaps(base, base + length)) continue;
      const reserved = { base: physAddr(base), size: bytes(length) };
      this.#reserved.push(reserved);
      return reserved;
    }
    return refuse({
      errno: "ENOMEM",
      who: "the resource tree",
      whom: owner,
      why: `no ${length} bytes of physical addresses are unused`,
      remedy: "a processor with more address bits",
    });
  }

  release(reserved: Reserved): void {
    this.#reserved.splice(this.#reserved.indexOf(reserved), 1);
  }

  writeState(out: StateWriter): void {
    for (const { base } of this.#reserved) out.put(base);
  }
}
