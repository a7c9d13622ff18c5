import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
import { Server } from "../sim/server.ts";
import type { Ticks } from "../sim/units.ts";
import type { DmaAddress, DmaStatus, Fabric } from "./fabric.ts";

/**
 * The DMA engine of a programmable network adapter, between its own memory and its link:
 *
 *   program ── command ──> transmit bus ══> link ══> ... ══> link ══> receive bus ── signal ──> program
 *                          (writes' data, reads' requests)            (reads' data)
 *
 * Both buses are narrower than the link is fast, and data pass them whole: what a command moves is gathered before its first byte goes
 * on. So a long command takes its time twice, on the bus and on the link, while many of them overlap.
 */
export class DmaEngine implements Recurrent {
  readonly node: number;
  readonly #fabric: Fabric;
  /** Reads that are under way, from their command until their data are in. */
  readonly #reads: Resource;
  readonly #transmit: Server;
  readonly #receive: Server;
  /** Writes begin no faster than this, however short they are. */
  readonly #pace: Server;
  readonly #spans: Readonly<Record<"read" | "write" | "signal" | "interval" | "command" | "request", Ticks>>;
  readonly #ticksPerByte: number;

  constructor(clock: Clock, fabric: Fabric, parameters: Parameters, node: number, inFlight: number) {
    this.node = node;
    this.#fabric = fabric;
    this.#reads = new Resource(clock, "a place for a read in the DMA engine", inFlight);
    this.#transmit = new Server(clock);
    this.#receive = new Server(clock);
    this.#pace = new Server(clock);
    this.#spans = {
      read: parameters.span("nfp.read_latency"),
      write: parameters.span("nfp.write_latency"),
      signal: parameters.span("nfp.signal_latency"),
      interval: parameters.span("nfp.write_interval"),
      command: parameters.span("nfp.command"),
      request: parameters.span("nfp.request"),
    };
    this.#ticksPerByte = parameters.spanPerByte("nfp.bus_rate");
  }

  /** From memory on the fabric into the device; done when its program is told. */
  *read(address: DmaAddress, length: number): Task<DmaStatus> {
    yield* this.#reads.acquire();
    yield this.#spans.read;
    yield this.#transmit.book(this.#spans.request);
    const status = yield* this.#moved(true, address, length);
    yield this.#receive.book(this.#crossing(length));
    this.#reads.release();
    yield this.#spans.signal;
    return status;
  }

  /** From the device to memory on the fabric; done when its last packet has left. */
  *write(address: DmaAddress, length: number): Task<DmaStatus> {
    yield this.#spans.write;
    yield this.#pace.book(this.#spans.interval) - this.#spans.interval;
    yield this.#transmit.book(this.#crossing(length));
    return yield* this.#moved(false, address, length);
  }

  #crossing(length: number): number {
    return this.#spans.command + length * this.#ticksPerByte;
  }

  #moved(reads: boolean, address: DmaAddress, length: number): Task<DmaStatus> {
    return this.#fabric.transfer({ initiator: this.node, reads, address, length, payload: true }, "told");
  }

  writeState(out: StateWriter): void {
    this.#reads.writeState(out);
    this.#transmit.writeState(out);
    this.#receive.writeState(out);
    this.#pace.writeState(out);
  }
}
