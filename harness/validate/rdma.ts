import type { Parameters } from "../../calibration/parameters.ts";
import { Flight } from "../../fabric/fabric.ts";
import type { Device } from "../../kernel/device.ts";
import type { Task } from "../../sim/activity.ts";
import { Countdown } from "../../sim/countdown.ts";
import { Server } from "../../sim/server.ts";
import { busAddr, PAGE_BYTES, type Ticks } from "../../sim/units.ts";
import { type Bench, Inexpressible } from "./bench.ts";
import { burst } from "./burst.ts";
import { rateOf } from "./closed-loop.ts";
import { longTime, shortened } from "./long.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** A longer message is told as messages of this size, and more bytes under way than fill the line change nothing. */
const LONGEST = 128 * 1024;
const ENOUGH = 2 ** 20;
/** For the time of a message more are simulated: what it takes to begin and to end counts once. */
const LONGEST_ALONE = 4 * 2 ** 20;
const SAMPLES = 16;
/** An adapter has this many bursts of one message under way: what it reads overlaps with what it sends. */
const BURSTS = 4;

/**
 * Messages by way of two adapters: posted by a core and rung for, fetched from the one memory burst by burst, over the line at its
 * rate, written to the other memory; then a completion entry that the receiver's core polls for.
 */
export function rdma(bench: Bench, { operation, metric }: CaseOf<"rdma">): Outturn {
  const { adapters, from, to, size, in_flight } = operation;
  const longest = metric === "bandwidth" ? LONGEST : LONGEST_ALONE;
  const length = Math.min(size, longest);
  const [sender, receiver] = [bench.device(adapters[0]), bench.device(adapters[1])];
  const wire = new Wire(bench, sender, receiver);
  const [source, sink] = [bench.reach(sender, from, length), bench.reach(receiver, to, length)];
  const message = (bytes: number): Task<void> => wire.message(source, sink, bytes);
  const leftOut = ["the network: its headers, and a switch between the adapters", ...shortened(size, longest)];
  if (metric === "bandwidth") {
    const inFlight = Math.min(in_flight, Math.max(1, Math.ceil(ENOUGH / length)));
    return { value: rateOf(bench, [{ inFlight, weight: length, step: () => message(length) }]), leftOut };
  }
  const value = longTime(size, longest, (bytes) => {
    const spans = Array.from({ length: SAMPLES }, () => bench.timed(message(bytes)));
    return spans.reduce((sum, span) => sum + span, 0) / SAMPLES;
  });
  if (bench.lost > 0) throw new Inexpressible("an adapter cannot reach the memory that it is given");
  return { value, leftOut };
}

/** The core at the far end: it is another host's. */
const RECEIVER = 1;

class Wire {
  readonly #bench: Bench;
  readonly #sender: Device;
  readonly #receiver: Device;
  readonly #line: Server;
  readonly #ticksPerByte: number;
  readonly #start: Ticks;
  readonly #burst: number;
  readonly #sizes: Readonly<Record<"doorbell" | "descriptor" | "completion", number>>;
  /** Where the sender's work queue and the receiver's completion queue lie. */
  readonly #queue: number;
  readonly #completions: number;

  constructor(bench: Bench, sender: Device, receiver: Device) {
    const { parameters } = bench;
    bench.world.kernel.cpu.bringUp(1 + RECEIVER);
    this.#bench = bench;
    this.#sender = sender;
    this.#receiver = receiver;
    this.#line = new Server(bench.world.clock);
    this.#ticksPerByte = parameters.spanPerByte("nic.line_rate");
    this.#start = parameters.span("nic.start_latency");
    this.#burst = parameters.amount("nic.burst_bytes");
    this.#sizes = sizesOf(parameters);
    this.#queue = bench.reach(sender, `memory ${sender.socket}`, PAGE_BYTES);
    this.#completions = bench.reach(receiver, `memory ${receiver.socket}`, PAGE_BYTES);
  }

  *message(source: number, sink: number, length: number): Task<void> {
    const { clock, kernel, fabric } = this.#bench.world;
    yield* kernel.cpu.run("cpu.rdma_post", 1);
    yield* kernel.cpu.run("host.mmio_write", 1);
    kernel.cpu.leave();
    const doorbell = this.#sender.endpoint.bars[0]?.base;
    if (doorbell !== undefined)
      yield* fabric.control(
        fabric.node(`egress ${this.#sender.socket}`),
        false,
        doorbell,
        this.#sizes.doorbell,
        "landed",
      );
    yield* fabric.control(this.#sender.node, true, busAddr(this.#queue), this.#sizes.descriptor, "told");
    yield this.#start;
    yield* burst(this.#bench, Math.ceil(length / this.#burst), BURSTS, (index) => {
      const done = index * this.#burst;
      return this.#piece(source + done, sink + done, Math.min(this.#burst, length - done));
    });
    const received = new Countdown(clock, "a message to be received");
    received.add(1);
    clock.spawn("receiver", this.#receive(received), [], RECEIVER);
    yield* received.wait();
  }

  /** The completion entry comes behind the data on the same way: who polls for it finds the data there. */
  *#receive(received: Countdown): Task<void> {
    const { kernel, fabric } = this.#bench.world;
    yield* fabric.control(this.#receiver.node, false, busAddr(this.#completions), this.#sizes.completion, "landed");
    yield* kernel.cpu.run("cpu.rdma_poll", 1);
    kernel.cpu.leave();
    received.finish(1);
  }

  /** Read, sent, written; the receiver does not wait for a write to land before it takes the next. */
  *#piece(source: number, sink: number, length: number): Task<void> {
    const { fabric } = this.#bench.world;
    yield* this.#bench.transfer(this.#sender, true, source, length, "told");
    yield this.#line.book(length * this.#ticksPerByte);
    yield this.#start;
    const write = { initiator: this.#receiver.node, reads: false, address: busAddr(sink), length, payload: true };
    const flight = new Flight("told");
    fabric.begin(write, flight);
    yield* fabric.settled(flight);
  }
}

const sizesOf = (parameters: Parameters) => ({
  doorbell: parameters.amount("nic.doorbell"),
  descriptor: parameters.amount("nic.descriptor"),
  completion: parameters.amount("nic.completion"),
});
