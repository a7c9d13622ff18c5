import type { Task } from "../sim/activity.ts";
import type { VirtAddr } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { PageMap, PageMaps } from "./page-map.ts";
import type { PageRange, Pages } from "./pages.ts";
import type { Process } from "./process.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Pages held by get_user_pages until put. */
export interface PinnedPages {
  readonly range: PageRange;
  /** The map whose references were taken with them, for device pages. */
  readonly map: PageMap | undefined;
}

/** get_user_pages of Linux 4.9: an address becomes held pages, of memory or, through devmap entries, of a device alike. */
export class GetUserPages {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #pages: Pages;
  readonly #maps: PageMaps;

  constructor(awaited: Awaited, cpu: Cpu, pages: Pages, maps: PageMaps) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#pages = pages;
    this.#maps = maps;
  }

  get(process: Process, address: VirtAddr, length: number): Task<PinnedPages | Refusal> {
    return this.#awaited.call(this.#get(process, address, length));
  }

  *#get(process: Process, address: VirtAddr, length: number): Task<PinnedPages | Refusal> {
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
    yield* this.#cpu.run("cpu.gup_page", range.count, (from, to) => this.#pages.get(this.#pages.part(range, from, to)));
    return { range, map };
  }

  /** put_page on all of them. */
  put(pinned: PinnedPages): Task<void> {
    return this.#awaited.call(this.#put(pinned));
  }

  *#put({ range, map }: PinnedPages): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.put_page", range.count, (from, to) => {
      this.#pages.put(this.#pages.part(range, from, to));
      map?.users.finish(to - from);
    });
  }
}

const badAddress = (why: string, remedy: string): Refusal =>
  refuse({ errno: "EFAULT", who: "get_user_pages", whom: "the calling process", why, remedy });
