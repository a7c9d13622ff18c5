import type { Device } from "../../kernel/device.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Mirror } from "../../kernel/mirror.ts";
import type { Refusal } from "../../kernel/refusal.ts";
import type { Task } from "../../sim/activity.ts";
import type { Bytes } from "../../sim/units.ts";
import type { Change, Exposed, Import, Mapping, Mechanism, Parties, Proposal, Provider, Region } from "../proposal.ts";
import { DeviceMemory } from "./device-memory.ts";
import { Registered, Transfers, Window } from "./mappings.ts";
import { MigratingMemory } from "./migrating-memory.ts";
import { SharedAddress } from "./shared-address.ts";

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
    return new GpuAllocator(this, new DeviceMemory(kernel, gpu, importer, range, map, owner, this.mirrorFor(importer)));
  }

  /** The mirror of an importer that reaches device pages. */
  mirrorFor(importer: Device): Mirror | undefined {
    if (!this.reaches(importer)) return undefined;
    this.kernel.io.subsystem(importer)?.learn("resource");
    return mirrorOf(this.kernel, importer);
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

class GpuAllocator implements Provider {
  readonly hmm: Hmm;
  readonly memory: DeviceMemory;
  constructor(hmm: Hmm, memory: DeviceMemory) {
    this.hmm = hmm;
    this.memory = memory;
  }

  /** One more device that uses the same pages, and mirrors the process if it can. */
  *join(importer: Device): Task<Provider> {
    const { kernel, gpu, range, map, owner } = this.memory;
    const foreign = this.hmm.mirrorFor(importer);
    return new JoinedAllocator(this.hmm, new DeviceMemory(kernel, gpu, importer, range, map, owner, foreign));
  }

  /** malloc, and a place in the GPU that the driver keeps for it while it lives; where the GPU is full it stays in system memory. */
  *alloc(length: Bytes): Task<Region | Refusal> {
    const { memory } = this;
    const { kernel, gpu, importer } = memory;
    const pages = kernel.memory.alloc(importer.socket, length);
    if (pages === undefined) return memory.outOfMemory();
    const place = gpu.memory.alloc(length);
    return new Allocation(new MigratingMemory(memory, pages, kernel.isRefusal(place) ? undefined : place, length));
  }

  *withdraw(): Task<void> {
    const { kernel, owner, foreign, map, range } = this.memory;
    for (const mirror of foreign ? [foreign, owner] : [owner]) kernel.notifiers.unregister(mirror);
    yield* kernel.pageMaps.release(map);
    kernel.space.release(range);
  }
}

/** The same device memory for another importer: it goes with who added it. */
class JoinedAllocator extends GpuAllocator {
  override *withdraw(): Task<void> {
    const { kernel, foreign } = this.memory;
    if (foreign) kernel.notifiers.unregister(foreign);
  }
}

class Allocation implements Region {
  readonly migrating: MigratingMemory;
  constructor(migrating: MigratingMemory) {
    this.migrating = migrating;
  }

  /** The program writes its memory, and the GPU touches it for the first time. */
  *expose(): Task<Exposed | Refusal> {
    const { migrating } = this;
    const { memory, pages, place, length } = migrating;
    const { process } = memory.kernel;
    if (place === undefined) return new Exported(new SharedAddress(migrating, yield* process.mmap("anonymous", pages)));
    const vma = yield* process.mmap("anonymous", pages, migrating);
    yield* memory.kernel.cpu.run("cpu.fault_anonymous", pages.count);
    const refusal = yield* migrating.moveIn(vma, length);
    if (refusal === undefined) return new Exported(new SharedAddress(migrating, vma));
    yield* process.munmap(vma);
    memory.kernel.memory.free(memory.importer.socket, pages);
    return refusal;
  }

  *free(): Task<void> {
    const { memory, pages, place } = this.migrating;
    const { kernel, gpu, importer } = memory;
    if (place) gpu.memory.free(place);
    else kernel.memory.free(importer.socket, pages);
  }
}

class Exported implements Exposed {
  readonly shared: SharedAddress;
  constructor(shared: SharedAddress) {
    this.shared = shared;
  }

  /** Nothing is held: an address is all that there is to find. */
  *resolve(): Task<Import | Refusal> {
    yield* this.shared.memory.kernel.cpu.run("cpu.syscall", 1);
    return new Addressed(this.shared);
  }

  retract(): Task<void> {
    return this.shared.memory.kernel.process.munmap(this.shared.vma);
  }
}

class Addressed implements Import {
  readonly shared: SharedAddress;
  constructor(shared: SharedAddress) {
    this.shared = shared;
  }

  *map(): Task<Mapping | Refusal> {
    const { memory, migrating } = this.shared;
    if (memory.foreign && migrating.place) {
      const window = new Window(this.shared, migrating.place, memory.foreign);
      const opened = yield* window.open();
      return memory.kernel.isRefusal(opened) ? opened : window;
    }
    return memory.kernel.io.registers(memory.importer) ? yield* this.#register() : new Transfers(this.shared);
  }

  /** Registering pins, so the pages move to system memory and stay there: pinned pages do not move back. */
  *#register(): Task<Mapping | Refusal> {
    const { memory, migrating, vma } = this.shared;
    const { kernel, importer } = memory;
    const pinned = yield* kernel.gup.get(kernel.process, vma.start, migrating.length);
    if (kernel.isRefusal(pinned)) return pinned;
    const mapping = yield* kernel.dma.mapPages(importer, pinned.range, 0, migrating.length);
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
