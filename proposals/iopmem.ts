import type { Bar } from "../fabric/topology.ts";
import type { FileSystem } from "../kernel/dax.ts";
import type { DaxFile } from "../kernel/dax-file.ts";
import type { Device } from "../kernel/device.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { PageMap } from "../kernel/page-map.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";
import type { Change, Exposed, Mechanism, Parties, Proposal, Provider, Region } from "./proposal.ts";
import { type DirectAccess, UserMapping } from "./zone-device.ts";

const POSTED = "S. Bates, [PATCH 0/3] iopmem: a block device for PCIe memory, 18 October 2016";

const PAGE_MAP: Change = {
  where: "core",
  what: "struct pages for IO memory (devm_memremap_pages with MEMREMAP_WC), as zone-device has them",
  source: `${POSTED}: patch 1/3, memremap.c`,
};

/**
 * A block device over a BAR, and a file system with DAX on it: the file is the name of the memory, and who may use which part of it is
 * for the file system to say. Underneath lies the page map of zone-device, and from a fault on the mapped file on everything is as there.
 */
export const iopmem: Proposal = {
  contract: 1,
  name: "iopmem",
  title: "iopmem: a block device with DAX over PCIe memory",
  forms: {
    "as-posted": {
      provenance: "posted",
      sources: [
        `${POSTED} (patches 1/3 memremap.c, 2/3 drivers/block/iopmem.c, 3/3 Documentation/blockdev/iopmem.txt)`,
        "J. Gunthorpe on the November 2016 thread: a driver that claims the function leaves none for the device's own",
      ],
      stateless: true,
      changes: [
        PAGE_MAP,
        { where: "core", what: "drivers/block/iopmem.c, 333 lines: one driver for every such card", source: POSTED },
      ],
      install: (kernel) => new Iopmem(kernel, claimFunction),
    },
    intended: {
      provenance: "reconstructed",
      sources: [
        POSTED,
        "inferred: the device's own driver registers the disk, since two drivers cannot have one function; nobody posted that",
      ],
      stateless: true,
      changes: [
        PAGE_MAP,
        {
          where: "core",
          what: "iopmem.c without its PCI driver: a library that makes a disk of a BAR",
          source: POSTED,
        },
        { where: "exporter", what: "gives its BAR to a disk", source: "inferred: as nvdimm drivers call pmem" },
      ],
      install: (kernel) => new Iopmem(kernel, askDriver),
    },
  },
};

/** The BAR that a disk is made of, and how it is given back. */
interface Window {
  readonly bar: Bar;
  leave(): Task<void>;
}

/** How the disk comes by its BAR. */
type Probe = (kernel: Kernel, device: Device) => Task<Window | Refusal>;

/** The BAR that the posted driver takes, whatever the device (BAR_ID in iopmem.c). */
const BAR_ID = 4;

/** The posted driver binds to the PCI function itself, which must be nobody else's. */
function* claimFunction(kernel: Kernel, device: Device): Task<Window | Refusal> {
  if (kernel.drivers.driverOf(device) !== undefined && kernel.memoryBehind(device) === undefined)
    return noMemory(kernel, device, "it has no memory behind a BAR");
  const refusal = yield* kernel.drivers.claim(device, "iopmem");
  if (refusal) return refusal;
  const bar = device.endpoint.bars.find(({ index }) => index === BAR_ID);
  if (bar) return { bar, leave: () => kernel.drivers.unclaim(device) };
  yield* kernel.drivers.unclaim(device);
  return noMemory(kernel, device, `it has no BAR ${BAR_ID}, the only one that the driver looks at`);
}

/** The device's own driver stays, and gives its memory's BAR away. */
function* askDriver(kernel: Kernel, device: Device): Task<Window | Refusal> {
  const memory = kernel.memoryBehind(device);
  if (memory === undefined) return noMemory(kernel, device, "it has no memory behind a BAR");
  return { bar: memory.aperture, *leave(): Task<void> {} };
}

const noMemory = (kernel: Kernel, device: Device, why: string): Refusal =>
  kernel.refuse({
    errno: "ENODEV",
    who: "iopmem",
    whom: device.name,
    why,
    remedy: "export from a device that has one",
  });

class Iopmem implements Mechanism {
  readonly kernel: Kernel;
  readonly probe: Probe;
  constructor(kernel: Kernel, probe: Probe) {
    this.kernel = kernel;
    this.probe = probe;
  }

  /** probe: the BAR, struct pages for it with the memmap in system memory (altmap = NULL), the disk; then mkfs and mount -o dax. */
  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    const { kernel } = this;
    const window = yield* this.probe(kernel, exporter);
    if (kernel.isRefusal(window)) return window;
    const { base, size } = { base: kernel.physicalOf(window.bar), size: window.bar.size };
    const map = yield* kernel.pageMaps.memremap(exporter.name, base, size);
    if (kernel.isRefusal(map)) {
      yield* window.leave();
      return map;
    }
    yield* kernel.cpu.run("cpu.disk_register", 1);
    const disk = { name: `iopmem on ${exporter.name}`, pages: kernel.pageMaps.pagesOf(map, base, size) };
    const files = yield* kernel.dax.mount(disk);
    return new MountedDisk({ kernel, importer }, window, map, files);
  }
}

class MountedDisk implements Provider {
  readonly direct: DirectAccess;
  readonly window: Window;
  readonly map: PageMap;
  readonly files: FileSystem;
  constructor(direct: DirectAccess, window: Window, map: PageMap, files: FileSystem) {
    this.direct = direct;
    this.window = window;
    this.map = map;
    this.files = files;
  }

  *alloc(length: Bytes): Task<Region | Refusal> {
    const { kernel } = this.direct;
    yield* kernel.cpu.run("cpu.syscall", 1);
    const file = yield* kernel.dax.create(this.files, length);
    return kernel.isRefusal(file) ? file : new OpenFile(this.direct, file, length);
  }

  /** Files of the same disk. */
  *join(importer: Device): Task<Provider> {
    const { kernel } = this.direct;
    return new JoinedDisk({ kernel, importer }, this.window, this.map, this.files);
  }

  /** umount; then remove: the disk goes, and the queue is taken down once the last page reference (q_usage_counter) is gone. */
  *withdraw(): Task<void> {
    const { kernel } = this.direct;
    yield* kernel.dax.unmount(this.files);
    yield* kernel.cpu.run("cpu.disk_register", 1);
    yield* kernel.pageMaps.release(this.map);
    yield* this.window.leave();
  }
}

/** The same disk for another importer: it goes with who made it. */
class JoinedDisk extends MountedDisk {
  override *withdraw(): Task<void> {}
}

class OpenFile implements Region {
  readonly direct: DirectAccess;
  readonly file: DaxFile;
  readonly length: Bytes;
  constructor(direct: DirectAccess, file: DaxFile, length: Bytes) {
    this.direct = direct;
    this.file = file;
    this.length = length;
  }

  /** mmap of the file; entries appear as its pages are touched, through get_block and direct_access. */
  *expose(): Task<Exposed | Refusal> {
    return new UserMapping(this.direct, yield* this.direct.kernel.dax.mmap(this.file), this.length);
  }

  *free(): Task<void> {
    const { kernel } = this.direct;
    yield* kernel.cpu.run("cpu.syscall", 1);
    yield* kernel.dax.unlink(this.file);
  }
}
