import type { BarChunk, BarMemory } from "../kernel/bar-memory.ts";
import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { PinnedPages } from "../kernel/gup.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { PageMap } from "../kernel/page-map.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Vma } from "../kernel/vma.ts";
import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";
import type { Access, Exposed, Import, Mapping, Mechanism, Parties, Proposal, Provider, Region } from "./proposal.ts";

/**
 * ZONE_DEVICE struct pages for device memory: the exporter's driver gives its BAR a page map and maps it to user space; from there on
 * get_user_pages, the block layer and the DMA API treat it as memory. Nothing asks whether the importer can reach it, and the
 * allocator of the memory is not told when the last page reference goes.
 */
export const zoneDevice: Proposal = {
  contract: 1,
  name: "zone-device",
  title: "ZONE_DEVICE struct pages for device memory",
  forms: {
    "as-posted": {
      provenance: "posted",
      sources: [
        "S. Bates, [PATCH RFC 1/1] Add support for ZONE_DEVICE IO memory with struct pages, linux-mm, 14 March 2016",
        "S. Bates, [PATCH 0/3] iopmem: a block device for PCIe memory (patch 1/3, memremap.c), 18 October 2016",
      ],
      stateless: true,
      install: (kernel) => new ZoneDevice(kernel),
    },
  },
};

class ZoneDevice implements Mechanism {
  readonly kernel: Kernel;
  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** devm_memremap_pages over the whole BAR, memmap in system memory (altmap = NULL in the posted driver). */
  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    const { kernel } = this;
    const memory = kernel.memoryBehind(exporter);
    if (memory === undefined)
      return kernel.refuse({
        errno: "ENODEV",
        who: "zone-device",
        whom: exporter.name,
        why: "it has no memory behind a BAR",
        remedy: "export from a device that has",
      });
    const bar = memory.aperture;
    const map = yield* kernel.pageMaps.memremap(exporter.name, kernel.physicalOf(bar), bar.size);
    return kernel.isRefusal(map) ? map : new MappedBar(kernel, memory, map, importer);
  }
}

class MappedBar implements Provider {
  readonly kernel: Kernel;
  readonly memory: BarMemory;
  readonly map: PageMap;
  readonly importer: Device;
  constructor(kernel: Kernel, memory: BarMemory, map: PageMap, importer: Device) {
    this.kernel = kernel;
    this.memory = memory;
    this.map = map;
    this.importer = importer;
  }

  *alloc(length: Bytes): Task<Region | Refusal> {
    const chunk = this.memory.alloc(length);
    return this.kernel.isRefusal(chunk) ? chunk : new Chunk(this, chunk);
  }

  /** The pages are there: whoever else wants them needs no driver's help. */
  *join(importer: Device): Task<Provider> {
    return new JoinedBar(this.kernel, this.memory, this.map, importer);
  }

  withdraw(): Task<void> {
    return this.kernel.pageMaps.release(this.map);
  }
}

/** The same pages for another importer: they go with the map. */
class JoinedBar extends MappedBar {
  override *withdraw(): Task<void> {}
}

class Chunk implements Region {
  readonly bar: MappedBar;
  readonly memory: BarChunk;
  constructor(bar: MappedBar, memory: BarChunk) {
    this.bar = bar;
    this.memory = memory;
  }

  /** The driver's mmap: entries of the VMA are devmap, one fault a page at first touch. */
  *expose(): Task<Exposed | Refusal> {
    const { kernel, map } = this.bar;
    const vma = yield* kernel.process.mmap(
      "devmap",
      kernel.pageMaps.pagesOf(map, this.memory.physical, this.memory.length),
    );
    return new UserMapping(this.bar, vma, this.memory.length);
  }

  *free(): Task<void> {
    this.bar.memory.free(this.memory);
  }
}

/** Whose memory management it goes through, and who reaches for the pages. */
export interface DirectAccess {
  readonly kernel: Kernel;
  readonly importer: Device;
}

/** Device pages in a process: from here on they are memory like any other. What is built on top of the page map begins here. */
export class UserMapping implements Exposed {
  readonly bar: DirectAccess;
  readonly vma: Vma;
  readonly length: Bytes;
  constructor(bar: DirectAccess, vma: Vma, length: Bytes) {
    this.bar = bar;
    this.vma = vma;
    this.length = length;
  }

  /** O_DIRECT on the address: get_user_pages, as for any memory. */
  *resolve(): Task<Import | Refusal> {
    const { kernel } = this.bar;
    yield* kernel.cpu.run("cpu.syscall", 1);
    const pinned = yield* kernel.gup.get(kernel.process, this.vma.start, this.length);
    return kernel.isRefusal(pinned) ? pinned : new HeldPages(this.bar, pinned, this.length);
  }

  retract(): Task<void> {
    return this.bar.kernel.process.munmap(this.vma);
  }
}

class HeldPages implements Import {
  readonly bar: DirectAccess;
  readonly pinned: PinnedPages;
  readonly length: Bytes;
  constructor(bar: DirectAccess, pinned: PinnedPages, length: Bytes) {
    this.bar = bar;
    this.pinned = pinned;
    this.length = length;
  }

  *map(): Task<Mapping | Refusal> {
    const { kernel, importer } = this.bar;
    const mapping = yield* kernel.dma.mapPages(importer, this.pinned.range, 0, this.length);
    if (kernel.isRefusal(mapping)) return mapping;
    const refusal = yield* kernel.io.register(importer, mapping);
    if (refusal === undefined) return new MappedPages(this.bar, mapping);
    yield* kernel.dma.unmap(mapping);
    return refusal;
  }

  release(): Task<void> {
    return this.bar.kernel.gup.put(this.pinned);
  }
}

class MappedPages implements Mapping {
  readonly bar: DirectAccess;
  readonly mapping: DmaMapping;
  constructor(bar: DirectAccess, mapping: DmaMapping) {
    this.bar = bar;
    this.mapping = mapping;
  }

  access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel, importer } = this.bar;
    return kernel.io.transfer(importer, kind, kernel.dma.head(this.mapping, length));
  }

  unmap(): Task<void> {
    return this.bar.kernel.dma.unmap(this.mapping);
  }
}
