import { PAGE_BYTES, type PhysAddr, physAddr } from "../sim/units.ts";
import type { Graph } from "./graph.ts";

const FOUR_GIB = 2 ** 32;
/** Where x86 takes message-signalled interrupts (Intel SDM vol. 3, 11.11). */
const INTERRUPTS = 0xfee00000;

/** Who answers to an address: BARs where the dump says they are, memory from 4 GiB up where no BAR is in the way. */
export interface Claim {
  readonly node: number;
  readonly base: number;
  readonly end: number;
}

export class AddressMap {
  readonly #claims: readonly Claim[];
  readonly #memory = new Map<number, Claim>();
  readonly #interrupts = new Map<number, number>();

  constructor(graph: Graph) {
    const at = (name: string): number => graph.nodeOf.get(name) ?? -1;
    const { sockets } = graph.tree.topology;
    const claims: Claim[] = graph.tree.devices.flatMap(({ endpoint }) =>
      endpoint.bars.map(({ base, size }) => ({ node: at(endpoint.id), base, end: base + size })),
    );
    let base = memoryBase(
      claims,
      sockets.reduce((sum, { memory }) => sum + memory, 0),
    );
    for (const { id, memory } of sockets) {
      const claim = { node: at(`memory ${id}`), base, end: base + memory };
      this.#memory.set(id, claim);
      const interrupts = INTERRUPTS + id * PAGE_BYTES;
      this.#interrupts.set(id, interrupts);
      claims.push(claim, { node: at(`interrupts ${id}`), base: interrupts, end: interrupts + PAGE_BYTES });
      base += memory;
    }
    this.#claims = claims;
  }

  /** The node that answers to an address on the bus or in the root complex; -1 where nobody does. Host bridges add no offset here. */
  claim(address: number): number {
    for (const { node, base, end } of this.#claims) if (address >= base && address < end) return node;
    return -1;
  }

  /** Whether anybody answers to an address of [from, to). */
  overlaps(from: number, to: number): boolean {
    return this.#claims.some(({ base, end }) => from < end && base < to);
  }

  memory(socket: number): Claim {
    const claim = this.#memory.get(socket);
    if (claim === undefined) throw new RangeError(`socket ${socket} has no memory`);
    return claim;
  }

  interrupts(socket: number): PhysAddr {
    return physAddr(this.#interrupts.get(socket) ?? INTERRUPTS);
  }

  /** Message-signalled interrupts are not remapped in this model. */
  isInterrupt(address: number): boolean {
    return address >= INTERRUPTS && address < INTERRUPTS + 2 ** 20;
  }
}

/** The lowest place from 4 GiB up where all memory fits between the BARs. */
function memoryBase(claims: readonly Claim[], size: number): number {
  let base = FOUR_GIB;
  for (const { base: from, end } of [...claims].sort((a, b) => a.base - b.base))
    if (from < base + size && end > base) base = Math.ceil(end / FOUR_GIB) * FOUR_GIB;
  return base;
}
