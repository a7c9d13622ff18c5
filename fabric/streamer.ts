import type { ParameterName, Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Server } from "../sim/server.ts";
import type { BusAddr, Ticks } from "../sim/units.ts";
import { type DmaAddress, type DmaStatus, type Fabric, Flight } from "./fabric.ts";
import type { DmaSegment } from "./nvme.ts";
import type { Endpoint } from "./topology.ts";

/** A frame or a message, and the memory that it goes to or, where the device sends, comes from. */
export interface StreamTransfer {
  /** `read`: from outside into memory; `write`: from memory to the outside. */
  readonly kind: "read" | "write";
  readonly segments: readonly DmaSegment[];
  /** Where its descriptor and its completion lie in system memory. */
  readonly descriptor: DmaAddress;
  readonly completion: DmaAddress;
  /** Where the interrupt goes; without one the CPU polls. */
  readonly interrupt: BusAddr | undefined;
}

/** What a kind of streaming device is made of. */
export interface Streaming {
  readonly rate: ParameterName;
  /** Data that comes in, or goes out, as one piece and travels as one transfer. */
  readonly burst: ParameterName;
  /** How many transfers may be posted at once. */
  readonly entries: ParameterName;
  readonly startLatency: ParameterName;
  readonly doorbell: ParameterName;
  readonly descriptor: ParameterName;
  readonly completion: ParameterName;
}

export const CAPTURE: Streaming = {
  rate: "capture.memory_rate",
  burst: "capture.burst_bytes",
  entries: "capture.queue_entries",
  startLatency: "capture.start_latency",
  doorbell: "capture.doorbell",
  descriptor: "capture.descriptor",
  completion: "capture.completion",
};

export const NIC: Streaming = {
  rate: "nic.line_rate",
  burst: "nic.burst_bytes",
  entries: "nic.queue_entries",
  startLatency: "nic.start_latency",
  doorbell: "nic.doorbell",
  descriptor: "nic.descriptor",
  completion: "nic.completion",
};

/** A device whose medium is a stream from outside: a capture card with its frame store, a network adapter with its line. */
export class Streamer implements Recurrent {
  readonly endpoint: Endpoint;
  readonly node: number;
  readonly #clock: Clock;
  readonly #fabric: Fabric;
  readonly #sizes: Readonly<Record<"doorbell" | "descriptor" | "completion" | "interrupt", number>>;
  readonly #startLatency: Ticks;
  readonly #ticksPerByte: number;
  readonly #burst: number;
  readonly #medium: Server;

  constructor(clock: Clock, fabric: Fabric, parameters: Parameters, endpoint: Endpoint, streaming: Streaming) {
    this.endpoint = endpoint;
    this.node = fabric.node(endpoint.id);
    this.#clock = clock;
    this.#fabric = fabric;
    this.#sizes = {
      doorbell: parameters.amount(streaming.doorbell),
      descriptor: parameters.amount(streaming.descriptor),
      completion: parameters.amount(streaming.completion),
      interrupt: parameters.amount("msi.bytes"),
    };
    this.#startLatency = parameters.span(streaming.startLatency);
    this.#ticksPerByte = parameters.spanPerByte(streaming.rate);
    this.#burst = parameters.amount(streaming.burst);
    this.#medium = new Server(clock);
  }

  /** Doorbell, descriptor, the data in bursts as the medium gives or takes them, completion, interrupt. */
  *execute(transfer: StreamTransfer, host: number): Task<DmaStatus> {
    const doorbell = (this.endpoint.bars[0]?.base ?? 0) as BusAddr;
    yield* this.#fabric.control(host, false, doorbell, this.#sizes.doorbell, "landed");
    const fetched = yield* this.#fabric.control(this.node, true, transfer.descriptor, this.#sizes.descriptor, "told");
    if (fetched !== "ok") return fetched;
    yield this.#startLatency;
    const status = yield* this.#data(transfer);
    // Who polls sees the completion when it is in memory; who sleeps, when the interrupt behind it has arrived.
    const completed = this.#fabric.control(this.node, false, transfer.completion, this.#sizes.completion, "landed");
    if (transfer.interrupt === undefined) yield* completed;
    else yield* this.#fabric.control(this.node, false, transfer.interrupt, this.#sizes.interrupt, "landed");
    return status;
  }

  *#data({ kind, segments }: StreamTransfer): Task<DmaStatus> {
    const flight = new Flight("told");
    for (const { address, length } of segments)
      for (let done = 0; done < length; done += this.#burst) {
        const piece = Math.min(this.#burst, length - done);
        this.#clock.observe(done);
        yield this.#medium.book(piece * this.#ticksPerByte);
        this.#fabric.begin(
          {
            initiator: this.node,
            reads: kind === "write",
            address: (address + done) as BusAddr,
            length: piece,
            payload: true,
          },
          flight,
        );
      }
    return yield* this.#fabric.settled(flight);
  }

  writeState(out: StateWriter): void {
    this.#medium.writeState(out);
  }
}
