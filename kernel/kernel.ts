import type { Parameters } from "../calibration/parameters.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { Gpu } from "../fabric/gpu.ts";
import { NvmeController } from "../fabric/nvme.ts";
import { CAPTURE, NIC, Streamer } from "../fabric/streamer.ts";
import type { Bar, Endpoint } from "../fabric/topology.ts";
import type { IommuMode } from "../record/cell.ts";
import type { Event } from "../record/event.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent } from "../sim/recurrent.ts";
import type { Stream } from "../sim/stream.ts";
import type { Tally } from "../sim/tally.ts";
import { PAGE_BYTES, type PhysAddr, physAddr } from "../sim/units.ts";
import { Awaited } from "./awaited.ts";
import type { BarMemory } from "./bar-memory.ts";
import { BarWindows } from "./bar-windows.ts";
import { BlockLayer } from "./block.ts";
import { Cpu } from "./cpu.ts";
import { Dax } from "./dax.ts";
import type { Device } from "./device.ts";
import { DmaApi } from "./dma-api.ts";
import { type DmaBufOps, DmaBufs } from "./dma-buf.ts";
import { DmaBufImporter } from "./dma-buf-importer.ts";
import { DriverCore } from "./driver-core.ts";
import type { DriverHost } from "./driver-host.ts";
import { GpuDriver } from "./gpu-driver.ts";
import { GetUserPages } from "./gup.ts";
import { Io } from "./io.ts";
import { MemoryCopy } from "./memory-copy.ts";
import { Migration } from "./migration.ts";
import { MmuNotifiers } from "./mmu-notifier.ts";
import { NvmeDriver } from "./nvme-driver.ts";
import { PageCache } from "./page-cache.ts";
import { PageMaps } from "./page-map.ts";
import { Pages } from "./pages.ts";
import { Pci } from "./pci.ts";
import { PhysicalSpace } from "./physical-space.ts";
import { Placements } from "./placement.ts";
import { PlacingExporter } from "./placing-exporter.ts";
import { Process } from "./process.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import { StateTable } from "./state-table.ts";
import { type Habits, StreamerDriver } from "./streamer-driver.ts";
import { SystemMemory } from "./system-memory.ts";

/** Devices that stream, and how their drivers talk to them: capture drivers sleep until an interrupt, verbs poll. */
const STREAMS: ReadonlyMap<Endpoint["role"], Habits> = new Map([
  ["capture", { streaming: CAPTURE, submit: "cpu.capture_submit", complete: "cpu.capture_complete", sleeps: true }],
  ["nic", { streaming: NIC, submit: "cpu.rdma_post", complete: "cpu.rdma_poll", sleeps: false }],
]);

/** What a kernel is booted on. */
export interface Board {
  readonly clock: Clock;
  readonly history: Stream<Event>;
  readonly tally: Tally;
  readonly fabric: Fabric;
  readonly parameters: Parameters;
  readonly iommu: IommuMode;
}

/** Linux 4.9 as it stood before any of the proposals: what a proposal is handed, and all that it may use. */
export class Kernel {
  readonly version: string = "4.9";
  readonly pageBytes: number = PAGE_BYTES;
  readonly cpu: Cpu;
  readonly memory: SystemMemory;
  readonly pages: Pages;
  readonly pageMaps: PageMaps;
  /** How much of the BARs others depend on. */
  readonly windows: BarWindows;
  readonly gup: GetUserPages;
  /** The tree of PCI functions and their ACS registers. */
  readonly pci: Pci;
  readonly dma: DmaApi;
  readonly dmaBufs: DmaBufs;
  /** The importing half of a driver that knows dma-bufs. */
  readonly dmaBufImporter: DmaBufImporter;
  readonly block: BlockLayer;
  readonly io: Io;
  readonly drivers: DriverCore;
  readonly space: PhysicalSpace;
  readonly notifiers: MmuNotifiers;
  readonly migration: Migration;
  readonly dax: Dax;
  /** Buffers that drivers keep in system memory for their devices. */
  readonly placements: Placements;
  readonly pageCache: PageCache;
  readonly copy: MemoryCopy;
  /** The process that the workload runs in. */
  readonly process: Process;
  /** Where a plugin keeps what it must remember: nothing else is part of the state that a leap compares. */
  readonly table: StateTable = new StateTable();
  readonly refuse: (refusal: Refusal) => Refusal = refuse;
  readonly isRefusal: (answer: object) => answer is Refusal = isRefusal;
  readonly #awaited = new Awaited();
  readonly #devices = new Map<string, Device>();
  readonly #nvme = new Map<string, NvmeDriver>();
  readonly #gpus = new Map<string, GpuDriver>();
  readonly #streamers = new Map<string, StreamerDriver>();

  constructor({ clock, history, tally, fabric, parameters, iommu }: Board) {
    const awaited = this.#awaited;
    this.cpu = new Cpu(awaited, clock, parameters, tally);
    this.memory = new SystemMemory(fabric.addresses);
    this.pages = new Pages(clock, history);
    this.windows = new BarWindows(fabric.graph.tree.devices.flatMap(({ endpoint }) => endpoint.bars));
    this.pageMaps = new PageMaps(awaited, clock, this.cpu, parameters, this.windows);
    this.gup = new GetUserPages(awaited, this.cpu, this.pages, this.pageMaps);
    this.dma = new DmaApi(awaited, clock, this.cpu, fabric, history, parameters, iommu, this.windows);
    this.pci = new Pci(awaited, this.cpu, fabric.graph.tree.topology, iommu !== "off");
    this.dmaBufs = new DmaBufs(awaited, clock, this.cpu);
    this.block = new BlockLayer(awaited, this.cpu, this.#nvme);
    this.io = new Io(awaited, this.cpu, this.block, this.#gpus, this.#streamers, parameters);
    this.placements = new Placements(awaited, clock, this.dma, this.io, this.memory, this.pages);
    this.dmaBufImporter = new DmaBufImporter(awaited, this.cpu, this.dma, this.dmaBufs, this.io, this.placements);
    this.copy = new MemoryCopy(awaited, this.cpu, tally, parameters);
    this.pageCache = new PageCache(
      awaited,
      this.cpu,
      this.dma,
      this.block,
      this.memory,
      this.pages,
      this.copy,
      parameters,
    );
    this.notifiers = new MmuNotifiers(awaited, clock, this.cpu);
    this.process = new Process(awaited, this.cpu, this.notifiers);
    this.migration = new Migration(awaited, this.cpu, this.pages, this.notifiers);
    this.dax = new Dax(awaited, this.cpu, this.notifiers, this.process, parameters);
    this.drivers = new DriverCore(awaited, this.cpu, this.dma);
    this.space = new PhysicalSpace(fabric.addresses);
    const host: DriverHost = { awaited, clock, cpu: this.cpu, dma: this.dma, memory: this.memory, fabric, parameters };
    for (const { endpoint } of fabric.graph.tree.devices) this.#discover(endpoint, host);
  }

  /** A device on the bus, and the driver that its role calls for. */
  #discover(endpoint: Endpoint, host: DriverHost): void {
    const { clock, fabric, parameters } = host;
    const { id, role } = endpoint;
    const device: Device = { name: id, endpoint, node: fabric.node(id), socket: fabric.socketOf(id) };
    const stream = STREAMS.get(role);
    if (role === "nvme") {
      const nvme = new NvmeController(clock, fabric, parameters, endpoint);
      this.#devices.set(id, { ...device, nvme });
      this.#nvme.set(id, new NvmeDriver({ ...device, nvme }, host));
    } else if (role === "gpu") {
      const gpu = new Gpu(clock, fabric, parameters, endpoint);
      this.#devices.set(id, { ...device, gpu });
      this.#gpus.set(id, new GpuDriver({ ...device, gpu }, gpu, host));
    } else if (stream) {
      const streamer = new Streamer(clock, fabric, parameters, endpoint, stream.streaming);
      this.#devices.set(id, { ...device, streamer });
      this.#streamers.set(id, new StreamerDriver({ ...device, streamer }, streamer, stream, host));
    } else this.#devices.set(id, device);
  }

  /** Binds the drivers of all devices. */
  *boot(): Task<Refusal | undefined> {
    for (const driver of this.#drivers()) {
      const refusal = yield* driver.bind();
      if (refusal) return refusal;
      this.drivers.note(driver.device, driver.device.endpoint.role);
    }
    this.cpu.leave();
    return undefined;
  }

  /** Unbinds them all, in the reverse order. */
  *shutdown(): Task<void> {
    for (const driver of [...this.#drivers()].reverse()) yield* this.#unbind(driver);
    this.cpu.leave();
  }

  /** Unbinds a device's own driver, as an administrator does through sysfs. */
  *unbind(device: Device): Task<void> {
    const driver = this.#drivers().find(({ device: { name } }) => name === device.name);
    if (driver) yield* this.#unbind(driver);
  }

  *#unbind(driver: NvmeDriver | GpuDriver | StreamerDriver): Task<void> {
    yield* driver.remove();
    this.drivers.note(driver.device, undefined);
  }

  #drivers(): readonly (NvmeDriver | GpuDriver | StreamerDriver)[] {
    return [...this.#nvme.values(), ...this.#gpus.values(), ...this.#streamers.values()];
  }

  device(name: string): Device | undefined {
    return this.#devices.get(name);
  }

  /** Where the CPU sees a BAR. Host bridges add no offset on the platforms of this model (bus_offset 0). */
  physicalOf(bar: Bar): PhysAddr {
    return physAddr(bar.base);
  }

  /** The driver of a GPU, where the device is one. */
  gpu(device: Device): GpuDriver | undefined {
    return this.#gpus.get(device.name);
  }

  /** The memory behind a device's BAR, where its driver hands it out. */
  memoryBehind(device: Device): BarMemory | undefined {
    return this.#gpus.get(device.name)?.memory ?? this.#streamers.get(device.name)?.memory;
  }

  /** How a driver exports what is in its device's memory so that every importer reaches it. */
  placingExporter(memory: BarMemory): DmaBufOps {
    return new PlacingExporter(this.dma, this.pci, this.placements, memory);
  }

  /** Primitives that were called and never run: somebody forgot `yield*`. */
  get forgotten(): number {
    return this.#awaited.forgotten;
  }

  /** Everything of it that has state, most volatile first. */
  states(): readonly Recurrent[] {
    return [
      this.cpu,
      ...this.#drivers(),
      this.pages,
      this.dma,
      this.dmaBufs,
      this.memory,
      this.process,
      this.notifiers,
      this.dax,
      this.pageMaps,
      this.drivers,
      this.space,
      this.table,
    ];
  }
}
