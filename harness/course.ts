import type { Refusal } from "../kernel/refusal.ts";
import type { Exposed, Import, Mapping, Mechanism, Parties, Provider, Region } from "../proposals/proposal.ts";
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

/** Requests that user space saw fail. */
export const FAILED_REQUESTS = "failed requests";
/** Bytes of the requests that user space saw succeed. */
export const SERVED_BYTES = "served bytes";
/** Frames that found no free buffer, or had not arrived when the next one came. */
export const LATE_FRAMES = "late frames";

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

/** When the stages of a run ended, in absolute ticks. */
export interface Stages {
  began: number;
  ready: number;
  done: number;
  down: number;
}

/**
 * The course of a run: provide, one region per place of the queue, a closed loop of requests, and everything back. Each request is a
 * task of its own, so that a task's history stays as short as a request.
 */
export class Course implements Recurrent, Work {
  readonly stages: Stages = { began: 0, ready: 0, done: 0, down: 0 };
  readonly latencies: Histogram = new Histogram();
  refusal: Refusal | undefined;
  finished: boolean = false;
  /** Changes whenever user space gets on: a lane opened or closed, a request begun or ended, a stage reached. */
  progress: number = 0;
  begun: number = 0;
  left: number;
  readonly #rest: number;
  readonly #world: World;
  readonly #mechanism: Mechanism;
  readonly #contract: Contract;
  readonly #parties: Parties;
  readonly #workload: Workload;
  readonly #cell: Cell;
  readonly #lanes: Lane[] = [];
  readonly #running: Countdown;
  readonly #failures: number;
  readonly #served: number;
  readonly #frames: FrameClock | undefined;
  readonly #late: number;
  #restLeft: boolean;
  #requests = 0;
  /** Called once everything is set up, and once the last request has been served. */
  onStage: ((stage: "ready" | "done") => void) | undefined;

  constructor(
    world: World,
    mechanism: Mechanism,
    contract: Contract,
    parties: Parties,
    workload: Workload,
    cell: Cell,
  ) {
    this.#world = world;
    this.#mechanism = mechanism;
    this.#contract = contract;
    this.#parties = parties;
    this.#workload = workload;
    this.#cell = cell;
    const format = workload.formats?.find((each) => each.bytes === cell.requestBytes);
    this.#frames = format && new FrameClock(world.clock, format, () => this.#frame());
    this.left = Math.floor(cell.totalBytes / cell.requestBytes);
    this.#rest = cell.totalBytes - this.left * cell.requestBytes;
    this.#restLeft = this.#rest > 0;
    this.#late = world.tally.slot(LATE_FRAMES);
    this.#failures = world.tally.slot(FAILED_REQUESTS);
    this.#served = world.tally.slot(SERVED_BYTES);
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

  get #absolute(): number {
    return this.#world.clock.epoch + this.#world.clock.now;
  }

  *run(): Task<void> {
    const { kernel } = this.#world;
    this.refusal = yield* kernel.boot();
    this.stages.began = this.#absolute;
    if (this.refusal === undefined) yield* this.#serveAll();
    kernel.cpu.leave();
    this.stages.down = this.#absolute;
    yield* kernel.shutdown();
    this.finished = true;
  }

  *#serveAll(): Task<void> {
    const { kernel } = this.#world;
    const contract = this.#contract;
    const provider = contract.provider(yield* contract.task("provide", this.#mechanism.provide(this.#parties)));
    if (kernel.isRefusal(provider)) return this.#refuse(provider);
    yield* this.#openLanes(provider);
    kernel.cpu.leave();
    if (this.refusal === undefined) {
      this.progress += 1;
      this.stages.ready = this.#absolute;
      this.onStage?.("ready");
      this.#feed();
      yield* this.#running.wait();
      this.stages.done = this.#absolute;
      this.onStage?.("done");
    }
    for (const lane of this.#lanes) yield* this.#close(lane);
    kernel.cpu.leave();
    contract.nothing("withdraw", yield* contract.task("withdraw", provider.withdraw()));
  }

  *#openLanes(provider: Provider): Task<void> {
    const { kernel } = this.#world;
    const contract = this.#contract;
    const wanted = Math.min(this.#cell.queueDepth, this.left + (this.#restLeft ? 1 : 0));
    for (let index = 0; index < wanted; index += 1) {
      const region = contract.region(yield* contract.task("alloc", provider.alloc(this.#cell.requestBytes)));
      if (kernel.isRefusal(region)) return this.#refuse(region);
      const exposed = contract.exposed(yield* contract.task("expose", region.expose()));
      if (kernel.isRefusal(exposed)) {
        contract.nothing("free", yield* contract.task("free", region.free()));
        return this.#refuse(exposed);
      }
      this.progress += 1;
      const lane: Lane = { index, region, exposed, held: undefined, used: 0, since: -1 };
      this.#lanes.push(lane);
      if (this.#workload.registration !== "once") continue;
      const held = yield* this.#hold(lane);
      if (kernel.isRefusal(held)) return this.#refuse(held);
    }
  }

  #feed(): void {
    const spawn = (lane: Lane): void => this.#startNext(lane, (body) => this.#spawn(lane, body));
    if (this.#frames === undefined) for (const lane of this.#lanes) spawn(lane);
    else {
      // The clock of the frames counts as one more, so that nobody takes the pause between two for the end.
      this.#running.add(1);
      this.#frames.start();
    }
  }

  #spawn(lane: Lane, body: Task<void>): void {
    this.#world.clock.spawn("request", body, [lane.index]).guest = true;
  }

  /** A picture is there, and takes a free buffer or is lost. */
  #frame(): boolean {
    if (this.left === 0 || this.refusal !== undefined) {
      this.#running.finish(1);
      return false;
    }
    const free = this.#lanes.find(({ since }) => since < 0);
    if (free) this.#startNext(free, (body) => this.#spawn(free, body));
    else {
      this.left -= 1;
      this.begun += 1;
      this.progress += 1;
      this.#world.tally.add(this.#late, 1);
    }
    return true;
  }

  /** Starts the next request of a lane, if there is one. */
  #startNext(lane: Lane, start: (body: Task<void>) => void): void {
    if (this.refusal !== undefined) return;
    if (this.left > 0) {
      this.left -= 1;
      this.begun += 1;
      this.#running.add(1);
      start(this.#request(lane, this.#cell.requestBytes));
    } else if (this.#restLeft) {
      this.#restLeft = false;
      this.#running.add(1);
      start(this.#request(lane, this.#rest));
    }
  }

  *#request(lane: Lane, length: number): Task<void> {
    const { kernel } = this.#world;
    const contract = this.#contract;
    const request = this.#submitted(lane, length);
    const held = lane.held ?? (yield* this.#hold(lane));
    if (kernel.isRefusal(held)) return this.#ended(lane, request, length, held);
    const access = held.mapping.access({ kind: this.#workload.access, length: bytes(length) });
    const answer = contract.served(yield* contract.task("access", access));
    lane.used += 1;
    if (lane.used >= this.#cell.reuse) yield* this.#unmap(lane);
    this.#ended(lane, request, length, answer);
  }

  #submitted(lane: Lane, length: number): number {
    const { clock, history } = this.#world;
    this.#requests += 1;
    this.progress += 1;
    lane.since = clock.now;
    history.note({ kind: "submitted", at: clock.now, request: this.#requests, length: bytes(length) });
    return this.#requests;
  }

  #ended(lane: Lane, request: number, length: number, answer: "" | "EIO" | Refusal): void {
    const { clock, kernel, history, tally } = this.#world;
    kernel.cpu.leave();
    if (typeof answer === "object") {
      this.#refuse(answer);
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
    this.progress += 1;
    if (this.#frames === undefined) this.#startNext(lane, (body) => clock.succeed(body, [lane.index]));
    this.#running.finish(1);
    clock.requestRest();
  }

  /** Resolves and maps the lane's region, for as many requests as the mapping may serve. */
  *#hold(lane: Lane): Task<Held | Refusal> {
    const { kernel } = this.#world;
    const contract = this.#contract;
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
    const contract = this.#contract;
    contract.nothing("unmap", yield* contract.task("unmap", held.mapping.unmap()));
    contract.nothing("release", yield* contract.task("release", held.import.release()));
    lane.held = undefined;
    lane.used = 0;
  }

  *#close(lane: Lane): Task<void> {
    this.progress += 1;
    yield* this.#unmap(lane);
    const contract = this.#contract;
    contract.nothing("retract", yield* contract.task("retract", lane.exposed.retract()));
    contract.nothing("free", yield* contract.task("free", lane.region.free()));
  }

  #refuse(refusal: Refusal): void {
    this.refusal ??= refusal;
  }

  writeState(out: StateWriter): void {
    out.put(this.#running.left);
    out.put(this.refusal ? 1 : 0);
    this.#frames?.writeState(out);
    for (const lane of this.#lanes) {
      out.put(this.#cell.reuse === Number.POSITIVE_INFINITY && lane.used > 0 ? 1 : lane.used);
      // How long its request has been under way: its latency depends on it.
      out.put(lane.since < 0 ? -1 : this.#world.clock.now - lane.since);
    }
  }
}
