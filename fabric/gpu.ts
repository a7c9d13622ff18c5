import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
import type { BusAddr, Ticks } from "../sim/units.ts";
import type { DmaAddress, DmaStatus, Fabric } from "./fabric.ts";
import { memoryBarOf } from "./memory-bar.ts";
import type { Bar, Endpoint } from "./topology.ts";

/** A copy between the GPU's own memory and addresses on the bus. */
export interface GpuCopy {
  /** `in`: into GPU memory. */
  readonly direction: "in" | "out";
  readonly address: DmaAddress;
  readonly length: number;
  /** Where the engine's commands and its semaphore lie in system memory. */
  readonly commands: DmaAddress;
  readonly semaphore: DmaAddress;
  readonly interrupt: BusAddr;
}

/** A GPU as far as others see it: memory behind a BAR, and one copy engine per direction. */
export class Gpu implements Recurrent {
  readonly endpoint: Endpoint;
  readonly node: number;
  /** The BAR that shows its memory. */
  readonly aperture: Bar;
  readonly #fabric: Fabric;
  readonly #sizes: Readonly<Record<"doorbell" | "commands" | "semaphore" | "interrupt", number>>;
  readonly #startLatency: Ticks;
  readonly #engines: Readonly<Record<GpuCopy["direction"], Resource>>;

  constructor(clock: Clock, fabric: Fabric, parameters: Parameters, endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.node = fabric.node(endpoint.id);
    this.#fabric = fabric;
    this.#sizes = {
      doorbell: parameters.amount("gpu.doorbell"),
      commands: parameters.amount("gpu.pushbuffer"),
      semaphore: parameters.amount("gpu.semaphore"),
      interrupt: parameters.amount("msi.bytes"),
    };
    this.#startLatency = parameters.span("gpu.copy_latency");
    this.#engines = {
      in: new Resource(clock, `${endpoint.id} copy engine in`, 1),
      out: new Resource(clock, `${endpoint.id} copy engine out`, 1),
    };
    const aperture = memoryBarOf(endpoint);
    if (aperture === undefined) throw new RangeError(`${endpoint.id} has no memory BAR`);
    this.aperture = aperture;
  }

  /** Doorbell, command fetch, the copy itself, semaphore, interrupt. */
  *copy(copy: GpuCopy, host: number): Task<DmaStatus> {
    const { direction, address, length } = copy;
    yield* this.#fabric.control(host, false, this.#registers(), this.#sizes.doorbell, "landed");
    yield* this.#fabric.control(this.node, true, copy.commands, this.#sizes.commands, "told");
    const engine = this.#engines[direction];
    yield* engine.acquire();
    yield this.#startLatency;
    const status = yield* this.#fabric.transfer(
      { initiator: this.node, reads: direction === "in", address, length, payload: true },
      "told",
    );
    engine.release();
    yield* this.#fabric.control(this.node, false, copy.semaphore, this.#sizes.semaphore, "told");
    yield* this.#fabric.control(this.node, false, copy.interrupt, this.#sizes.interrupt, "landed");
    return status;
  }

  /** Registers: the first BAR, whichever the memory is. */
  #registers(): BusAddr {
    return this.endpoint.bars[0]?.base ?? this.aperture.base;
  }

  writeState(out: StateWriter): void {
    this.#engines.in.writeState(out);
    this.#engines.out.writeState(out);
  }
}
