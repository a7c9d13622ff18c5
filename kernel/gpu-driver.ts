import type { Parameters } from "../calibration/parameters.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { GpuCopy } from "../fabric/gpu.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { Countdown } from "../sim/countdown.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Bytes, busAddr, PAGE_BYTES, type PhysAddr, physAddr } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import { Recycler } from "./recycler.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { SystemMemory } from "./system-memory.ts";

/** A piece of a GPU's memory that its BAR reaches. */
export interface Vram {
  readonly device: Device;
  /** As the CPU sees it; host bridges add no offset in this model. */
  readonly physical: PhysAddr;
  readonly length: Bytes;
}

/** The GPU's driver: memory behind the BAR, and copies by the engine. */
export class GpuDriver implements Recurrent {
  readonly device: Device;
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #memory: SystemMemory;
  readonly #fabric: Fabric;
  readonly #vram: Recycler;
  readonly #granule: number;
  #ring: DmaMapping | undefined;

  constructor(
    awaited: Awaited,
    device: Device,
    clock: Clock,
    cpu: Cpu,
    dma: DmaApi,
    memory: SystemMemory,
    fabric: Fabric,
    parameters: Parameters,
  ) {
    this.device = device;
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#dma = dma;
    this.#memory = memory;
    this.#fabric = fabric;
    this.#granule = parameters.amount("gpu.page_bytes");
    const aperture = device.gpu?.aperture;
    this.#vram = new Recycler(aperture?.base ?? 0, (aperture?.base ?? 0) + (aperture?.size ?? 0));
  }

  *bind(): Task<Refusal | undefined> {
    yield* this.#cpu.run("cpu.driver_bind", 1);
    this.#dma.attach(this.device);
    const pages = this.#memory.alloc(this.device.socket, PAGE_BYTES);
    if (pages === undefined)
      return refuse({
        errno: "ENOMEM",
        who: "gpu",
        whom: this.device.name,
        why: "no memory for its ring",
        remedy: "give the machine more memory",
      });
    const ring = yield* this.#dma.mapCoherent(this.device, pages);
    if (isRefusal(ring)) return ring;
    this.#ring = ring;
    return undefined;
  }

  /** Unbinds the driver. No copy may be under way. */
  *remove(): Task<void> {
    const ring = this.#ring;
    if (ring === undefined) return;
    this.#ring = undefined;
    yield* this.#cpu.run("cpu.driver_bind", 1);
    yield* this.#dma.unmap(ring);
    if (ring.pages) this.#memory.free(this.device.socket, ring.pages);
    this.#dma.detach(this.device);
  }

  /** Sets aside GPU memory that the BAR reaches. */
  alloc(length: Bytes): Vram | Refusal {
    const size = Math.ceil(length / this.#granule) * this.#granule;
    const physical = this.#vram.take(size, this.#granule);
    if (physical === undefined)
      return refuse({
        errno: "ENOSPC",
        who: "gpu",
        whom: this.device.name,
        why: `its BAR of ${this.device.gpu?.aperture.size ?? 0} bytes has no ${size} bytes left`,
        remedy: "fewer or smaller requests at a time, or a resizable BAR",
      });
    this.#clock.observe(physical);
    return { device: this.device, physical: physAddr(physical), length };
  }

  free({ physical, length }: Vram): void {
    this.#vram.give(physical, Math.ceil(length / this.#granule) * this.#granule);
  }

  /** Has the engine copy between its own memory and a mapping made for it, and sleeps until it is done. */
  copy(direction: GpuCopy["direction"], mapping: DmaMapping): Task<"" | "EIO"> {
    return this.#awaited.call(this.#copy(direction, mapping));
  }

  *#copy(direction: GpuCopy["direction"], mapping: DmaMapping): Task<"" | "EIO"> {
    this.#awaited.begin();
    const ring = this.#ring?.segments[0]?.address;
    if (ring === undefined) throw new Error(`${this.device.name} has no driver bound`);
    yield* this.#cpu.run("cpu.gpu_copy_submit", 1);
    yield* this.#cpu.run("host.mmio_write", 1);
    const copies = new Countdown(this.#clock, `copies of ${this.device.name}`);
    const copy = { failed: 0 };
    copies.add(1);
    for (const { address, length } of mapping.segments) {
      const command: GpuCopy = {
        direction,
        address,
        length,
        commands: busAddr(ring),
        semaphore: busAddr(ring + PAGE_BYTES / 2),
        interrupt: busAddr(this.#fabric.addresses.interrupts(this.device.socket)),
      };
      this.#clock.spawn(`${this.device.name} copy ${direction}`, this.#serve(command, copies, copy), [
        direction === "in" ? 0 : 1,
        address,
        length,
      ]);
    }
    this.#cpu.leave();
    yield* copies.wait();
    this.#clock.observe(copy.failed);
    // The waiting thread polls the semaphore, as cudaMemcpy does: what that costs is in its measured overhead already.
    yield* this.#cpu.run("cpu.gpu_copy_complete", 1);
    return copy.failed > 0 ? "EIO" : "";
  }

  *#serve(command: GpuCopy, copies: Countdown, result: { failed: number }): Task<void> {
    const { gpu } = this.device;
    const status = gpu
      ? yield* gpu.copy(command, this.#fabric.node(`egress ${this.device.socket}`))
      : "unsupported-request";
    if (status !== "ok") result.failed += 1;
    copies.finish(1);
  }

  writeState(out: StateWriter): void {
    this.device.gpu?.writeState(out);
    this.#vram.writeState(out);
  }
}
