import type { Refusal } from "../kernel/refusal.ts";
import type { Exposed, Import, Mapping, Parties, Provider, Region } from "../proposals/proposal.ts";
import type { Cell } from "../record/cell.ts";
import type { Task } from "../sim/activity.ts";
import { Countdown } from "../sim/countdown.ts";
import { Histogram } from "../sim/histogram.ts";
import type { Work } from "../sim/leaper.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { bytes } from "../sim/units.ts";
import type { Workload } from "../workloads/workload.ts";
import type { Contract } from "./contract.ts";
import { FrameClock } from "./frame-clock.ts";
import type { World } from "./world.ts";

/** Requests of a job that user space saw fail, bytes of those that it saw succeed, and frames that came too late or not at all. */
export const failedOf = (job: number): string => `failed requests of initiator ${job + 1}`;
export const servedOf = (job: number): string => `served bytes of initiator ${job + 1}`;
export const lateOf = (job: number): string => `late frames of initiator ${job + 1}`;

/** What all jobs of a run have in common. */
export interface Undertaking {
  readonly world: World;
  readonly contract: Contract;
  readonly workload: Workload;
  readonly cell: Cell;
  /** Requests submitted so far, by whichever job: they are numbered through. */
  requests: number;
  /** Changes whenever the first job gets on, or another is set up or leaves. */
  progress: number;
  /** The first refusal of any of them: nobody begins anything after it. */
  refusal: Refusal | undefined;
  refusedBeside: boolean;
}

interface Held {
  readonly import: Import;
  readonly mapping: Mapping;
}

/** One place of the queue: its own region, and the mapping that it keeps for as many requests as it may. */
interface Lane {
  readonly index: number;
  readonly region: Region;
  readonly exposed: Exposed;
  held: Held | undefined;
  used: number;
  /** When its request was submitted; -1 while it has none. */
  since: number;
}

/**
 * What one initiator does: one region per place of the queue, a closed loop of requests or a stream of frames, and everything back.
 * Each request is a task of its own, so that a task's history stays as short as a request. The first job has the cell's work to do;
 * the others go on until they are told to stop.
 */
export class Job implements Recurrent, Work {
  readonly parties: Parties;
  readonly latencies: Histogram = new Histogram();
  provider: Provider | undefined;
  begun: number = 0;
  left: number;
  readonly #number: number;
  readonly #rest: number;
  readonly #run: Undertaking;
  readonly #lanes: Lane[] = [];
  readonly #running: Countdown;
  readonly #failures: number;
  readonly #served: number;
  readonly #frames: FrameClock | undefined;
  readonly #late: number;
  #restLeft: boolean;

  constructor(run: Undertaking, number: number, parties: Parties) {
    const { world, workload, cell } = run;
    this.parties = parties;
    this.#run = run;
    this.#number = number;
    const format = workload.formats?.find((each) => each.bytes === cell.requestBytes);
    this.#frames = format && new FrameClock(world.clock, format, () => this.#frame());
    const whole = Math.floor(cell.totalBytes / cell.requestBytes);
    this.left = number === 0 ? whole : Number.POSITIVE_INFINITY;
    this.#rest = cell.totalBytes - whole * cell.requestBytes;
    this.#restLeft = number === 0 && this.#rest > 0;
    this.#late = world.tally.slot(lateOf(number));
    this.#failures = world.tally.slot(failedOf(number));
    this.#served = world.tally.slot(servedOf(number));
    this.#running = new Countdown(world.clock, "requests of the workload");
  }

  skip(pieces: number): void {
    this.left -= pieces;
    this.begun += pieces;
  }

  /** Whether its requests come by themselves. */
  get isStream(): boolean {
    return this.#frames !== undefined;
  }

  /** Opens a lane for every place of the queue. */
  *open(provider: Provider): Task<void> {
    this.provider = provider;
    const { world, contract, cell, workload } = this.#run;
    const { kernel } = world;
    const wanted = Math.min(cell.queueDepth, this.left + (this.#restLeft ? 1 : 0));
    for (let index = 0; index < wanted; index += 1) {
      const region = contract.region(yield* contract.task("alloc", provider.alloc(cell.requestBytes)));
      if (kernel.isRefusal(region)) return this.refuse(region);
      const exposed = contract.exposed(yield* contract.task("expose", region.expose()));
      if (kernel.isRefusal(exposed)) {
        contract.nothing("free", yield* contract.task("free", region.free()));
        return this.refuse(exposed);
      }
      this.#placed();
      const lane: Lane = { index, region, exposed, held: undefined, used: 0, since: -1 };
      this.#lanes.push(lane);
      if (workload.registration !== "once") continue;
      const held = yield* this.#hold(lane);
      if (kernel.isRefusal(held)) return this.refuse(held);
    }
  }

  feed(): void {
    const spawn = (lane: Lane): void => this.#startNext(lane, (body) => this.#spawn(lane, body));
    if (this.#frames === undefined) for (const lane of this.#lanes) spawn(lane);
    else {
      // The clock of the frames counts as one more, so that nobody takes the pause between two for the end.
      this.#running.add(1);
      this.#frames.start();
    }
  }

  /** Begins nothing more. */
  stop(): void {
    this.left = 0;
  }

  /** Returns once nothing of it is under way. */
  drained(): Task<void> {
    return this.#running.wait();
  }

  /** Closes the lanes and gives the memory back. */
  *close(): Task<void> {
    const { world, contract } = this.#run;
    for (const lane of this.#lanes) yield* this.#closeLane(lane);
    world.kernel.cpu.leave();
    if (this.provider) contract.nothing("withdraw", yield* contract.task("withdraw", this.provider.withdraw()));
  }

  #spawn(lane: Lane, body: Task<void>): void {
    this.#run.world.clock.spawn("request", body, this.#given(lane), this.#number).guest = true;
  }

  #given(lane: Lane): readonly number[] {
    return [this.#number, lane.index];
  }

  /** A picture is there, and takes a free buffer or is lost. */
  #frame(): boolean {
    if (this.left === 0 || this.#run.refusal !== undefined) {
      this.#running.finish(1);
      return false;
    }
    const free = this.#lanes.find(({ since }) => since < 0);
    if (free) this.#startNext(free, (body) => this.#spawn(free, body));
    else {
      this.left -= 1;
      this.begun += 1;
      this.#gotOn();
      this.#run.world.tally.add(this.#late, 1);
    }
    return true;
  }

  /** Starts the next request of a lane, if there is one. */
  #startNext(lane: Lane, start: (body: Task<void>) => void): void {
    if (this.#run.refusal !== undefined) return;
    if (this.left > 0) {
      this.left -= 1;
      this.begun += 1;
      this.#running.add(1);
      start(this.#request(lane, this.#run.cell.requestBytes));
    } else if (this.#restLeft) {
      this.#restLeft = false;
      this.#running.add(1);
      start(this.#request(lane, this.#rest));
    }
  }

  *#request(lane: Lane, length: number): Task<void> {
    const { world, contract, workload, cell } = this.#run;
    const request = this.#submitted(lane, length);
    const held = lane.held ?? (yield* this.#hold(lane));
    if (world.kernel.isRefusal(held)) return this.#ended(lane, request, length, held);
    const access = held.mapping.access({ kind: workload.access, length: bytes(length) });
    const answer = contract.served(yield* contract.task("access", access));
    lane.used += 1;
    if (lane.used >= cell.reuse) yield* this.#unmap(lane);
    this.#ended(lane, request, length, answer);
  }

  #submitted(lane: Lane, length: number): number {
    const { clock, history } = this.#run.world;
    this.#run.requests += 1;
    const request = this.#run.requests;
    this.#gotOn();
    lane.since = clock.now;
    history.note({ kind: "submitted", at: clock.now, request, length: bytes(length) });
    return request;
  }

  #ended(lane: Lane, request: number, length: number, answer: "" | "EIO" | Refusal): void {
    const { clock, kernel, history, tally } = this.#run.world;
    kernel.cpu.leave();
    if (typeof answer === "object") {
      this.refuse(answer);
      history.note({ kind: "refused", at: clock.now, request, errno: answer.errno, why: answer.why });
    } else {
      if (answer === "") tally.add(this.#served, length);
      else tally.add(this.#failures, 1);
      this.latencies.add(clock.now - lane.since);
      history.note({
        kind: "served",
        at: clock.now,
        request,
        length: bytes(answer === "" ? length : 0),
        error: answer,
      });
    }
    if (this.#frames && clock.now - lane.since > this.#frames.period) tally.add(this.#late, 1);
    lane.since = -1;
    this.#gotOn();
    if (this.#frames === undefined) this.#startNext(lane, (body) => clock.succeed(body, this.#given(lane)));
    this.#running.finish(1);
    clock.requestRest();
  }

  /** Resolves and maps the lane's region, for as many requests as the mapping may serve. */
  *#hold(lane: Lane): Task<Held | Refusal> {
    const { world, contract } = this.#run;
    const { kernel } = world;
    const held = contract.import(yield* contract.task("resolve", lane.exposed.resolve()));
    if (kernel.isRefusal(held)) return held;
    const mapping = contract.mapping(yield* contract.task("map", held.map()));
    if (kernel.isRefusal(mapping)) {
      contract.nothing("release", yield* contract.task("release", held.release()));
      return mapping;
    }
    lane.held = { import: held, mapping };
    return lane.held;
  }

  *#unmap(lane: Lane): Task<void> {
    const { held } = lane;
    if (held === undefined) return;
    const { contract } = this.#run;
    contract.nothing("unmap", yield* contract.task("unmap", held.mapping.unmap()));
    contract.nothing("release", yield* contract.task("release", held.import.release()));
    lane.held = undefined;
    lane.used = 0;
  }

  *#closeLane(lane: Lane): Task<void> {
    this.#placed();
    yield* this.#unmap(lane);
    const { contract } = this.#run;
    contract.nothing("retract", yield* contract.task("retract", lane.exposed.retract()));
    contract.nothing("free", yield* contract.task("free", lane.region.free()));
  }

  #placed(): void {
    this.#run.progress += 1;
  }

  /** A request begun or ended. Those of the others bring the first job no further. */
  #gotOn(): void {
    if (this.#number === 0) this.#run.progress += 1;
  }

  refuse(refusal: Refusal): void {
    if (this.#run.refusal === undefined) this.#run.refusedBeside = this.#number > 0;
    this.#run.refusal ??= refusal;
  }

  writeState(out: StateWriter): void {
    const { cell, world } = this.#run;
    out.put(this.#running.left);
    this.#frames?.writeState(out);
    for (const lane of this.#lanes) {
      out.put(cell.reuse === Number.POSITIVE_INFINITY && lane.used > 0 ? 1 : lane.used);
      // How long its request has been under way: its latency depends on it.
      out.put(lane.since < 0 ? -1 : world.clock.now - lane.since);
    }
  }
}
