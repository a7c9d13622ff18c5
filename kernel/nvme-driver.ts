import type { Fabric } from "../fabric/fabric.ts";
import { type DmaSegment, type NvmeCommand, type NvmeStatus, prpEntries } from "../fabric/nvme.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { Countdown } from "../sim/countdown.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
import { type BusAddr, busAddr, PAGE_BYTES } from "../sim/units.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import type { DriverHost } from "./driver-host.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { SystemMemory } from "./system-memory.ts";

/** One I/O under way: the commands it was split into, and what became of them. */
export interface PendingIo {
  readonly commands: Countdown;
  issued: number;
  /** How many of its completions interrupted; the others were taken by a handler that was running. */
  interrupts: number;
  failed: number;
}

/** A submission entry that is filled, and whose it is. */
interface Entry {
  readonly command: NvmeCommand;
  readonly tag: number;
}

/** What the driver keeps mapped while it is bound. */
interface Queues {
  readonly entries: DmaMapping;
  readonly completions: DmaMapping;
  readonly lists: DmaMapping;
}

/** How many commands a queue holds (io_queue_depth of the driver). */
const TAGS = 1024;

/**
 * The NVMe driver: a submission and a completion queue and a pool of PRP lists in system memory, mapped once when it is bound. A
 * command's entries lie where its tag says, so that they are reused as soon as the tag is.
 */
export class NvmeDriver implements Recurrent {
  readonly device: Device;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #memory: SystemMemory;
  readonly #fabric: Fabric;
  readonly #maxTransfer: number;
  readonly #entryBytes: number;
  readonly #completionBytes: number;
  readonly #host: number;
  readonly #tags: Resource;
  readonly #busy: boolean[] = [];
  /** What its tasks are called, and what those wait for who wait for them. */
  readonly #names: Readonly<Record<NvmeCommand["kind"] | "commands" | "doorbell", string>>;
  #queues: Queues | undefined;
  #polled = false;
  /** How long a handler is at one completion, and until when the last one was. */
  readonly #handling: number;
  #handlerUntil = 0;

  constructor(device: Device, { clock, cpu, dma, memory, fabric, parameters }: DriverHost) {
    this.device = device;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#dma = dma;
    this.#memory = memory;
    this.#fabric = fabric;
    this.#maxTransfer = parameters.amount("nvme.max_transfer");
    this.#entryBytes = parameters.amount("nvme.sqe");
    this.#completionBytes = parameters.amount("nvme.cqe");
    this.#handling = parameters.span("cpu.interrupt") + parameters.span("cpu.nvme_complete");
    this.#host = fabric.node(`egress ${device.socket}`);
    this.#names = {
      read: `${device.name} read`,
      write: `${device.name} write`,
      commands: `commands of ${device.name}`,
      doorbell: `doorbell of ${device.name}`,
    };
    this.#tags = new Resource(clock, `a free tag of ${device.name}`, TAGS);
  }

  /** Binds the driver: queues are allocated and mapped for the device. */
  *bind(): Task<Refusal | undefined> {
    yield* this.#cpu.run("cpu.driver_bind", 1);
    this.#dma.attach(this.device);
    const entries = yield* this.#queue(TAGS * this.#entryBytes);
    const completions = yield* this.#queue(TAGS * this.#completionBytes);
    const lists = yield* this.#queue(TAGS * PAGE_BYTES);
    if (isRefusal(entries)) return entries;
    if (isRefusal(completions)) return completions;
    if (isRefusal(lists)) return lists;
    this.#queues = { entries, completions, lists };
    return undefined;
  }

  /** Unbinds the driver: its queues are unmapped and given back. No command may be under way. */
  *remove(): Task<void> {
    const queues = this.#queues;
    if (queues === undefined) return;
    this.#queues = undefined;
    yield* this.#cpu.run("cpu.driver_bind", 1);
    for (const queue of [queues.entries, queues.completions, queues.lists]) {
      yield* this.#dma.unmap(queue);
      if (queue.pages) this.#memory.free(this.device.socket, queue.pages);
    }
    this.#dma.detach(this.device);
  }

  *#queue(length: number): Task<DmaMapping | Refusal> {
    const pages = this.#memory.alloc(this.device.socket, length);
    if (pages === undefined)
      return refuse({
        errno: "ENOMEM",
        who: "nvme",
        whom: this.device.name,
        why: "no memory for its queues",
        remedy: "give the machine more memory",
      });
    return yield* this.#dma.mapCoherent(this.device, pages);
  }

  /** The largest command that the device takes, in bytes. */
  get maxTransfer(): number {
    return this.#maxTransfer;
  }

  /** Splits an I/O into commands of the size that the device takes, and rings the doorbell for each. */
  *issue(kind: NvmeCommand["kind"], mapping: DmaMapping): Task<PendingIo> {
    const queues = this.#bound();
    const io = this.#newIo();
    for (const piece of this.#pieces(mapping)) {
      if (!this.#tags.tryAcquire()) yield* this.#waitForTag();
      const entry = yield* this.#fill(kind, piece, queues);
      yield* this.#cpu.run("host.mmio_write", 1);
      io.issued += 1;
      this.#start(entry, io);
    }
    return io;
  }

  /** Fills the entries of several I/Os, and rings once for all of them, as blk-mq does for a plug's last request (bd->last). */
  *issueAll(kind: NvmeCommand["kind"], mappings: readonly DmaMapping[]): Task<PendingIo> {
    const queues = this.#bound();
    const io = this.#newIo();
    let filled: Entry[] = [];
    for (const mapping of mappings)
      for (const piece of this.#pieces(mapping)) {
        if (!this.#tags.tryAcquire()) {
          // Nobody may sleep on entries that the device has not been told of.
          yield* this.#ring(filled, io);
          filled = [];
          yield* this.#waitForTag();
        }
        filled.push(yield* this.#fill(kind, piece, queues));
      }
    yield* this.#ring(filled, io);
    return io;
  }

  #bound(): Queues {
    if (this.#queues === undefined) throw new Error(`${this.device.name} has no driver bound`);
    return this.#queues;
  }

  #newIo(): PendingIo {
    return { commands: new Countdown(this.#clock, this.#names.commands), issued: 0, interrupts: 0, failed: 0 };
  }

  *#pieces({ segments }: DmaMapping): Generator<DmaSegment> {
    for (const segment of segments)
      for (let done = 0; done < segment.length; done += this.#maxTransfer)
        yield {
          address: busAddr(segment.address + done),
          length: Math.min(this.#maxTransfer, segment.length - done),
        };
  }

  /** Fills the entry of a tag that has been acquired. */
  *#fill(kind: NvmeCommand["kind"], piece: DmaSegment, queues: Queues): Task<Entry> {
    const tag = this.#takeTag();
    const segments = [piece];
    yield* this.#cpu.run("cpu.nvme_submit", 1);
    yield* this.#cpu.run("cpu.nvme_prp_entry", prpEntries(segments));
    return { command: this.#command(kind, segments, tag, queues), tag };
  }

  /** One store for all of these, and then each by itself. */
  *#ring(entries: readonly Entry[], io: PendingIo): Task<void> {
    if (entries.length === 0) return;
    yield* this.#cpu.run("host.mmio_write", 1);
    io.issued += entries.length;
    io.commands.add(entries.length);
    this.#clock.spawn(
      this.#names.doorbell,
      this.#ringAndStart(entries, io),
      entries.map(({ tag }) => tag),
    );
  }

  *#ringAndStart(entries: readonly Entry[], io: PendingIo): Task<void> {
    const rung = (yield* this.device.nvme?.ring(this.#host) ?? absent()) === "ok";
    for (const entry of entries) this.#spawn(entry, this.#served(entry, rung, io));
  }

  *#served({ command, tag }: Entry, rung: boolean, io: PendingIo): Task<void> {
    const status = rung ? yield* this.device.nvme?.serve(command) ?? absent() : undefined;
    this.#ended(status ?? "dead", tag, io);
  }

  /** A command whose entries lie where its tag says. */
  #command(
    kind: NvmeCommand["kind"],
    segments: readonly DmaSegment[],
    tag: number,
    { entries, lists, completions }: Queues,
  ): NvmeCommand {
    return {
      kind,
      segments,
      entry: within(entries, tag * this.#entryBytes),
      prpList: within(lists, tag * PAGE_BYTES),
      completion: within(completions, tag * this.#completionBytes),
      interrupt: this.#polled ? undefined : busAddr(this.#fabric.addresses.interrupts(this.device.socket)),
    };
  }

  #start(entry: Entry, io: PendingIo): void {
    io.commands.add(1);
    this.#spawn(entry, this.#serve(entry, io));
  }

  #spawn({ command, tag }: Entry, body: Task<void>): void {
    const [first] = command.segments;
    this.#clock.spawn(this.#names[command.kind], body, [
      command.kind === "read" ? 0 : 1,
      tag,
      first?.address ?? 0,
      first?.length ?? 0,
    ]);
  }

  *#serve({ command, tag }: Entry, io: PendingIo): Task<void> {
    const status = (yield* this.device.nvme?.execute(command, this.#host) ?? absent()) ?? "dead";
    this.#ended(status, tag, io);
  }

  #ended(status: NvmeStatus, tag: number, io: PendingIo): void {
    if (status !== "success") io.failed += 1;
    if (!this.#polled) this.#interrupt(io);
    this.#busy[tag] = false;
    this.#tags.release();
    io.commands.finish(1);
  }

  /**
   * A completion entry raises an interrupt. nvme_process_cq goes on until it finds no new entry, so one that comes while it runs is
   * taken along: its own interrupt finds nothing left to do.
   */
  #interrupt(io: PendingIo): void {
    const { now } = this.#clock;
    if (now < this.#handlerUntil) return;
    this.#handlerUntil = now + this.#handling;
    io.interrupts += 1;
  }

  /** Its queue is one that is polled, as with the driver's poll_queues: who waits finds the entries, and nothing interrupts. */
  poll(): void {
    this.#polled = true;
  }

  /**
   * Sleeps until every command of an I/O has ended, then does what its interrupts do. Who finds the core at work need not be woken: the
   * thread that waits for completions is the one that works on it.
   */
  *wait(io: PendingIo): Task<"" | "EIO"> {
    this.#cpu.leave();
    const sleeps = io.commands.left > 0;
    if (sleeps) yield io.commands.queue();
    const wakes = sleeps && !this.#polled && this.#cpu.idle;
    this.#clock.observe(io.failed);
    this.#clock.observe(io.interrupts);
    this.#clock.observe(wakes ? 1 : 0);
    yield* this.#cpu.run("cpu.interrupt", io.interrupts);
    yield* this.#cpu.run("cpu.nvme_complete", io.issued);
    yield* this.#cpu.run("cpu.wakeup", wakes ? 1 : 0);
    return io.failed > 0 ? "EIO" : "";
  }

  /** All tags are taken: sleeps until one comes back, as blk-mq does. */
  *#waitForTag(): Task<void> {
    this.#cpu.leave();
    yield* this.#tags.acquire();
  }

  #takeTag(): number {
    let tag = 0;
    while (this.#busy[tag]) tag += 1;
    this.#busy[tag] = true;
    return tag;
  }

  writeState(out: StateWriter): void {
    this.device.nvme?.writeState(out);
    out.put(Math.max(0, this.#handlerUntil - this.#clock.now));
    this.#tags.writeState(out);
    for (const [tag, busy] of this.#busy.entries()) if (busy) out.put(tag);
  }
}

const within = (queue: DmaMapping, offset: number): BusAddr => busAddr((queue.segments[0]?.address ?? 0) + offset);

function* absent(): Task<undefined> {
  return undefined;
}
