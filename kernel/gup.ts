import type { Task } from "../sim/activity.ts";
import { PAGE_BYTES, type VirtAddr } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu, Effect } from "./cpu.ts";
import type { PageMap, PageMaps } from "./page-map.ts";
import type { PageRange, Pages } from "./pages.ts";
import type { PinContention } from "./pin-contention.ts";
import type { Process } from "./process.ts";
import { type Refusal, refuse } from "./refusal.ts";

/**
 * How references to the parts of a larger page are taken or dropped: for each 4 KiB by itself, or for all of one larger page at once, since
 * one counter, that of its head, counts them all.
 */
export type References = "page by page" | "compound page by compound page";

/** Pages held by get_user_pages until put. */
export interface PinnedPages {
  readonly range: PageRange;
  /** Larger pages, or pages of 4 KiB, that they lie in. */
  readonly compounds: number;
  /** The map whose references were taken with them, for device pages. */
  readonly map: PageMap | undefined;
}

/** get_user_pages of Linux 4.9: an address becomes held pages, of memory or, through devmap entries, of a device alike. */
export class GetUserPages {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #pages: Pages;
  readonly #maps: PageMaps;
  #contention: PinContention | undefined;

  constructor(awaited: Awaited, cpu: Cpu, pages: Pages, maps: PageMaps) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#pages = pages;
    this.#maps = maps;
  }

  /** From now on calls by several jobs write lines that the others write as well. */
  contend(contention: PinContention): void {
    this.#contention = contention;
  }

  /** gup_huge_pmd takes all references to a larger page at once; follow_hugetlb_page did it page by page until Linux 5.12. */
  get(
    process: Process,
    address: VirtAddr,
    length: number,
    references: References = "compound page by compound page",
  ): Task<PinnedPages | Refusal> {
    return this.#awaited.call(this.#get(process, address, length, references));
  }

  *#get(process: Process, address: VirtAddr, length: number, references: References): Task<PinnedPages | Refusal> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.gup_fixed", 1);
    const vma = process.vmaAt(address, length);
    if (vma === undefined) return badAddress("no mapping covers the whole range", "map the buffer before it is used");
    if (vma.kind === "pfnmap")
      return badAddress(
        "the mapping is of frames without struct pages (VM_PFNMAP)",
        "map memory that has struct pages",
      );
    const refusal = yield* process.faultIn(vma, address, length);
    if (refusal) return refusal;
    const range = process.pagesOf(vma, address, length);
    const map = range.device ? this.#maps.of(range.first) : undefined;
    if (range.device && map === undefined)
      return badAddress("the device's page map is going away", "retry after the driver is bound again");
    if (map) yield* this.#cpu.run("cpu.page_map_ref", range.count, (from, to) => map.users.add(to - from));
    if (this.#contention) yield* this.#contention.pinned(range, vma.page);
    const compounds = Math.ceil((address + length) / vma.page) - Math.floor(address / vma.page);
    const taken = (from: number, to: number): void => this.#pages.get(this.#pages.part(range, from, to));
    if (vma.page === PAGE_BYTES) yield* this.#cpu.run("cpu.gup_page", range.count, taken);
    else yield* this.#walkLarge(compounds, range.count, references, taken);
    return { range, compounds, map };
  }

  /** One look-up for each larger page, which then stands for all of its parts; each part is listed, as the caller wants pages. */
  *#walkLarge(compounds: number, count: number, references: References, taken: Effect): Task<void> {
    yield* this.#cpu.run("cpu.gup_page", compounds);
    if (references === "page by page") yield* this.#cpu.run("cpu.get_page", count);
    yield* this.#cpu.run("cpu.gup_subpage", count, taken);
  }

  /** put_page on all of them, one by one as in Linux 4.9; unpin_user_page_range_dirty_lock of 5.12 drops those of a larger page at once. */
  put(pinned: PinnedPages, references: References = "page by page"): Task<void> {
    return this.#awaited.call(this.#put(pinned, references));
  }

  *#put({ range, compounds, map }: PinnedPages, references: References): Task<void> {
    this.#awaited.begin();
    const dropped = (from: number, to: number): void => {
      this.#pages.put(this.#pages.part(range, from, to));
      map?.users.finish(to - from);
    };
    if (references === "page by page") yield* this.#cpu.run("cpu.put_page", range.count, dropped);
    else {
      const parts = (heads: number): number => Math.round((range.count * heads) / compounds);
      yield* this.#cpu.run("cpu.put_page", compounds, (from, to) => dropped(parts(from), parts(to)));
    }
  }
}

const badAddress = (why: string, remedy: string): Refusal =>
  refuse({ errno: "EFAULT", who: "get_user_pages", whom: "the calling process", why, remedy });
