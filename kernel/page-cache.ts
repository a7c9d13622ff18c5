import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Awaited } from "./awaited.ts";
import type { BlockLayer } from "./block.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import type { MemoryCopy } from "./memory-copy.ts";
import type { PageRange, Pages } from "./pages.ts";
import type { Pending } from "./pending.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { SystemMemory } from "./system-memory.ts";

/** A window of the cache whose transfer is under way. */
interface Window {
  readonly pages: PageRange;
  readonly mapping: DmaMapping;
  readonly pending: Pending;
  readonly length: number;
}

type IoResult = "" | "EIO" | Refusal;

/**
 * Buffered reads and writes of streaming data: windows of the read-ahead size pass through the page cache and are dropped behind,
 * since nobody reads them twice. The next window is under way while the CPU copies the one before.
 */
export class PageCache {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #block: BlockLayer;
  readonly #memory: SystemMemory;
  readonly #pages: Pages;
  readonly #copy: MemoryCopy;
  readonly #window: number;

  constructor(
    awaited: Awaited,
    cpu: Cpu,
    dma: DmaApi,
    block: BlockLayer,
    memory: SystemMemory,
    pages: Pages,
    copy: MemoryCopy,
    parameters: Parameters,
  ) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#dma = dma;
    this.#block = block;
    this.#memory = memory;
    this.#pages = pages;
    this.#copy = copy;
    this.#window = parameters.amount("cpu.readahead_bytes");
  }

  /**
   * read(2): the device fills the cache, the CPU copies to the caller's buffer. Nothing here asks what pages the buffer has: a CPU copies
   * to a device's as it does to any, at what system memory costs in this model.
   */
  read(device: Device, length: number, buffer?: PageRange): Task<IoResult> {
    return this.#awaited.call(this.#read(device, length, buffer));
  }

  *#read(device: Device, length: number, buffer: PageRange | undefined): Task<IoResult> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.syscall", 1);
    if (buffer) this.#pages.copied(buffer);
    let error: "" | "EIO" = "";
    let ahead = yield* this.#begin(device, "read", Math.min(this.#window, length));
    for (let done = 0; done < length; done += this.#window) {
      if (isRefusal(ahead)) return ahead;
      const current = ahead;
      const next = Math.min(this.#window, length - done - current.length);
      if (next > 0) ahead = yield* this.#begin(device, "read", next);
      error = (yield* this.#end(device, current)) || error;
      yield* this.#copy.run(current.length);
    }
    return error;
  }

  /** write(2) and fsync: the CPU copies into the cache, the device stores it. */
  write(device: Device, length: number, buffer?: PageRange): Task<IoResult> {
    return this.#awaited.call(this.#write(device, length, buffer));
  }

  *#write(device: Device, length: number, buffer: PageRange | undefined): Task<IoResult> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.syscall", 1);
    if (buffer) this.#pages.copied(buffer);
    let error: "" | "EIO" = "";
    let behind: Window | undefined;
    for (let done = 0; done < length; done += this.#window) {
      const size = Math.min(this.#window, length - done);
      yield* this.#copy.run(size);
      const current = yield* this.#begin(device, "write", size);
      if (behind) error = (yield* this.#end(device, behind)) || error;
      if (isRefusal(current)) return current;
      behind = current;
    }
    if (behind) error = (yield* this.#end(device, behind)) || error;
    return error;
  }

  *#begin(device: Device, kind: "read" | "write", length: number): Task<Window | Refusal> {
    const pages = this.#memory.alloc(device.socket, length);
    if (pages === undefined)
      return refuse({
        errno: "ENOMEM",
        who: "page cache",
        whom: device.name,
        why: "no free memory",
        remedy: "give the machine more memory",
      });
    yield* this.#cpu.run("cpu.page_cache_page", pages.count);
    this.#pages.get(pages);
    const mapping = yield* this.#dma.mapPages(device, pages, 0, length);
    if (isRefusal(mapping)) {
      this.#drop(device, pages);
      return mapping;
    }
    const pending = yield* this.#block.submit(device, kind, mapping);
    if (!isRefusal(pending)) return { pages, mapping, pending, length };
    yield* this.#dma.unmap(mapping);
    this.#drop(device, pages);
    return pending;
  }

  *#end(device: Device, { pages, mapping, pending }: Window): Task<"" | "EIO"> {
    const error = yield* pending.wait();
    yield* this.#dma.unmap(mapping);
    this.#drop(device, pages);
    return error;
  }

  #drop(device: Device, pages: PageRange): void {
    this.#pages.put(pages);
    this.#memory.free(device.socket, pages);
  }
}
