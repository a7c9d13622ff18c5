import type { AddressMap } from "../fabric/address-map.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { PAGE_BYTES, pfnOf, physAddr } from "../sim/units.ts";
import type { PageRange } from "./pages.ts";
import { Recycler } from "./recycler.ts";

/** System memory by NUMA node, in runs of pages. Runs are contiguous: what fragmentation does to scatterlists is left out. */
export class SystemMemory implements Recurrent {
  readonly #addresses: AddressMap;
  readonly #nodes = new Map<number, Recycler>();

  constructor(addresses: AddressMap) {
    this.#addresses = addresses;
  }

  /** Undefined where the node has no such run left. */
  alloc(node: number, length: number): PageRange | undefined {
    const count = Math.ceil(length / PAGE_BYTES);
    const address = this.#node(node).take(count * PAGE_BYTES, PAGE_BYTES);
    return address === undefined ? undefined : { first: pfnOf(physAddr(address)), count, device: false };
  }

  free(node: number, { first, count }: PageRange): void {
    this.#node(node).give(first * PAGE_BYTES, count * PAGE_BYTES);
  }

  #node(node: number): Recycler {
    const known = this.#nodes.get(node);
    if (known) return known;
    const { base, end } = this.#addresses.memory(node);
    const recycler = new Recycler(base, end);
    this.#nodes.set(node, recycler);
    return recycler;
  }

  writeState(out: StateWriter): void {
    for (const recycler of this.#nodes.values()) recycler.writeState(out);
  }
}
