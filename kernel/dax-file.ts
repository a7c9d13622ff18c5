import type { Task } from "../sim/activity.ts";
import { pfn } from "../sim/units.ts";
import type { Cpu } from "./cpu.ts";
import type { Extents } from "./extents.ts";
import type { PageRange } from "./pages.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Pager, Vma } from "./vma.ts";

/** A file of a file system with DAX: which blocks of the disk it has, and what a fault on a mapping of it finds. */
export class DaxFile implements Pager {
  readonly #cpu: Cpu;
  readonly #disk: string;
  readonly #free: Extents;
  #blocks: PageRange;

  constructor(cpu: Cpu, disk: string, free: Extents, blocks: PageRange) {
    this.#cpu = cpu;
    this.#disk = disk;
    this.#free = free;
    this.#blocks = blocks;
  }

  /** The frames of its blocks: one extent. */
  get blocks(): PageRange {
    return this.#blocks;
  }

  /** One fault a page, as the real file systems take: the exception and the entry, get_block and direct_access. */
  *fault(_vma: Vma, from: number, to: number): Task<PageRange | Refusal> {
    const { first, count, device } = this.#blocks;
    if (to > count)
      return refuse({
        errno: "EFAULT",
        who: "the file system",
        whom: this.#disk,
        why: "the file ends before the page that was touched (SIGBUS)",
        remedy: "do not truncate a file that is in use",
      });
    yield* this.#cpu.run("cpu.fault_device", to - from);
    yield* this.#cpu.run("cpu.dax_lookup", to - from);
    return { first: pfn(first + from), count: to - from, device };
  }

  /** Gives back all blocks from the `kept`-th on. */
  shorten(kept: number): void {
    const { first, count, device } = this.#blocks;
    if (kept >= count) return;
    this.#free.give(first + kept, count - kept);
    this.#blocks = { first, count: kept, device };
  }
}
