import type { Device } from "../../kernel/device.ts";
import type { GpuDriver } from "../../kernel/gpu-driver.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Mirror } from "../../kernel/mirror.ts";
import type { PageMap } from "../../kernel/page-map.ts";
import type { Reserved } from "../../kernel/physical-space.ts";
import type { Refusal } from "../../kernel/refusal.ts";

/** What hmm_devmem_add has made of a GPU: struct pages for its memory, which no CPU maps, and who mirrors the process. */
export class DeviceMemory {
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

  outOfMemory(): Refusal {
    return this.kernel.refuse({
      errno: "ENOMEM",
      who: "hmm",
      whom: this.importer.name,
      why: "no system memory for the pages of the process",
      remedy: "lower the queue depth",
    });
  }
}
