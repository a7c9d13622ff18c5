import type { Task } from "../sim/activity.ts";
import { Done } from "../sim/done.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Bytes, PAGE_BYTES, type Pfn, pfn, pfnOf, type VirtAddr, virtAddr } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { BarChunk } from "./bar-memory.ts";
import type { Cpu } from "./cpu.ts";
import type { MmuNotifiers } from "./mmu-notifier.ts";
import type { PageRange } from "./pages.ts";
import { RangeCounts } from "./ranges.ts";
import { Recycler } from "./recycler.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import type { Pager, Vma } from "./vma.ts";

/** A VMA and what its entries name: page n the frame `first` + n. */
interface Mapped extends Vma {
  first: Pfn;
  device: boolean;
}

/** All entries are there: nothing to wait for. */
const NOTHING_MISSING: Task<undefined> = new Done();

const MMAP_FROM = 2 ** 32;
const MMAP_TO = 2 ** 46;

/** A process's memory: its VMAs, and which of their pages have a page table entry. */
export class Process implements Recurrent {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #notifiers: MmuNotifiers;
  readonly #space = new Recycler(MMAP_FROM, MMAP_TO);
  readonly #vmas: Mapped[] = [];
  readonly #present = new RangeCounts();

  constructor(awaited: Awaited, cpu: Cpu, notifiers: MmuNotifiers) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#notifiers = notifiers;
  }

  /** mmap of pages that the caller has set aside, or that a pager will find; entries appear as they are touched. */
  mmap(kind: Exclude<Vma["kind"], "pfnmap">, pages: PageRange, pager?: Pager): Task<Vma> {
    return this.#awaited.call(this.#mmap(kind, pages, PAGE_BYTES, pager));
  }

  /** mmap of anonymous memory whose entries map larger pages each. */
  mmapLarge(pages: PageRange, page: number): Task<Vma> {
    return this.#awaited.call(this.#mmap("anonymous", pages, page));
  }

  *#mmap(kind: Vma["kind"], pages: PageRange, page: number, pager?: Pager, chunk?: BarChunk): Task<Vma> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.mmap", 1);
    const length = pages.count * PAGE_BYTES;
    if (length % page !== 0) throw new RangeError(`${length} B are no whole number of pages of ${page} B`);
    const start = this.#space.take(length, page);
    if (start === undefined) throw new RangeError("a process ran out of address space");
    const device = kind !== "anonymous";
    const vma: Mapped = {
      start: virtAddr(start),
      length: length as Bytes,
      page: page as Bytes,
      kind,
      pager,
      first: pages.first,
      device,
      ...(chunk && { chunk }),
    };
    this.#vmas.push(vma);
    return vma;
  }

  /** A driver's mmap of a piece of its device's memory that has no struct pages. */
  mmapChunk(chunk: BarChunk): Task<Vma> {
    const pages = { first: pfnOf(chunk.physical), count: Math.ceil(chunk.length / PAGE_BYTES), device: true };
    return this.#awaited.call(this.#mmap("pfnmap", pages, PAGE_BYTES, undefined, chunk));
  }

  munmap(vma: Vma): Task<void> {
    return this.#awaited.call(this.#munmap(vma));
  }

  *#munmap(vma: Vma): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.mmap", 1);
    yield* this.#notifiers.start(vma);
    this.clear(vma, 0, vma.length / PAGE_BYTES);
    this.#notifiers.end(vma);
    this.#vmas.splice(this.#vmas.indexOf(this.#mapped(vma)), 1);
    this.#space.give(vma.start, vma.length);
  }

  vmaAt(address: VirtAddr, length: number): Vma | undefined {
    return this.#vmas.find(({ start, length: size }) => address >= start && address + length <= start + size);
  }

  /** The VMAs whose pages somebody finds. */
  mappingsOf(pager: Pager): readonly Vma[] {
    return this.#vmas.filter((vma) => vma.pager === pager);
  }

  /** Takes the entries of pages [from, to) of a vma away (zap_page_range); whoever does so has told the mirrors. */
  clear(vma: Vma, from: number, to: number): void {
    const base = vma.start / PAGE_BYTES;
    for (let page = base + from; page < base + to; page += 1)
      if (this.#present.most(page, page + 1) > 0) this.#present.add(page, page + 1, -1);
  }

  /** Whether any of pages [from, to) of a vma has an entry. */
  present(vma: Vma, from: number, to: number): boolean {
    const base = vma.start / PAGE_BYTES;
    return this.#present.covered(base + from, base + to) > 0;
  }

  /** find_vma for a range: the one VMA that covers all of it, for a call that is about to look inside. */
  findVma(address: VirtAddr, length: number): Task<Vma | undefined> {
    return this.#awaited.call(this.#findVma(address, length));
  }

  *#findVma(address: VirtAddr, length: number): Task<Vma | undefined> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.find_vma", 1);
    return this.vmaAt(address, length);
  }

  /** Enters what is missing of [address, address + length), one fault a page. */
  faultIn(vma: Vma, address: VirtAddr, length: number): Task<Refusal | undefined> {
    const small = vma.page / PAGE_BYTES;
    const from = Math.floor(address / vma.page) * small;
    const to = Math.ceil((address + length) / vma.page) * small;
    const missing = to - from - this.#present.covered(from, to);
    return missing === 0 ? NOTHING_MISSING : this.#faultIn(this.#mapped(vma), from, to, missing);
  }

  *#faultIn(vma: Mapped, from: number, to: number, missing: number): Task<Refusal | undefined> {
    if (vma.pager) {
      const refusal = yield* this.#page(vma, vma.pager, from, to);
      if (refusal) return refusal;
    } else if (vma.kind === "anonymous") yield* this.#touch(vma.page, missing);
    else yield* this.#cpu.run("cpu.fault_device", missing);
    this.#present.fill(from, to);
    return undefined;
  }

  /** A fault for each entry. What an entry maps beyond the first 4 KiB has only to be cleared. */
  *#touch(page: Bytes, missing: number): Task<void> {
    const entries = (missing * PAGE_BYTES) / page;
    yield* this.#cpu.run("cpu.fault_anonymous", entries);
    yield* this.#cpu.run("cpu.clear", entries * (page - PAGE_BYTES));
  }

  /** Has a pager find the pages from the first missing one on. All entries of a vma name one run: scattered pages are left out. */
  *#page(vma: Mapped, pager: Pager, from: number, to: number): Task<Refusal | undefined> {
    let missing = from;
    while (this.#present.most(missing, missing + 1) > 0) missing += 1;
    const start = vma.start / PAGE_BYTES;
    const pages = yield* pager.fault(vma, missing - start, to - start);
    if (isRefusal(pages)) return pages;
    const first = pfn(pages.first - (missing - start));
    if (first !== vma.first && this.#present.covered(start, start + vma.length / PAGE_BYTES) > 0)
      throw new RangeError("the pages of a vma do not lie in one run");
    vma.first = first;
    vma.device = pages.device;
    return undefined;
  }

  /** The pages behind a span of one VMA. */
  pagesOf(vma: Vma, address: VirtAddr, length: number): PageRange {
    const { first, device } = this.#mapped(vma);
    const skipped = Math.floor(address / PAGE_BYTES) - vma.start / PAGE_BYTES;
    const count = Math.ceil((address + length) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES);
    return { first: pfn(first + skipped), count, device };
  }

  #mapped(vma: Vma): Mapped {
    const found = this.#vmas.find(({ start }) => start === vma.start);
    if (found === undefined) throw new RangeError("a vma is used that is no longer mapped");
    return found;
  }

  writeState(out: StateWriter): void {
    this.#space.writeState(out);
    this.#present.writeState(out);
    for (const { start, length, first, device } of this.#vmas) {
      out.put(start);
      out.put(length);
      out.put(first);
      out.put(device ? 1 : 0);
    }
  }
}
