import type { Task } from "../sim/activity.ts";
import { PAGE_BYTES, virtAddr } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { MmuNotifiers } from "./mmu-notifier.ts";
import type { Pages } from "./pages.ts";
import type { Process } from "./process.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Vma } from "./vma.ts";

/** Pages [from, to) of a vma, between the two halves of their migration: no entry names them. */
export interface Unmapped {
  readonly vma: Vma;
  /** Entries that were taken away: one for each page, however large. */
  readonly entries: number;
}

/**
 * Page migration of Linux 4.9 (mm/migrate.c): pages are isolated and unmapped, copied by whoever migrates them, and their new pages
 * take their place. A page to which anybody else holds a reference does not move.
 */
export class Migration {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #pages: Pages;
  readonly #notifiers: MmuNotifiers;

  constructor(awaited: Awaited, cpu: Cpu, pages: Pages, notifiers: MmuNotifiers) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#pages = pages;
    this.#notifiers = notifiers;
  }

  /**
   * Tells the mirrors, then takes the entries of [from, to), counted in pages of 4 KiB, away, one by one. Refuses what is pinned. A larger
   * page moves whole, as it has since Linux 4.14; before, it was split first.
   */
  unmap(process: Process, vma: Vma, from: number, to: number): Task<Unmapped | Refusal> {
    return this.#awaited.call(this.#unmap(process, vma, from, to));
  }

  *#unmap(process: Process, vma: Vma, from: number, to: number): Task<Unmapped | Refusal> {
    this.#awaited.begin();
    yield* this.#notifiers.start(vma);
    const count = to - from;
    const entries = (count * PAGE_BYTES) / vma.page;
    yield* this.#cpu.run("cpu.migrate_unmap_page", entries);
    const address = virtAddr(vma.start + from * PAGE_BYTES);
    if (process.present(vma, from, to) && this.#pages.referenced(process.pagesOf(vma, address, count * PAGE_BYTES))) {
      this.#notifiers.end(vma);
      return refuse({
        errno: "EBUSY",
        who: "page migration",
        whom: "the calling process",
        why: "somebody holds references to the pages, and pinned pages do not move",
        remedy: "release what was registered or is under way on them",
      });
    }
    process.clear(vma, from, to);
    return { vma, entries };
  }

  /** The new pages have been filled: locks and migration entries go, and the mirrors may fault again. */
  finish(unmapped: Unmapped): Task<void> {
    return this.#awaited.call(this.#finish(unmapped));
  }

  *#finish({ vma, entries }: Unmapped): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.migrate_finish_page", entries);
    this.#notifiers.end(vma);
  }
}
