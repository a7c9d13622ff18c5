import type { BarChunk, BarMemory } from "../kernel/bar-memory.ts";
import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { DmaBuf, DmaBufAttachment, DmaBufOps } from "../kernel/dma-buf.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Vma } from "../kernel/vma.ts";
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

const ITEM =
  "A. Deucher, Enabling peer to peer device transactions for PCIe devices, linux-kernel, 21 November 2016, item 6";
const SOURCES = [
  ITEM,
  "no patch was ever posted; the call follows hsa_amd_portable_export_dmabuf and cuMemGetHandleForAddressRange, which came later",
];

const CALL: readonly Change[] = [
  {
    where: "core",
    what: "a call (address, length) -> (dma-buf, offset), and an export hook in vm_operations",
    source: ITEM,
  },
  {
    where: "exporter",
    what: "the hook: from a VMA to the driver's buffer object, and dma-buf ops for it",
    source: ITEM,
  },
  {
    where: "importer",
    what: "takes a descriptor and an offset where it took an address",
    source: "inferred: DRM and V4L2 import dma-bufs in 4.9, and whole ones",
  },
];

/**
 * An mmap-like call that makes a dma-buf of an address and a length, and says at what offset the address lies. What follows is a static
 * dma-buf's life. The answer is a snapshot: what happens to the address later does not move the handle. Nobody posted it.
 *
 * `as-posted` is the call as the post has it, on the importers of 4.9 as they are: block devices and RDMA refuse what it makes.
 * `intended` changes them too, and its exporter looks whether the importer reaches the memory and moves the buffer out if not.
 */
export const userptrDmaBuf: Proposal = {
  contract: 1,
  name: "userptr-dma-buf",
  title: "A call from (address, length) to (dma-buf, offset)",
  forms: {
    "as-posted": {
      provenance: "hypothetical",
      sources: SOURCES,
      stateless: true,
      changes: CALL,
      install: (kernel) => new VmaExport(kernel, false),
    },
    intended: {
      provenance: "hypothetical",
      sources: SOURCES,
      stateless: true,
      changes: [
        ...CALL,
        {
          where: "importer",
          what: "bios and memory regions that carry dma-buf attachments, and NVMe and adapter drivers that take their addresses",
          source: "inferred: a bio and an ib_umem of 4.9 are lists of struct pages",
        },
        {
          where: "exporter",
          what: "tests the route to the importer, and can move the buffer to system memory",
          source: "H. Eran on linux-kernel, 4 December 2016, of dma-buf exporters",
        },
      ],
      install: (kernel) => new VmaExport(kernel, true),
    },
  },
};

class VmaExport implements Mechanism {
  readonly kernel: Kernel;
  readonly intended: boolean;
  constructor(kernel: Kernel, intended: boolean) {
    this.kernel = kernel;
    this.intended = intended;
  }

  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    const { kernel, intended } = this;
    const memory = kernel.memoryBehind(exporter);
    if (memory === undefined)
      return kernel.refuse({
        errno: "ENODEV",
        who: "userptr-dma-buf",
        whom: exporter.name,
        why: "it maps no memory of its own into processes",
        remedy: "export from a device that has memory behind a BAR",
      });
    if (intended) kernel.io.subsystem(importer)?.learn("dma-buf");
    const ops = intended ? kernel.placingExporter(memory) : new PlainExporter(kernel, memory);
    return new MappableMemory(kernel, memory, importer, ops);
  }
}

/** The exporter's driver: its memory, its mmap, and what its export hook makes. */
class MappableMemory implements Provider {
  readonly kernel: Kernel;
  readonly memory: BarMemory;
  readonly importer: Device;
  readonly ops: DmaBufOps;
  constructor(kernel: Kernel, memory: BarMemory, importer: Device, ops: DmaBufOps) {
    this.kernel = kernel;
    this.memory = memory;
    this.importer = importer;
    this.ops = ops;
  }

  *alloc(length: Bytes): Task<Region | Refusal> {
    const chunk = this.memory.alloc(length);
    return this.kernel.isRefusal(chunk) ? chunk : new DriverBuffer(this, chunk);
  }

  *withdraw(): Task<void> {}
}

/** A driver that maps its memory for whoever attaches. */
class PlainExporter implements DmaBufOps {
  readonly kernel: Kernel;
  readonly memory: BarMemory;
  constructor(kernel: Kernel, memory: BarMemory) {
    this.kernel = kernel;
    this.memory = memory;
  }

  *attach(): Task<undefined> {}
  *detach(): Task<void> {}

  *map({ buffer, importer }: DmaBufAttachment): Task<DmaMapping | Refusal> {
    const { kernel, memory } = this;
    const address = buffer.chunk?.physical;
    if (address !== undefined) return yield* kernel.dma.mapPhysical(importer, address, buffer.size, "dma-buf");
    return kernel.refuse({
      errno: "EINVAL",
      who: "userptr-dma-buf",
      whom: memory.device.name,
      why: "the handle was made of nothing",
      remedy: "export memory of the device",
    });
  }

  unmap(_attachment: DmaBufAttachment, mapping: DmaMapping): Task<void> {
    return this.kernel.dma.unmap(mapping);
  }

  /** The handle's reference to the object: the memory lives until it is gone, VMA or not. */
  *release({ chunk }: DmaBuf): Task<void> {
    if (chunk) this.memory.free(chunk);
  }
}

class DriverBuffer implements Region {
  readonly by: MappableMemory;
  readonly chunk: BarChunk;
  constructor(by: MappableMemory, chunk: BarChunk) {
    this.by = by;
    this.chunk = chunk;
  }

  /** The driver's mmap. The program gets a pointer, as from any allocator. */
  *expose(): Task<Exposed> {
    const vma = yield* this.by.kernel.process.mmapChunk(this.chunk);
    return new Pointer(this.by, vma, this.chunk.length);
  }

  *free(): Task<void> {
    this.by.memory.free(this.chunk);
  }
}

class Pointer implements Exposed {
  readonly by: MappableMemory;
  readonly vma: Vma;
  readonly length: Bytes;
  constructor(by: MappableMemory, vma: Vma, length: Bytes) {
    this.by = by;
    this.vma = vma;
    this.length = length;
  }

  /** The call, and the importer's ioctl with what it answered. */
  *resolve(): Task<Import | Refusal> {
    const { kernel, importer } = this.by;
    const fd = yield* this.#export();
    if (typeof fd === "object") return fd;
    const attachment = yield* kernel.dmaBufImporter.attach(fd, importer);
    if (!kernel.isRefusal(attachment)) return new Snapshot(kernel, fd, attachment);
    yield* kernel.dmaBufs.close(fd);
    return attachment;
  }

  /** (address, length) -> descriptor. One VMA and the object behind it: what spans two, or has no object, is nothing to export. */
  *#export(): Task<number | Refusal> {
    const { kernel, memory } = this.by;
    yield* kernel.cpu.run("cpu.syscall", 1);
    const vma = yield* kernel.process.findVma(this.vma.start, this.length);
    const chunk = vma?.chunk;
    if (chunk === undefined)
      return kernel.refuse({
        errno: "EINVAL",
        who: "userptr-dma-buf",
        whom: "the calling process",
        why: "no single mapping of a driver's buffer covers the range",
        remedy: "name a range within one mapping that a driver with an export hook has made",
      });
    memory.get(chunk);
    return yield* kernel.dmaBufs.export(memory.device, chunk.length, this.by.ops, chunk);
  }

  retract(): Task<void> {
    return this.by.kernel.process.munmap(this.vma);
  }
}

/** A handle of its own, whatever becomes of the address. */
class Snapshot implements Import {
  readonly kernel: Kernel;
  readonly fd: number;
  readonly attachment: DmaBufAttachment;
  constructor(kernel: Kernel, fd: number, attachment: DmaBufAttachment) {
    this.kernel = kernel;
    this.fd = fd;
    this.attachment = attachment;
  }

  *map(): Task<Mapping | Refusal> {
    const { kernel, attachment } = this;
    const mapping = yield* kernel.dmaBufImporter.map(attachment);
    return kernel.isRefusal(mapping) ? mapping : new MappedSnapshot(kernel, attachment, mapping);
  }

  *release(): Task<void> {
    yield* this.kernel.dmaBufImporter.detach(this.attachment);
    yield* this.kernel.dmaBufs.close(this.fd);
  }
}

class MappedSnapshot implements Mapping {
  readonly kernel: Kernel;
  readonly attachment: DmaBufAttachment;
  readonly mapping: DmaMapping;
  constructor(kernel: Kernel, attachment: DmaBufAttachment, mapping: DmaMapping) {
    this.kernel = kernel;
    this.attachment = attachment;
    this.mapping = mapping;
  }

  access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    return this.kernel.dmaBufImporter.transfer(this.attachment, this.mapping, kind, length);
  }

  unmap(): Task<void> {
    return this.kernel.dmaBufImporter.unmap(this.attachment, this.mapping);
  }
}
