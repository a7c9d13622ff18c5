import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { Countdown } from "../sim/countdown.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Bytes, PAGE_BYTES, type PhysAddr, pagesSpanned, pfnOf } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { BarWindows } from "./bar-windows.ts";
import type { Cpu } from "./cpu.ts";
import type { PageRange } from "./pages.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** struct pages made for a range of device memory (struct dev_pagemap), and the references that keep it from being taken down. */
export class PageMap {
  readonly range: PageRange;
  /** percpu_ref of the map: one per page reference, taken by get_dev_pagemap. */
  readonly users: Countdown;
  live: boolean = true;
  constructor(range: PageRange, users: Countdown) {
    this.range = range;
    this.users = users;
  }
}

/**
 * devm_memremap_pages as of Linux 4.9 with MEMREMAP_WC for IO memory: sections of 128 MiB, one map per section, memmap in system
 * memory. There is no page-free callback: who allocated the memory behind a page is not told when its last reference goes.
 */
export class PageMaps implements Recurrent {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #sectionBytes: number;
  readonly #structPage: number;
  readonly #windows: BarWindows;
  readonly #maps: PageMap[] = [];
  #metadata = 0;
  #peak = 0;

  constructor(awaited: Awaited, clock: Clock, cpu: Cpu, parameters: Parameters, windows: BarWindows) {
    this.#windows = windows;
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#sectionBytes = parameters.amount("kernel.section_bytes");
    this.#structPage = parameters.amount("kernel.struct_page");
  }

  /** What a map is rounded out to. */
  get sectionBytes(): number {
    return this.#sectionBytes;
  }

  /** Makes struct pages for [base, base + size), rounded out to whole sections. */
  memremap(owner: string, base: PhysAddr, size: Bytes): Task<PageMap | Refusal> {
    return this.#awaited.call(this.#memremap(owner, base, size));
  }

  *#memremap(owner: string, base: PhysAddr, size: Bytes): Task<PageMap | Refusal> {
    this.#awaited.begin();
    const section = this.#sectionBytes;
    const from = Math.floor(base / section) * section;
    const to = Math.ceil((base + size) / section) * section;
    yield* this.#cpu.run("cpu.page_map_fixed", 1);
    const taken = this.#maps.find(
      ({ range }) => range.first * PAGE_BYTES < to && from < (range.first + range.count) * PAGE_BYTES,
    );
    if (taken)
      return refuse({
        errno: "EBUSY",
        who: "devm_memremap_pages",
        whom: owner,
        why: `another device's pages already lie in the same section of ${section} bytes`,
        remedy: "place the two BARs in different sections, or use a kernel with sub-sections (5.3)",
      });
    const count = (to - from) / PAGE_BYTES;
    const map = new PageMap(
      { first: pfnOf(from as PhysAddr), count, device: true },
      new Countdown(this.#clock, `references to pages of ${owner}`),
    );
    this.#maps.push(map);
    this.#windows.page(map, base, base + size);
    this.#metadata += count * this.#structPage;
    this.#peak = Math.max(this.#peak, this.#metadata);
    yield* this.#cpu.run("cpu.memmap_init_page", count);
    return map;
  }

  /** The pages of a span within a map. */
  pagesOf(map: PageMap, physical: PhysAddr, length: number): PageRange {
    const first = pfnOf(physical);
    const count = pagesSpanned(physical, length);
    if (first < map.range.first || first + count > map.range.first + map.range.count)
      throw new RangeError("a span lies outside its page map");
    return { first, count, device: true };
  }

  /** Takes a map down: no new references, then waits until the last one is gone. */
  release(map: PageMap): Task<void> {
    return this.#awaited.call(this.#release(map));
  }

  *#release(map: PageMap): Task<void> {
    this.#awaited.begin();
    map.live = false;
    this.#cpu.leave();
    yield* map.users.wait();
    yield* this.#cpu.run("cpu.page_map_fixed", 1);
    this.#maps.splice(this.#maps.indexOf(map), 1);
    this.#windows.release(map, "paged");
    this.#metadata -= map.range.count * this.#structPage;
  }

  /** The live map that a page belongs to (get_dev_pagemap). */
  of(first: number): PageMap | undefined {
    return this.#maps.find(({ range, live }) => live && first >= range.first && first < range.first + range.count);
  }

  /** System memory taken by the struct pages, at its peak. */
  get peakBytes(): number {
    return this.#peak;
  }

  writeState(out: StateWriter): void {
    for (const { range, users, live } of this.#maps) {
      out.put(range.first);
      out.put(users.left);
      out.put(live ? 1 : 0);
    }
  }
}
