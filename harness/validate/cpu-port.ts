import type { Device } from "../../kernel/device.ts";
import type { Task } from "../../sim/activity.ts";
import { busAddr, type Ticks } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";

/** A core as the root complex sees it: what it stores and loads enters and leaves the fabric where doorbells do. */
export class CpuPort {
  /** Requests that did not get through. */
  lost: number = 0;
  readonly #bench: Bench;
  readonly #node: number;
  readonly #hold: Ticks;
  /** From a core to a root port: as far as from the memory controller, which nobody has told apart. */
  readonly #way: Ticks;

  constructor(bench: Bench, { socket }: Device) {
    this.#bench = bench;
    this.#node = bench.world.fabric.node(`egress ${socket}`);
    this.#hold = bench.parameters.span("host.fill_buffer_hold");
    this.#way = bench.parameters.span("rc.response_latency");
  }

  /** A posted write: its buffer is free, and a fence passes, once the root complex has taken it. */
  *store(address: number, length: number): Task<void> {
    yield* this.#request(false, address, length, "told");
    yield this.#hold;
  }

  /** A posted write, and the wait until it has reached the device. */
  *flag(address: number, length: number): Task<void> {
    yield this.#way;
    yield* this.#request(false, address, length, "landed");
  }

  /** A round trip. */
  *load(address: number, length: number): Task<void> {
    yield this.#way;
    yield* this.#request(true, address, length, "told");
  }

  *#request(reads: boolean, address: number, length: number, until: "told" | "landed"): Task<void> {
    const transfer = { initiator: this.#node, reads, address: busAddr(address), length, payload: true };
    if ((yield* this.#bench.world.fabric.transfer(transfer, until)) !== "ok") this.lost += 1;
  }
}
