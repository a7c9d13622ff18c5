import type { BarChunk } from "../../kernel/bar-memory.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Refusal } from "../../kernel/refusal.ts";
import type { Pager, Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import type { Bytes } from "../../sim/units.ts";
import type { DeviceMemory } from "./device-memory.ts";

/** Memory of the process whose pages move between system memory and the GPU, whichever of the two faults on them. */
export class MigratingMemory implements Pager {
  readonly memory: DeviceMemory;
  /** What malloc gave, before the first touch of the GPU. */
  readonly pages: PageRange;
  /** Where in the GPU they move to; none where it is full, and they stay. */
  readonly place: BarChunk | undefined;
  readonly length: Bytes;
  constructor(memory: DeviceMemory, pages: PageRange, place: BarChunk | undefined, length: Bytes) {
    this.memory = memory;
    this.pages = pages;
    this.place = place;
    this.length = length;
  }

  /** A CPU, or get_user_pages, touched device pages: pgmap->fault of each of them in turn, as hmm_devmem_fault is called for one address. */
  *fault(vma: Vma, from: number, to: number): Task<PageRange | Refusal> {
    const { kernel, importer } = this.memory;
    const pages = kernel.memory.alloc(importer.socket, (to - from) * kernel.pageBytes);
    if (pages === undefined) return this.memory.outOfMemory();
    for (let page = from; page < to; page += 1) {
      const refusal = yield* this.#moveOut(vma, page, kernel.pages.part(pages, page - from, page - from + 1));
      if (refusal === undefined) continue;
      kernel.memory.free(importer.socket, pages);
      return refusal;
    }
    return pages;
  }

  /** hmm_vma_migrate of one page; the engine copies what is in it, whether or not it will be overwritten. */
  *#moveOut(vma: Vma, page: number, target: PageRange): Task<Refusal | undefined> {
    const { kernel } = this.memory;
    yield* kernel.cpu.run("cpu.fault_device", 1);
    const unmapped = yield* kernel.migration.unmap(kernel.process, vma, page, page + 1);
    if (kernel.isRefusal(unmapped)) return unmapped;
    const refusal = yield* this.#copy("out", target);
    yield* kernel.migration.finish(unmapped);
    return refusal;
  }

  /** alloc_and_copy: the GPU's engine moves pages between its memory and system memory. */
  *#copy(direction: "in" | "out", pages: PageRange): Task<Refusal | undefined> {
    const { kernel, gpu } = this.memory;
    const mapping = yield* kernel.dma.mapPages(gpu.device, pages, 0, pages.count * kernel.pageBytes);
    if (kernel.isRefusal(mapping)) return mapping;
    const error = yield* gpu.copy(direction, mapping);
    yield* kernel.dma.unmap(mapping);
    if (error === "") return undefined;
    return kernel.refuse({
      errno: "EIO",
      who: "hmm",
      whom: gpu.device.name,
      why: "its copy of a page failed",
      remedy: "see what its path to system memory lacks",
    });
  }

  /** The GPU faults on pages in system memory: they move to it batch by batch, unless somebody holds them. */
  *moveIn(vma: Vma, length: Bytes): Task<Refusal | undefined> {
    const { kernel, gpu, importer } = this.memory;
    const pages = kernel.process.pagesOf(vma, vma.start, length);
    for (let from = 0; from < pages.count; from += gpu.faultBatch) {
      const to = Math.min(pages.count, from + gpu.faultBatch);
      yield* kernel.cpu.run("cpu.device_fault", 1);
      const unmapped = yield* kernel.migration.unmap(kernel.process, vma, from, to);
      if (kernel.isRefusal(unmapped)) return unmapped;
      const refusal = yield* this.#copy("in", kernel.pages.part(pages, from, to));
      yield* kernel.migration.finish(unmapped);
      if (refusal) return refusal;
    }
    kernel.memory.free(importer.socket, pages);
    return undefined;
  }
}
