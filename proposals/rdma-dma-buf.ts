import type { BarMemory } from "../kernel/bar-memory.ts";
import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { DmaBuf, DmaBufAttachment, DmaBufOps } from "../kernel/dma-buf.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Refusal } from "../kernel/refusal.ts";
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

const EXPORTER = "Mellanox' dma-buf exporter for NVMe controller memory, drivers/nvme/host/dmabuf.c, 2016";
const IMPORTER = "H. Eran, RFC: RDMA subsystem DMA-BUF support, linux-rdma (spinics msg38748)";
const SOURCES = [
  EXPORTER,
  IMPORTER,
  "A. Deucher, Enabling peer to peer device transactions for PCIe devices, linux-kernel, 21 November 2016, item 3",
  "the importer half was not at hand: reconstructed from ib_umem_dmabuf_get of Linux 5.12, without its dynamic attachments",
];

const POSTED: readonly Change[] = [
  {
    where: "exporter",
    what: "dma_buf_ops for the device's memory, and an ioctl that makes a handle",
    source: EXPORTER,
  },
  { where: "core", what: "verbs that register a memory region from a dma-buf", source: IMPORTER },
  {
    where: "importer",
    what: "adapters' drivers take a region without struct pages; DRM and V4L2 import dma-bufs in 4.9 already",
    source: "inferred: ib_umem of 4.9 is a list of struct pages; drivers/gpu/drm/drm_prime.c, videobuf2",
  },
];

/**
 * dma-buf handles between exporter and importer, carried into the RDMA subsystem (2014-16). The exporter chooses where the buffer is,
 * and sees every importer; whoever imports must know handles, which block devices do not.
 *
 * `as-posted` is the exporter of 2016, warts included: memory is taken at the first attach and given back at the last detach, and its
 * raw bus address is handed out. `intended` does what its TODOs say, and what H. Eran wrote on the thread (4 December 2016): the
 * exporter looks whether the importer reaches its memory, and if not moves the buffer into system memory, as 4.9's amdgpu does for
 * every importer. So this is the form in which static placement shows.
 */
export const rdmaDmaBuf: Proposal = {
  contract: 1,
  name: "rdma-dma-buf",
  title: "dma-buf handles between exporter and importer, RDMA included",
  forms: {
    "as-posted": {
      provenance: "reconstructed",
      sources: SOURCES,
      stateless: true,
      changes: POSTED,
      install: (kernel) => new HandleExport(kernel, false),
    },
    intended: {
      provenance: "reconstructed",
      sources: [
        ...SOURCES,
        "H. Eran on linux-kernel, 4 December 2016: the exporter migrates the buffer during attachment",
      ],
      stateless: true,
      changes: [
        ...POSTED,
        {
          where: "exporter",
          what: "maps for the importer through the DMA API, tests the route, and can move the buffer to system memory",
          source: `${EXPORTER}: its TODOs at attach and map; H. Eran, 4 December 2016`,
        },
        {
          where: "importer",
          what: "bios that carry dma-buf attachments, and an NVMe driver that takes their addresses",
          source: "inferred: a bio of 4.9 is a list of struct pages",
        },
      ],
      install: (kernel) => new HandleExport(kernel, true),
    },
  },
};

class HandleExport implements Mechanism {
  readonly kernel: Kernel;
  readonly intended: boolean;
  constructor(kernel: Kernel, intended: boolean) {
    this.kernel = kernel;
    this.intended = intended;
  }

  /** What the series teaches: the RDMA core in any form, every other importer where the idea is done right. */
  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    const { kernel, intended } = this;
    const memory = kernel.memoryBehind(exporter);
    if (memory === undefined)
      return kernel.refuse({
        errno: "ENODEV",
        who: "rdma-dma-buf",
        whom: exporter.name,
        why: "its driver has no memory to make handles for",
        remedy: "export from a device that has memory behind a BAR",
      });
    if (intended || importer.endpoint.role === "nic") kernel.io.subsystem(importer)?.learn("dma-buf");
    return intended
      ? new Exporter(kernel, importer, memory, kernel.placingExporter(memory), "with the object")
      : new Exporter(kernel, importer, memory, new LazyExporter(kernel, memory), "at the first attach");
  }
}

/** The exporter of 2016. */
class LazyExporter implements DmaBufOps {
  readonly kernel: Kernel;
  readonly memory: BarMemory;
  constructor(kernel: Kernel, memory: BarMemory) {
    this.kernel = kernel;
    this.memory = memory;
  }

  /** The first importer makes the exporter reserve the memory. Whether this importer can reach it was a TODO. */
  *attach({ buffer }: DmaBufAttachment): Task<Refusal | undefined> {
    if (buffer.chunk) return undefined;
    const chunk = this.memory.alloc(buffer.size);
    if (this.kernel.isRefusal(chunk)) return chunk;
    buffer.chunk = chunk;
    return undefined;
  }

  /** The last one makes it give the memory up, with what is in it, though the handle lives on. */
  *detach({ buffer }: DmaBufAttachment): Task<void> {
    if (buffer.attachments.length > 0 || buffer.chunk === undefined) return;
    this.memory.free(buffer.chunk);
    buffer.chunk = undefined;
  }

  /** One entry with the address as the device's own driver knows it; that an IOMMU may want to know of it was a TODO. */
  *map({ buffer, importer }: DmaBufAttachment): Task<DmaMapping | Refusal> {
    const { kernel, memory } = this;
    if (buffer.chunk) return kernel.dma.handOver(importer, memory.onTheBus(buffer.chunk), buffer.size, "dma-buf");
    return kernel.refuse({
      errno: "EINVAL",
      who: "rdma-dma-buf",
      whom: importer.name,
      why: "the buffer has no memory",
      remedy: "attach before mapping",
    });
  }

  /** "Nothing to be done": only our books are kept. */
  *unmap(_attachment: DmaBufAttachment, mapping: DmaMapping): Task<void> {
    this.kernel.dma.takeBack(mapping);
  }

  *release(): Task<void> {}
}

class Exporter implements Provider {
  readonly kernel: Kernel;
  readonly importer: Device;
  readonly memory: BarMemory;
  readonly ops: DmaBufOps;
  readonly taken: "with the object" | "at the first attach";
  constructor(kernel: Kernel, importer: Device, memory: BarMemory, ops: DmaBufOps, taken: Exporter["taken"]) {
    this.kernel = kernel;
    this.importer = importer;
    this.memory = memory;
    this.ops = ops;
    this.taken = taken;
  }

  /** The exporter's ioctl. That of 2016 makes an object only. */
  *alloc(length: Bytes): Task<Region | Refusal> {
    const { kernel, taken } = this;
    yield* kernel.cpu.run("cpu.ioctl", 1);
    const chunk = taken === "with the object" ? this.memory.alloc(length) : undefined;
    return chunk && kernel.isRefusal(chunk) ? chunk : new BufferObject(this, length, chunk);
  }

  *withdraw(): Task<void> {}
}

class BufferObject implements Region {
  readonly by: Exporter;
  readonly length: Bytes;
  readonly chunk: DmaBuf["chunk"];
  constructor(by: Exporter, length: Bytes, chunk: DmaBuf["chunk"]) {
    this.by = by;
    this.length = length;
    this.chunk = chunk;
  }

  *expose(): Task<Exposed> {
    const { kernel, memory, ops } = this.by;
    const fd = yield* kernel.dmaBufs.export(memory.device, this.length, ops, this.chunk);
    return new Handle(this.by, fd);
  }

  /** The handle had the memory, and has given it back. */
  *free(): Task<void> {}
}

class Handle implements Exposed {
  readonly by: Exporter;
  readonly fd: number;
  constructor(by: Exporter, fd: number) {
    this.by = by;
    this.fd = fd;
  }

  *resolve(): Task<Import | Refusal> {
    const { kernel, importer } = this.by;
    const attachment = yield* kernel.dmaBufImporter.attach(this.fd, importer);
    return kernel.isRefusal(attachment) ? attachment : new Attached(kernel, attachment);
  }

  retract(): Task<void> {
    return this.by.kernel.dmaBufs.close(this.fd);
  }
}

class Attached implements Import {
  readonly kernel: Kernel;
  readonly attachment: DmaBufAttachment;
  constructor(kernel: Kernel, attachment: DmaBufAttachment) {
    this.kernel = kernel;
    this.attachment = attachment;
  }

  *map(): Task<Mapping | Refusal> {
    const { kernel, attachment } = this;
    const mapping = yield* kernel.dmaBufImporter.map(attachment);
    return kernel.isRefusal(mapping) ? mapping : new MappedHandle(kernel, attachment, mapping);
  }

  release(): Task<void> {
    return this.kernel.dmaBufImporter.detach(this.attachment);
  }
}

class MappedHandle implements Mapping {
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
