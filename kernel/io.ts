import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import { PAGE_BYTES } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { BlockLayer } from "./block.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaMapping } from "./dma-api.ts";
import type { GpuDriver } from "./gpu-driver.ts";
import type { PageRange } from "./pages.ts";
import type { Pending } from "./pending.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { StreamerDriver } from "./streamer-driver.ts";
import { drmSubsystem, rdmaSubsystem, type Subsystem, v4l2Subsystem } from "./subsystem.ts";

/**
 * Where user space has a device move data between its medium and memory: the block layer for a drive, DRM for a GPU, V4L2 for a capture
 * card, verbs for a network adapter. `read` goes from the medium to the memory, `write` the other way. A GPU's medium is its own memory.
 */
export class Io {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #block: BlockLayer;
  readonly #gpus: ReadonlyMap<string, GpuDriver>;
  readonly #streamers: ReadonlyMap<string, StreamerDriver>;
  readonly #bounceBytes: number;
  readonly #gpuBounceBytes: number;
  readonly #drm = drmSubsystem();
  readonly #v4l2 = v4l2Subsystem();
  readonly #rdma = rdmaSubsystem();

  constructor(
    awaited: Awaited,
    cpu: Cpu,
    block: BlockLayer,
    gpus: ReadonlyMap<string, GpuDriver>,
    streamers: ReadonlyMap<string, StreamerDriver>,
    parameters: Parameters,
  ) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#block = block;
    this.#gpus = gpus;
    this.#streamers = streamers;
    this.#bounceBytes = parameters.amount("host.bounce_bytes");
    this.#gpuBounceBytes = parameters.amount("gpu.staging_bytes");
  }

  /** What stands between user space and a device's driver. */
  subsystem({ endpoint }: Device): Subsystem | undefined {
    if (endpoint.role === "nvme") return this.#block.subsystem;
    if (endpoint.role === "gpu") return this.#drm;
    if (endpoint.role === "capture") return this.#v4l2;
    return endpoint.role === "nic" ? this.#rdma : undefined;
  }

  /** Whether memory is registered for a device once and stays pinned for it until that is taken back: verbs' memory regions. */
  registers({ endpoint }: Device): boolean {
    return endpoint.role === "nic";
  }

  /** Whether files live on a device: its reads and writes may pass the page cache. */
  isStorage(device: Device): boolean {
    return device.nvme !== undefined;
  }

  /** From now on a drive's completions are polled for, as io_uring's IOPOLL does: no interrupt, no sleep. */
  poll(device: Device): void {
    this.#block.poll(device);
  }

  /** The piece in which a device's data is staged, in bytes: the largest request of a drive, the habit of drivers for the others. */
  bounceSize(device: Device): number {
    if (device.nvme) return this.#block.maxTransfer(device);
    return this.#gpus.has(device.name) ? this.#gpuBounceBytes : this.#bounceBytes;
  }

  /** Has one device go on where another one has come to: between two GPUs their drivers synchronise two contexts. */
  handOver(from: Device, to: Device): Task<void> {
    const both = this.#gpus.has(from.name) && this.#gpus.has(to.name);
    return both ? this.#awaited.call(this.#synchronise()) : this.#awaited.pass();
  }

  *#synchronise(): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.gpu_handover", 1);
  }

  /** Submits and waits. */
  transfer(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<"" | "EIO" | Refusal> {
    return device.nvme
      ? this.#block.transfer(device, kind, mapping)
      : this.#awaited.call(this.#transfer(device, kind, mapping));
  }

  /** Several transfers of a drive, submitted together as io_uring submits a batch. */
  transferAll(device: Device, kind: "read" | "write", mappings: readonly DmaMapping[]): Task<"" | "EIO" | Refusal> {
    return this.#block.transferAll(device, kind, mappings);
  }

  *#transfer(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<"" | "EIO" | Refusal> {
    this.#awaited.begin();
    const pending = yield* this.submit(device, kind, mapping);
    return isRefusal(pending) ? pending : yield* pending.wait();
  }

  submit(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<Pending | Refusal> {
    return device.nvme
      ? this.#block.submit(device, kind, mapping)
      : this.#awaited.call(this.#submit(device, kind, mapping));
  }

  *#submit(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<Pending | Refusal> {
    this.#awaited.begin();
    const refusal = this.subsystem(device)?.refusal(device, mapping);
    if (refusal) return refusal;
    const gpu = this.#gpus.get(device.name);
    if (gpu) return yield* gpu.submit(kind === "read" ? "out" : "in", mapping);
    const streamer = this.#streamers.get(device.name);
    if (streamer) return yield* streamer.submit(kind, mapping);
    return refuse({
      errno: "ENODEV",
      who: "the kernel",
      whom: device.name,
      why: "no driver is bound to it that could move data",
      remedy: "name a drive, a GPU, a capture card or a network adapter",
    });
  }

  /**
   * What a subsystem does once for memory that it will use again and again: verbs register a memory region, the others nothing. The
   * adapter's table has an entry for each page, as large as the pages that the memory is made of (ib_umem_find_best_pgsz).
   */
  register(device: Device, mapping: DmaMapping, page: number = PAGE_BYTES): Task<Refusal | undefined> {
    return this.registers(device) ? this.#awaited.call(this.#register(device, mapping, page)) : this.#awaited.pass();
  }

  *#register(device: Device, mapping: DmaMapping, page: number): Task<Refusal | undefined> {
    this.#awaited.begin();
    const refusal = this.#rdma.refusal(device, mapping);
    if (refusal) return refusal;
    yield* this.#cpu.run("cpu.reg_mr", 1);
    const pages = page === PAGE_BYTES ? mapping.pages?.count : undefined;
    yield* this.#cpu.run("cpu.reg_mr_page", pages ?? Math.ceil(mapping.length / page));
    return undefined;
  }

  /** The same for an adapter that is a driver on the host's own processor: no command, and an entry for each 4 KiB. */
  registerSoft(pages: PageRange): Task<void> {
    return this.#awaited.call(this.#registerSoft(pages));
  }

  *#registerSoft({ count }: PageRange): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.soft_mr_page", count);
  }
}
