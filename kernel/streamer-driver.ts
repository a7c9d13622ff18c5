import type { ParameterName } from "../calibration/parameters.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { memoryBarOf } from "../fabric/memory-bar.ts";
import type { Streamer, Streaming, StreamTransfer } from "../fabric/streamer.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { Countdown } from "../sim/countdown.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
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

/** How a driver talks to its device: what the CPU spends, and whether it sleeps until an interrupt or looks for the completion. */
export interface Habits {
  readonly streaming: Streaming;
  readonly submit: ParameterName;
  readonly complete: ParameterName;
  readonly sleeps: boolean;
}

/** The driver of a capture card or a network adapter: a ring of descriptors and one of completions, a place in both for each transfer. */
export class StreamerDriver implements Recurrent {
  readonly device: Device;
  readonly streamer: Streamer;
  /** Its frame store, where a readable BAR shows it. */
  readonly memory: BarMemory | undefined;
  readonly #habits: Habits;
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #memory: SystemMemory;
  readonly #fabric: Fabric;
  readonly #descriptorBytes: number;
  readonly #completionBytes: number;
  /** Where the completions begin, behind the descriptors, and how long both are. */
  readonly #completionsAt: number;
  readonly #ringBytes: number;
  readonly #places: Resource;
  readonly #busy: boolean[] = [];
  #ring: DmaMapping | undefined;

  constructor(
    device: Device,
    streamer: Streamer,
    habits: Habits,
    { awaited, clock, cpu, dma, memory, fabric, parameters }: DriverHost,
  ) {
    this.device = device;
    this.streamer = streamer;
    const store = device.endpoint.role === "capture" ? memoryBarOf(device.endpoint) : undefined;
    this.memory = store && new BarMemory(device, store, clock, PAGE_BYTES);
    this.#habits = habits;
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#dma = dma;
    this.#memory = memory;
    this.#fabric = fabric;
    const entries = parameters.amount(habits.streaming.entries);
    this.#descriptorBytes = parameters.amount(habits.streaming.descriptor);
    this.#completionBytes = parameters.amount(habits.streaming.completion);
    this.#completionsAt = wholePages(entries * this.#descriptorBytes);
    this.#ringBytes = this.#completionsAt + wholePages(entries * this.#completionBytes);
    this.#places = new Resource(clock, `a place in the ring of ${device.name}`, entries);
  }

  *bind(): Task<Refusal | undefined> {
    yield* this.#cpu.run("cpu.driver_bind", 1);
    this.#dma.attach(this.device);
    const pages = this.#memory.alloc(this.device.socket, this.#ringBytes);
    if (pages === undefined)
      return refuse({
        errno: "ENOMEM",
        who: this.device.endpoint.role,
        whom: this.device.name,
        why: "no memory for its ring",
        remedy: "give the machine more memory",
      });
    const ring = yield* this.#dma.mapCoherent(this.device, pages);
    if (isRefusal(ring)) return ring;
    this.#ring = ring;
    return undefined;
  }

  /** Unbinds the driver. No transfer may be under way. */
  *remove(): Task<void> {
    const ring = this.#ring;
    if (ring === undefined) return;
    this.#ring = undefined;
    yield* this.#cpu.run("cpu.driver_bind", 1);
    yield* this.#dma.unmap(ring);
    if (ring.pages) this.#memory.free(this.device.socket, ring.pages);
    this.#dma.detach(this.device);
  }

  /** Posts one transfer: `read` from outside into the mapping, `write` from there to the outside. */
  submit(kind: "read" | "write", mapping: DmaMapping): Task<Pending> {
    return this.#awaited.call(this.#submit(kind, mapping));
  }

  *#submit(kind: "read" | "write", mapping: DmaMapping): Task<Pending> {
    this.#awaited.begin();
    const ring = this.#ring?.segments[0]?.address;
    if (ring === undefined) throw new Error(`${this.device.name} has no driver bound`);
    if (!this.#places.tryAcquire()) {
      this.#cpu.leave();
      yield* this.#places.acquire();
    }
    const place = this.#takePlace();
    yield* this.#cpu.run(this.#habits.submit, 1);
    yield* this.#cpu.run("host.mmio_write", 1);
    const done = new Countdown(this.#clock, `a transfer of ${this.device.name}`);
    done.add(1);
    const result = { failed: 0 };
    const transfer: StreamTransfer = {
      kind,
      segments: mapping.segments,
      descriptor: busAddr(ring + place * this.#descriptorBytes),
      completion: busAddr(ring + this.#completionsAt + place * this.#completionBytes),
      interrupt: this.#habits.sleeps ? busAddr(this.#fabric.addresses.interrupts(this.device.socket)) : undefined,
    };
    const [first] = mapping.segments;
    this.#clock.spawn(`${this.device.name} ${kind}`, this.#serve(transfer, place, done, result), [
      kind === "read" ? 0 : 1,
      place,
      first?.address ?? 0,
      mapping.length,
    ]);
    return { wait: () => this.#awaited.call(this.#wait(done, result)) };
  }

  *#serve(transfer: StreamTransfer, place: number, done: Countdown, result: { failed: number }): Task<void> {
    const status = yield* this.streamer.execute(transfer, this.#fabric.node(`egress ${this.device.socket}`));
    if (status !== "ok") result.failed += 1;
    this.#busy[place] = false;
    this.#places.release();
    done.finish(1);
  }

  *#wait(done: Countdown, result: { readonly failed: number }): Task<"" | "EIO"> {
    this.#awaited.begin();
    this.#cpu.leave();
    yield* done.wait();
    this.#clock.observe(result.failed);
    if (this.#habits.sleeps) {
      yield* this.#cpu.run("cpu.interrupt", 1);
      yield* this.#cpu.run("cpu.wakeup", 1);
    }
    yield* this.#cpu.run(this.#habits.complete, 1);
    return result.failed > 0 ? "EIO" : "";
  }

  #takePlace(): number {
    let place = 0;
    while (this.#busy[place]) place += 1;
    this.#busy[place] = true;
    return place;
  }

  writeState(out: StateWriter): void {
    this.streamer.writeState(out);
    this.memory?.writeState(out);
    this.#places.writeState(out);
    for (const [place, busy] of this.#busy.entries()) if (busy) out.put(place);
  }
}

const wholePages = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
