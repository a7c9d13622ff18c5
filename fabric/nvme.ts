import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Server } from "../sim/server.ts";
import { type BusAddr, PAGE_BYTES, type Ticks } from "../sim/units.ts";
import { type DmaAddress, type DmaStatus, type Fabric, Flight } from "./fabric.ts";
import type { Endpoint } from "./topology.ts";

/** One contiguous piece of a command's data, as its PRP entries name it. */
export interface DmaSegment {
  readonly address: DmaAddress;
  readonly length: number;
}

export interface NvmeCommand {
  /** `read`: the device writes memory; `write`: the device reads memory. */
  readonly kind: "read" | "write";
  readonly segments: readonly DmaSegment[];
  /** Where its submission entry, PRP lists and completion entry lie in system memory, as the device addresses them. */
  readonly entry: DmaAddress;
  readonly prpList: DmaAddress;
  readonly completion: DmaAddress;
  /** Where the interrupt goes; without one whoever issued it polls. */
  readonly interrupt: BusAddr | undefined;
}

export type NvmeStatus = "success" | "data-transfer-error" | "dead";

/** PRP entries are 8 bytes; a list page holds 512, the last of which links on (NVMe 1.2, 4.3). */
const PRP_BYTES = 8;

/**
 * An NVMe controller as a process per command: doorbell, submission entry, PRP list, media and data in stripes, completion entry,
 * interrupt. Everything it does on the bus goes through the fabric, packet by packet.
 */
export class NvmeController implements Recurrent {
  readonly endpoint: Endpoint;
  readonly node: number;
  readonly #clock: Clock;
  readonly #fabric: Fabric;
  readonly #sizes: Readonly<Record<"doorbell" | "entry" | "completion" | "interrupt", number>>;
  readonly #media: Readonly<Record<NvmeCommand["kind"], { readonly latency: Ticks; readonly ticksPerByte: number }>>;
  readonly #flash: Server;
  /** Takes commands one after the other, as fast as the controller can. */
  readonly #intake: Server;
  readonly #interval: Ticks;
  readonly #doorbell: BusAddr;
  readonly #stripe: number;
  readonly #commandLatency: Ticks;

  constructor(clock: Clock, fabric: Fabric, parameters: Parameters, endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.node = fabric.node(endpoint.id);
    this.#clock = clock;
    this.#fabric = fabric;
    this.#sizes = {
      doorbell: parameters.amount("nvme.doorbell"),
      entry: parameters.amount("nvme.sqe"),
      completion: parameters.amount("nvme.cqe"),
      interrupt: parameters.amount("msi.bytes"),
    };
    this.#media = {
      read: { latency: parameters.span("nvme.read_latency"), ticksPerByte: parameters.spanPerByte("nvme.read_rate") },
      write: {
        latency: parameters.span("nvme.write_latency"),
        ticksPerByte: parameters.spanPerByte("nvme.write_rate"),
      },
    };
    this.#flash = new Server(clock);
    this.#intake = new Server(clock);
    this.#interval = parameters.span("nvme.command_interval");
    this.#doorbell = (endpoint.bars[0]?.base ?? 0) as BusAddr;
    this.#stripe = parameters.amount("nvme.stripe_bytes");
    this.#commandLatency = parameters.span("nvme.command_latency");
  }

  /** The course of one command, from the store that rings the doorbell to the interrupt that announces its end. */
  *execute(command: NvmeCommand, host: number): Task<NvmeStatus> {
    const rung = yield* this.ring(host);
    return rung === "ok" ? yield* this.serve(command) : "dead";
  }

  /** The store that tells of new entries, of one command or of several. */
  ring(host: number): Task<DmaStatus> {
    return this.#fabric.control(host, false, this.#doorbell, this.#sizes.doorbell, "landed");
  }

  /** A command whose doorbell has rung. */
  *serve(command: NvmeCommand): Task<NvmeStatus> {
    const fetched = yield* this.#fabric.control(this.node, true, command.entry, this.#sizes.entry, "told");
    if (fetched !== "ok") return "dead";
    if (this.#interval > 0) yield this.#intake.book(this.#interval);
    // Beyond two pages the command names a list of them (NVMe 1.2, 4.3).
    const pages = prpEntries(command.segments);
    const list =
      pages > 2 ? yield* this.#fabric.control(this.node, true, command.prpList, (pages - 1) * PRP_BYTES, "told") : "ok";
    const moved = list === "ok" ? yield* this.#data(command) : list;
    yield* this.#announce(command);
    return moved === "ok" ? "success" : "data-transfer-error";
  }

  /** Who polls sees the completion entry when it has landed; who sleeps, when the interrupt behind it has. */
  *#announce({ completion, interrupt }: NvmeCommand): Task<void> {
    const { completion: length } = this.#sizes;
    const flight = new Flight(interrupt === undefined ? "landed" : "told");
    this.#fabric.begin({ initiator: this.node, reads: false, address: completion, length, payload: false }, flight);
    if (interrupt === undefined) yield* this.#fabric.settled(flight);
    else yield* this.#fabric.control(this.node, false, interrupt, this.#sizes.interrupt, "landed");
  }

  /** Stripes come off the media at its rate, one after the other; their transfers overlap. How far it has come is state. */
  *#data({ kind, segments }: NvmeCommand): Task<string> {
    const reads = kind === "write";
    const flight = new Flight("told");
    const { latency, ticksPerByte } = this.#media[kind];
    yield reads ? this.#commandLatency : this.#commandLatency + latency;
    for (const { address, length } of segments)
      for (let done = 0; done < length; done += this.#stripe) {
        const piece = Math.min(this.#stripe, length - done);
        this.#clock.observe(done);
        yield this.#flash.book(piece * ticksPerByte);
        this.#fabric.begin(
          { initiator: this.node, reads, address: (address + done) as BusAddr, length: piece, payload: true },
          flight,
        );
      }
    const status = yield* this.#fabric.settled(flight);
    if (reads) yield latency;
    return status;
  }

  writeState(out: StateWriter): void {
    this.#flash.writeState(out);
    if (this.#interval > 0) this.#intake.writeState(out);
  }
}

/** Pages that the segments touch: one PRP entry each. */
export function prpEntries(segments: readonly DmaSegment[]): number {
  let pages = 0;
  for (const { address, length } of segments)
    pages += Math.floor((address + length - 1) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES) + 1;
  return pages;
}
