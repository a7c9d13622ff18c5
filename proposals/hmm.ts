import type { BarChunk } from "../kernel/bar-memory.ts";
import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { GpuDriver } from "../kernel/gpu-driver.ts";
import type { PinnedPages } from "../kernel/gup.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Mirror } from "../kernel/mirror.ts";
import type { PageMap } from "../kernel/page-map.ts";
import type { PageRange } from "../kernel/pages.ts";
import type { Reserved } from "../kernel/physical-space.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Pager, Vma } from "../kernel/vma.ts";
import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";
import type {
  Access,
  Change,
  Exposed,
  Import,
  Mapping,
  Mechanism,
  Parties,
  Proposal,
  Provider,
  Region,
} from "./proposal.ts";

const V13 = "J. Glisse, [HMM v13 00/18] HMM (Heterogeneous Memory Management), linux-mm, 18 November 2016";
const PLANNED =
  "J. Glisse on the November 2016 thread, 5 and 6 January 2017: window on demand, DMA API, notifier, fall back to migration";

const CORE: readonly Change[] = [
  {
    where: "core",
    what: "ZONE_DEVICE memory that no CPU maps, device entries in page tables, pgmap->fault",
    source: V13,
  },
  {
    where: "core",
    what: "mm/hmm.c, include/linux/hmm.h; mm/{memory,mprotect,migrate}.c, kernel/memremap.c",
    source: V13,
  },
  { where: "exporter", what: "a mirror of the process, device faults, migration by its copy engine", source: V13 },
];

/**
 * Heterogeneous memory management: memory of a process lives in a GPU, in pages that no CPU maps and nobody may pin. As posted, who
 * else reaches for it faults as a CPU does, and the pages move to system memory first. What was planned next gives devices that can
 * fault themselves a window onto the pages where they lie.
 */
export const hmm: Proposal = {
  contract: 1,
  name: "hmm",
  title: "HMM: a mirrored address space, migration and device faults",
  forms: {
    "as-posted": {
      provenance: "posted",
      sources: [V13, "patch 17/18 (hmm_devmem_add, hmm_devmem_fault): one fault a page, the driver migrates"],
      stateless: true,
      changes: CORE,
      install: (kernel) => new Hmm(kernel, () => false),
    },
    intended: {
      provenance: "reconstructed",
      sources: [V13, PLANNED],
      stateless: true,
      changes: [
        ...CORE,
        { where: "exporter", what: "hands out windows of its BAR onto pages, and takes them back", source: PLANNED },
        {
          where: "importer",
          what: "mirrors the process, faults, maps windows and drops them when told",
          source: PLANNED,
        },
      ],
      install: (kernel) => new Hmm(kernel, (importer) => kernel.io.subsystem(importer)?.mirrors === true),
    },
  },
};

class Hmm implements Mechanism {
  readonly kernel: Kernel;
  /** Whether an importer reaches device pages where they lie. */
  readonly reaches: (importer: Device) => boolean;
  constructor(kernel: Kernel, reaches: (importer: Device) => boolean) {
    this.kernel = kernel;
    this.reaches = reaches;
  }

  /** hmm_devmem_add: an unused range of physical addresses gets struct pages for all of the GPU's memory; then hmm_mirror_register. */
  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    const { kernel } = this;
    const gpu = kernel.gpu(exporter);
    if (gpu === undefined)
      return kernel.refuse({
        errno: "ENODEV",
        who: "hmm",
        whom: exporter.name,
        why: "it has no page tables of its own, and cannot fault",
        remedy: "keep the memory in a GPU",
      });
    const range = kernel.space.reserve(exporter.name, gpu.memory.aperture.size, kernel.pageMaps.sectionBytes);
    if (kernel.isRefusal(range)) return range;
    const map = yield* kernel.pageMaps.memremap(exporter.name, range.base, range.size);
    if (kernel.isRefusal(map)) {
      kernel.space.release(range);
      return map;
    }
    const owner = mirrorOf(kernel, exporter);
    const foreign = this.reaches(importer) ? mirrorOf(kernel, importer) : undefined;
    if (foreign) kernel.io.subsystem(importer)?.learn("resource");
    return new DeviceMemory(kernel, gpu, importer, range, map, owner, foreign);
  }
}

/** hmm_mirror_register: a device's translations of what becomes invalid are unmapped before the notifier returns. */
function mirrorOf(kernel: Kernel, device: Device): Mirror {
  const mirror: Mirror = kernel.notifiers.register(device.name, function* (vma): Task<void> {
    const mapping = mirror.of(vma);
    mirror.drop(vma);
    if (mapping) yield* kernel.dma.unmap(mapping);
  });
  return mirror;
}

class DeviceMemory implements Provider {
  readonly kernel: Kernel;
  readonly gpu: GpuDriver;
  readonly importer: Device;
  readonly range: Reserved;
  readonly map: PageMap;
  /** What the GPU, and an importer that may reach device pages, have mapped. */
  readonly owner: Mirror;
  readonly foreign: Mirror | undefined;
  constructor(
    kernel: Kernel,
    gpu: GpuDriver,
    importer: Device,
    range: Reserved,
    map: PageMap,
    owner: Mirror,
    foreign: Mirror | undefined,
  ) {
    this.kernel = kernel;
    this.gpu = gpu;
    this.importer = importer;
    this.range = range;
    this.map = map;
    this.owner = owner;
    this.foreign = foreign;
  }

  /** malloc, and a place in the GPU that the driver keeps for it while it lives; where the GPU is full it stays in system memory. */
  *alloc(length: Bytes): Task<Region | Refusal> {
    const { kernel, gpu } = this;
    const pages = kernel.memory.alloc(this.importer.socket, length);
    if (pages === undefined) return this.outOfMemory();
    const place = gpu.memory.alloc(length);
    return new Allocation(this, pages, kernel.isRefusal(place) ? undefined : place, length);
  }

  outOfMemory(): Refusal {
    return this.kernel.refuse({
      errno: "ENOMEM",
      who: "hmm",
      whom: this.importer.name,
      why: "no system memory for the pages of the process",
      remedy: "lower the queue depth",
    });
  }

  *withdraw(): Task<void> {
    const { kernel, owner, foreign } = this;
    for (const mirror of foreign ? [foreign, owner] : [owner]) kernel.notifiers.unregister(mirror);
    yield* kernel.pageMaps.release(this.map);
    kernel.space.release(this.range);
  }
}

class Allocation implements Region, Pager {
  readonly memory: DeviceMemory;
  /** What malloc gave, before the first touch of the GPU. */
  readonly pages: PageRange;
  readonly place: BarChunk | undefined;
  readonly length: Bytes;
  constructor(memory: DeviceMemory, pages: PageRange, place: BarChunk | undefined, length: Bytes) {
    this.memory = memory;
    this.pages = pages;
    this.place = place;
    this.length = length;
  }

  /** The program writes its memory, and the GPU touches it for the first time. */
  *expose(): Task<Exposed | Refusal> {
    const { kernel } = this.memory;
    if (this.place === undefined) return new Shared(this, yield* kernel.process.mmap("anonymous", this.pages));
    const vma = yield* kernel.process.mmap("anonymous", this.pages, this);
    yield* kernel.cpu.run("cpu.fault_anonymous", this.pages.count);
    const shared = new Shared(this, vma);
    const refusal = yield* shared.moveIn(this.length);
    if (refusal === undefined) return shared;
    yield* shared.retract();
    kernel.memory.free(this.memory.importer.socket, this.pages);
    return refusal;
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
    const refusal = yield* this.copy("out", target);
    yield* kernel.migration.finish(unmapped);
    return refusal;
  }

  /** alloc_and_copy: the GPU's engine moves pages between its memory and system memory. */
  *copy(direction: "in" | "out", pages: PageRange): Task<Refusal | undefined> {
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

  *free(): Task<void> {
    const { kernel, gpu, importer } = this.memory;
    if (this.place) gpu.memory.free(this.place);
    else kernel.memory.free(importer.socket, this.pages);
  }
}

/** The address: CPU, GPU and importer all use it. */
class Shared implements Exposed {
  readonly region: Allocation;
  readonly memory: DeviceMemory;
  readonly vma: Vma;
  constructor(region: Allocation, vma: Vma) {
    this.region = region;
    this.memory = region.memory;
    this.vma = vma;
  }

  /** Nothing is held: an address is all that there is to find. */
  *resolve(): Task<Import | Refusal> {
    yield* this.memory.kernel.cpu.run("cpu.syscall", 1);
    return new Addressed(this);
  }

  retract(): Task<void> {
    return this.memory.kernel.process.munmap(this.vma);
  }

  /** One transfer of a foreign device: it is a touch of a CPU, held while it lasts; then the GPU touches what it wants back. */
  *transfer({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel } = this.memory;
    const { place } = this.region;
    if (place === undefined && kind === "write") {
      const failed = yield* this.use("out", length);
      if (failed !== "") return failed;
    }
    const pinned = yield* kernel.gup.get(kernel.process, this.vma.start, length);
    if (kernel.isRefusal(pinned)) return pinned;
    const answer = yield* this.#through(pinned, { kind, length });
    yield* kernel.gup.put(pinned);
    if (place) return (yield* this.moveIn(length)) ?? answer;
    return answer === "" && kind === "read" ? yield* this.use("in", length) : answer;
  }

  *#through(pinned: PinnedPages, { kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel, importer } = this.memory;
    const mapping = yield* kernel.dma.mapPages(importer, pinned.range, 0, length);
    if (kernel.isRefusal(mapping)) return mapping;
    const answer = yield* kernel.io.transfer(importer, kind, mapping);
    yield* kernel.dma.unmap(mapping);
    return answer;
  }

  /** The GPU reads ("in") or writes pages in system memory that do not move to it, through its own page tables. */
  *use(direction: "in" | "out", length: Bytes): Task<"" | "EIO" | Refusal> {
    const { kernel, gpu, owner } = this.memory;
    const mapping = owner.of(this.vma) ?? (yield* this.#mirrorPages());
    if (kernel.isRefusal(mapping)) return mapping;
    return yield* gpu.copy(direction, kernel.dma.head(mapping, length));
  }

  /** A device fault that ends in the GPU's page tables: hmm_vma_fault, then the DMA API. */
  *#mirrorPages(): Task<DmaMapping | Refusal> {
    const { kernel, gpu, owner } = this.memory;
    const { vma } = this;
    const { length } = this.region;
    yield* kernel.cpu.run("cpu.device_fault", 1);
    const refusal = yield* kernel.process.faultIn(vma, vma.start, length);
    if (refusal) return refusal;
    const pages = kernel.process.pagesOf(vma, vma.start, length);
    const mapping = yield* kernel.dma.mapPages(gpu.device, pages, 0, length);
    if (!kernel.isRefusal(mapping)) owner.keep(vma, mapping);
    return mapping;
  }

  /** The GPU faults on pages in system memory: they move to it batch by batch, unless somebody holds them. */
  *moveIn(length: Bytes): Task<Refusal | undefined> {
    const { kernel, gpu, importer } = this.memory;
    const { vma } = this;
    const pages = kernel.process.pagesOf(vma, vma.start, length);
    for (let from = 0; from < pages.count; from += gpu.faultBatch) {
      const to = Math.min(pages.count, from + gpu.faultBatch);
      yield* kernel.cpu.run("cpu.device_fault", 1);
      const unmapped = yield* kernel.migration.unmap(kernel.process, vma, from, to);
      if (kernel.isRefusal(unmapped)) return unmapped;
      const refusal = yield* this.region.copy("in", kernel.pages.part(pages, from, to));
      yield* kernel.migration.finish(unmapped);
      if (refusal) return refusal;
    }
    kernel.memory.free(importer.socket, pages);
    return undefined;
  }
}

class Addressed implements Import {
  readonly shared: Shared;
  constructor(shared: Shared) {
    this.shared = shared;
  }

  *map(): Task<Mapping | Refusal> {
    const { memory, region } = this.shared;
    if (memory.foreign && region.place) {
      const window = new Window(this.shared, region.place, memory.foreign);
      const opened = yield* window.open();
      return memory.kernel.isRefusal(opened) ? opened : window;
    }
    return memory.kernel.io.registers(memory.importer) ? yield* this.#register() : new Transfers(this.shared);
  }

  /** Registering pins, so the pages move to system memory and stay there: pinned pages do not move back. */
  *#register(): Task<Mapping | Refusal> {
    const { memory, region, vma } = this.shared;
    const { kernel, importer } = memory;
    const pinned = yield* kernel.gup.get(kernel.process, vma.start, region.length);
    if (kernel.isRefusal(pinned)) return pinned;
    const mapping = yield* kernel.dma.mapPages(importer, pinned.range, 0, region.length);
    if (kernel.isRefusal(mapping)) {
      yield* kernel.gup.put(pinned);
      return mapping;
    }
    const registered = new Registered(this.shared, pinned, mapping);
    const refusal = yield* kernel.io.register(importer, mapping);
    if (refusal === undefined) return registered;
    yield* registered.unmap();
    return refusal;
  }

  *release(): Task<void> {}
}

/** Nothing is kept between transfers: each migrates there and back. */
class Transfers implements Mapping {
  readonly shared: Shared;
  constructor(shared: Shared) {
    this.shared = shared;
  }

  access(access: Access): Task<"" | "EIO" | Refusal> {
    return this.shared.transfer(access);
  }
  *unmap(): Task<void> {}
}

/** Pinned in system memory for as long as it is registered; the GPU reaches it there. */
class Registered implements Mapping {
  readonly shared: Shared;
  readonly pinned: PinnedPages;
  readonly mapping: DmaMapping;
  constructor(shared: Shared, pinned: PinnedPages, mapping: DmaMapping) {
    this.shared = shared;
    this.pinned = pinned;
    this.mapping = mapping;
  }

  *access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel, importer } = this.shared.memory;
    const transfer = (): Task<"" | "EIO" | Refusal> =>
      kernel.io.transfer(importer, kind, kernel.dma.head(this.mapping, length));
    const first = kind === "read" ? yield* transfer() : yield* this.shared.use("out", length);
    if (first !== "") return first;
    return kind === "read" ? yield* this.shared.use("in", length) : yield* transfer();
  }

  *unmap(): Task<void> {
    const { memory, region } = this.shared;
    yield* memory.kernel.dma.unmap(this.mapping);
    yield* memory.kernel.gup.put(this.pinned);
    if (region.place) yield* this.shared.moveIn(region.length);
  }
}

/** A window of the GPU's BAR onto the pages, mapped for an importer that mirrors the process, until the notifier takes it away. */
class Window implements Mapping {
  readonly shared: Shared;
  readonly place: BarChunk;
  readonly mirror: Mirror;
  constructor(shared: Shared, place: BarChunk, mirror: Mirror) {
    this.shared = shared;
    this.place = place;
    this.mirror = mirror;
  }

  /** The importer faults: the pages' owner says where its BAR shows them, and the DMA API maps that as it maps any resource. */
  *open(): Task<DmaMapping | Refusal> {
    const { kernel, importer } = this.shared.memory;
    const { physical, length } = this.place;
    yield* kernel.cpu.run("cpu.device_fault", 1);
    const mapping = yield* kernel.dma.mapPhysical(importer, physical, length, "resource");
    if (kernel.isRefusal(mapping)) return mapping;
    const refusal = yield* kernel.io.register(importer, mapping);
    if (refusal === undefined) this.mirror.keep(this.shared.vma, mapping);
    else yield* kernel.dma.unmap(mapping);
    return refusal ?? mapping;
  }

  /** Where a notifier took the window away because the pages moved, the transfer goes as everybody's does, and brings them back. */
  *access(access: Access): Task<"" | "EIO" | Refusal> {
    const { vma, region, memory } = this.shared;
    const { kernel, importer } = memory;
    const moved = kernel.process.present(vma, 0, region.pages.count);
    if (moved) return yield* this.shared.transfer(access);
    const mapping = this.mirror.of(vma) ?? (yield* this.open());
    if (kernel.isRefusal(mapping)) return mapping;
    this.mirror.inFlight.add(1);
    const answer = yield* kernel.io.transfer(importer, access.kind, kernel.dma.head(mapping, access.length));
    this.mirror.inFlight.finish(1);
    return answer;
  }

  unmap(): Task<void> {
    return this.mirror.invalidate(this.shared.vma);
  }
}
