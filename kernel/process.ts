import type { Task } from "../sim/activity.ts";
import { DONE } from "../sim/done.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Bytes, PAGE_BYTES, type Pfn, pfn, type VirtAddr, virtAddr } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { PageRange } from "./pages.ts";
import { RangeCounts } from "./ranges.ts";
import { Recycler } from "./recycler.ts";

/** What lies behind a part of a process's address space. */
export interface Vma {
  readonly start: VirtAddr;
  readonly length: Bytes;
  /** `anonymous`: system memory; `devmap`: pages of a ZONE_DEVICE map, entered by the driver's fault handler. */
  readonly kind: "anonymous" | "devmap";
  readonly first: Pfn;
}

const MMAP_FROM = 2 ** 32;
const MMAP_TO = 2 ** 46;

/** A process's memory: its VMAs, and which of their pages have a page table entry. */
export class Process implements Recurrent {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #space = new Recycler(MMAP_FROM, MMAP_TO);
  readonly #vmas: Vma[] = [];
  readonly #present = new RangeCounts();

  constructor(awaited: Awaited, cpu: Cpu) {
    this.#awaited = awaited;
    this.#cpu = cpu;
  }

  /** mmap of pages that the caller has set aside; entries appear as they are touched. */
  mmap(kind: Vma["kind"], pages: PageRange): Task<Vma> {
    return this.#awaited.call(this.#mmap(kind, pages));
  }

  *#mmap(kind: Vma["kind"], pages: PageRange): Task<Vma> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.mmap", 1);
    const length = pages.count * PAGE_BYTES;
    const start = this.#space.take(length, PAGE_BYTES);
    if (start === undefined) throw new RangeError("a process ran out of address space");
    const vma: Vma = { start: virtAddr(start), length: length as Bytes, kind, first: pages.first };
    this.#vmas.push(vma);
    return vma;
  }

  munmap(vma: Vma): Task<void> {
    return this.#awaited.call(this.#munmap(vma));
  }

  *#munmap(vma: Vma): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.mmap", 1);
    const from = vma.start / PAGE_BYTES;
    const to = from + vma.length / PAGE_BYTES;
    for (let page = from; page < to; page += 1)
      if (this.#present.most(page, page + 1) > 0) this.#present.add(page, page + 1, -1);
    this.#vmas.splice(this.#vmas.indexOf(vma), 1);
    this.#space.give(vma.start, vma.length);
  }

  vmaAt(address: VirtAddr, length: number): Vma | undefined {
    return this.#vmas.find(({ start, length: size }) => address >= start && address + length <= start + size);
  }

  /** Enters what is missing of [address, address + length), one fault a page. */
  faultIn(vma: Vma, address: VirtAddr, length: number): Task<void> {
    const from = Math.floor(address / PAGE_BYTES);
    const to = Math.ceil((address + length) / PAGE_BYTES);
    const missing = to - from - this.#present.covered(from, to);
    return missing === 0 ? DONE : this.#fault(vma, from, to, missing);
  }

  *#fault(vma: Vma, from: number, to: number, missing: number): Task<void> {
    yield* this.#cpu.run(vma.kind === "anonymous" ? "cpu.fault_anonymous" : "cpu.fault_device", missing);
    for (let page = from; page < to; page += 1)
      if (this.#present.most(page, page + 1) === 0) this.#present.add(page, page + 1, 1);
  }

  /** The pages behind a span of one VMA. */
  pagesOf(vma: Vma, address: VirtAddr, length: number): PageRange {
    const skipped = Math.floor(address / PAGE_BYTES) - vma.start / PAGE_BYTES;
    const count = Math.ceil((address + length) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES);
    return { first: pfn(vma.first + skipped), count, device: vma.kind === "devmap" };
  }

  writeState(out: StateWriter): void {
    this.#space.writeState(out);
    this.#present.writeState(out);
    for (const { start, length, first } of this.#vmas) {
      out.put(start);
      out.put(length);
      out.put(first);
    }
  }
}
