import type { Parameters } from "../calibration/parameters.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { Gpu } from "../fabric/gpu.ts";
import { NvmeController } from "../fabric/nvme.ts";
import type { Bar } from "../fabric/topology.ts";
import type { IommuMode } from "../record/cell.ts";
import type { Event } from "../record/event.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent } from "../sim/recurrent.ts";
import type { Stream } from "../sim/stream.ts";
import type { Tally } from "../sim/tally.ts";
import { type PhysAddr, physAddr } from "../sim/units.ts";
import { Awaited } from "./awaited.ts";
import { BlockLayer } from "./block.ts";
import { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import { DmaApi } from "./dma-api.ts";
import { GpuDriver } from "./gpu-driver.ts";
import { GetUserPages } from "./gup.ts";
import { MemoryCopy } from "./memory-copy.ts";
import { NvmeDriver } from "./nvme-driver.ts";
import { PageCache } from "./page-cache.ts";
import { PageMaps } from "./page-map.ts";
import { Pages } from "./pages.ts";
import { Process } from "./process.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import { StateTable } from "./state-table.ts";
import { SystemMemory } from "./system-memory.ts";

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
  readonly cpu: Cpu;
  readonly memory: SystemMemory;
  readonly pages: Pages;
  readonly pageMaps: PageMaps;
  readonly gup: GetUserPages;
  readonly dma: DmaApi;
  readonly block: BlockLayer;
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

  constructor({ clock, history, tally, fabric, parameters, iommu }: Board) {
    const awaited = this.#awaited;
    this.cpu = new Cpu(awaited, clock, parameters, tally);
    this.memory = new SystemMemory(fabric.addresses);
    this.pages = new Pages(clock, history);
    this.pageMaps = new PageMaps(awaited, clock, this.cpu, parameters);
    this.gup = new GetUserPages(awaited, this.cpu, this.pages, this.pageMaps);
    this.dma = new DmaApi(awaited, clock, this.cpu, fabric, history, parameters, iommu);
    this.block = new BlockLayer(awaited, this.cpu, this.#nvme);
    this.copy = new MemoryCopy(this.cpu, tally);
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
    this.process = new Process(awaited, this.cpu);
    for (const { endpoint } of fabric.graph.tree.devices) {
      const nvme = endpoint.role === "nvme" ? new NvmeController(clock, fabric, parameters, endpoint) : undefined;
      const gpu = endpoint.role === "gpu" ? new Gpu(clock, fabric, parameters, endpoint) : undefined;
      const device: Device = {
        name: endpoint.id,
        endpoint,
        node: fabric.node(endpoint.id),
        socket: fabric.socketOf(endpoint.id),
        ...(nvme ? { nvme } : {}),
        ...(gpu ? { gpu } : {}),
      };
      this.#devices.set(endpoint.id, device);
      if (nvme)
        this.#nvme.set(endpoint.id, new NvmeDriver(device, clock, this.cpu, this.dma, this.memory, fabric, parameters));
      if (gpu)
        this.#gpus.set(
          endpoint.id,
          new GpuDriver(awaited, device, clock, this.cpu, this.dma, this.memory, fabric, parameters),
        );
    }
  }

  /** Binds the drivers of all devices. */
  *boot(): Task<Refusal | undefined> {
    for (const driver of [...this.#nvme.values(), ...this.#gpus.values()]) {
      const refusal = yield* driver.bind();
      if (refusal) return refusal;
    }
    this.cpu.leave();
    return undefined;
  }

  /** Unbinds them all, in the reverse order. */
  *shutdown(): Task<void> {
    for (const driver of [...this.#nvme.values(), ...this.#gpus.values()].reverse()) yield* driver.remove();
    this.cpu.leave();
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

  /** Primitives that were called and never run: somebody forgot `yield*`. */
  get forgotten(): number {
    return this.#awaited.forgotten;
  }

  /** Everything of it that has state, most volatile first. */
  states(): readonly Recurrent[] {
    return [
      this.cpu,
      ...this.#nvme.values(),
      ...this.#gpus.values(),
      this.pages,
      this.dma,
      this.memory,
      this.process,
      this.pageMaps,
      this.table,
    ];
  }
}
