import type { Parameters } from "../calibration/parameters.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { Gpu, GpuCopy } from "../fabric/gpu.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { Countdown } from "../sim/countdown.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { busAddr, PAGE_BYTES } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import { BarMemory } from "./bar-memory.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import type { DriverHost } from "./driver-host.ts";
import type { Pending } from "./pending.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { SystemMemory } from "./system-memory.ts";

/** The GPU's driver: memory behind the BAR, and copies by the engine. */
export class GpuDriver implements Recurrent {
  readonly device: Device;
  /** What its BAR reaches. */
  readonly memory: BarMemory;
  readonly #gpu: Gpu;
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #memory: SystemMemory;
  readonly #fabric: Fabric;
  readonly #parameters: Parameters;
  #ring: DmaMapping | undefined;

  constructor(device: Device, gpu: Gpu, { awaited, clock, cpu, dma, memory, fabric, parameters }: DriverHost) {
    this.device = device;
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#dma = dma;
    this.#memory = memory;
    this.#fabric = fabric;
    this.#parameters = parameters;
    this.#gpu = gpu;
    this.memory = new BarMemory(device, gpu.aperture, clock, parameters.amount("gpu.page_bytes"));
  }

  /** How many pages one batch of the GPU's page faults is about. */
  get faultBatch(): number {
    return this.#parameters.amount("gpu.fault_batch_pages");
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

  /** Has the engine copy between its own memory and a mapping made for it, and sleeps until it is done. */
  copy(direction: GpuCopy["direction"], mapping: DmaMapping): Task<"" | "EIO"> {
    return this.#awaited.call(this.#copy(direction, mapping));
  }

  *#copy(direction: GpuCopy["direction"], mapping: DmaMapping): Task<"" | "EIO"> {
    this.#awaited.begin();
    const pending = yield* this.submit(direction, mapping);
    return yield* pending.wait();
  }

  /** Has the engine start a copy. */
  submit(direction: GpuCopy["direction"], mapping: DmaMapping): Task<Pending> {
    return this.#awaited.call(this.#submit(direction, mapping));
  }

  *#submit(direction: GpuCopy["direction"], mapping: DmaMapping): Task<Pending> {
    this.#awaited.begin();
    const ring = this.#ring?.segments[0]?.address;
    if (ring === undefined) throw new Error(`${this.device.name} has no driver bound`);
    yield* this.#cpu.run("cpu.gpu_copy_submit", 1);
    yield* this.#cpu.run("host.mmio_write", 1);
    const copies = new Countdown(this.#clock, `copies of ${this.device.name}`);
    const result = { failed: 0 };
    for (const { address, length } of mapping.segments) {
      copies.add(1);
      const command: GpuCopy = {
        direction,
        address,
        length,
        commands: busAddr(ring),
        semaphore: busAddr(ring + PAGE_BYTES / 2),
        interrupt: busAddr(this.#fabric.addresses.interrupts(this.device.socket)),
      };
      this.#clock.spawn(`${this.device.name} copy ${direction}`, this.#serve(command, copies, result), [
        direction === "in" ? 0 : 1,
        address,
        length,
      ]);
    }
    return { wait: () => this.#awaited.call(this.#wait(copies, result)) };
  }

  *#wait(copies: Countdown, result: { readonly failed: number }): Task<"" | "EIO"> {
    this.#awaited.begin();
    this.#cpu.leave();
    yield* copies.wait();
    this.#clock.observe(result.failed);
    // The waiting thread polls the semaphore, as cudaMemcpy does: what that costs is in its measured overhead already.
    yield* this.#cpu.run("cpu.gpu_copy_complete", 1);
    return result.failed > 0 ? "EIO" : "";
  }

  *#serve(command: GpuCopy, copies: Countdown, result: { failed: number }): Task<void> {
    const status = yield* this.#gpu.copy(command, this.#fabric.node(`egress ${this.device.socket}`));
    if (status !== "ok") result.failed += 1;
    copies.finish(1);
  }

  writeState(out: StateWriter): void {
    this.#gpu.writeState(out);
    this.memory.writeState(out);
  }
}
