import type { Refusal } from "../kernel/refusal.ts";
import type { Mechanism, Parties, Provider } from "../proposals/proposal.ts";
import type { Cell } from "../record/cell.ts";
import type { Task } from "../sim/activity.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Workload } from "../workloads/workload.ts";
import type { Contract } from "./contract.ts";
import { Job, type Undertaking } from "./job.ts";
import type { World } from "./world.ts";

/** When the stages of a run ended, in absolute ticks. */
export interface Stages {
  began: number;
  /** The first job is set up. */
  ready: number;
  /** Everybody is, and begins. */
  started: number;
  /** The first job's last request has been served. */
  done: number;
  /** The others are gone. */
  alone: number;
  down: number;
}

/**
 * The course of a run: every job is set up, the first one first; all begin at once; when the first has done its work the others end what
 * they are at and leave; then it leaves itself. What is measured is the first job.
 */
export class Course implements Recurrent {
  readonly stages: Stages = { began: 0, ready: 0, started: 0, done: 0, alone: 0, down: 0 };
  readonly first: Job;
  readonly others: readonly Job[];
  finished: boolean = false;
  readonly #undertaking: Undertaking;
  readonly #mechanism: Mechanism;
  /** Called once everybody is set up, once the first job's last request has been served, and once the others' last has. */
  onStage: ((stage: "ready" | "done" | "drained") => void) | undefined;

  /** `parties`: whom each job is between, the first first. */
  constructor(
    world: World,
    mechanism: Mechanism,
    contract: Contract,
    parties: readonly [Parties, ...Parties[]],
    workload: Workload,
    cell: Cell,
  ) {
    this.#mechanism = mechanism;
    this.#undertaking = {
      world,
      contract,
      workload,
      cell,
      requests: 0,
      progress: 0,
      refusal: undefined,
      refusedBeside: false,
    };
    world.kernel.cpu.bringUp(parties.length);
    const [first, ...others] = parties;
    this.first = new Job(this.#undertaking, 0, first);
    this.others = others.map((each, index) => new Job(this.#undertaking, index + 1, each));
  }

  get refusal(): Refusal | undefined {
    return this.#undertaking.refusal;
  }

  /** Whether it was one of the others who was refused. */
  get refusedBeside(): boolean {
    return this.#undertaking.refusedBeside;
  }

  /** Changes whenever the first job gets on, or a stage is reached on the way to it: requests of the others are no progress of its. */
  get progress(): number {
    return this.#undertaking.progress;
  }

  get #absolute(): number {
    const { clock } = this.#undertaking.world;
    return clock.epoch + clock.now;
  }

  *run(): Task<void> {
    const { kernel } = this.#undertaking.world;
    this.#undertaking.refusal = yield* kernel.boot();
    this.stages.began = this.#absolute;
    if (this.refusal === undefined) yield* this.#serveAll();
    kernel.cpu.leave();
    this.stages.down = this.#absolute;
    yield* kernel.shutdown();
    this.finished = true;
  }

  *#serveAll(): Task<void> {
    const jobs = [this.first, ...this.others];
    for (const job of jobs) {
      yield* this.#setUp(job);
      if (job === this.first) this.stages.ready = this.#absolute;
    }
    if (this.refusal === undefined) {
      this.#undertaking.progress += 1;
      this.stages.started = this.#absolute;
      this.onStage?.("ready");
      for (const job of jobs) job.feed();
      yield* this.first.drained();
      this.stages.done = this.#absolute;
      this.onStage?.("done");
      for (const job of this.others) job.stop();
      for (const job of this.others) yield* job.drained();
      this.onStage?.("drained");
    }
    // Who joined a provider leaves before it goes.
    for (const job of this.others.toReversed()) yield* job.close();
    this.stages.alone = this.#absolute;
    yield* this.first.close();
  }

  *#setUp(job: Job): Task<void> {
    if (this.refusal !== undefined) return;
    const { kernel } = this.#undertaking.world;
    const provider = yield* this.#provide(job.parties);
    if (kernel.isRefusal(provider)) job.refuse(provider);
    else yield* job.open(provider);
    kernel.cpu.leave();
  }

  /** What another job's provider has made for the same exporter is not made again, where the mechanism can tell. */
  *#provide(parties: Parties): Task<Provider | Refusal> {
    const { contract } = this.#undertaking;
    const jobs = [this.first, ...this.others];
    const there = jobs.find(({ provider, parties: { exporter } }) => provider?.join && exporter === parties.exporter);
    const joined = there?.provider?.join?.(parties.importer);
    if (joined) return contract.provider(yield* contract.task("join", joined));
    return contract.provider(yield* contract.task("provide", this.#mechanism.provide(parties)));
  }

  writeState(out: StateWriter): void {
    out.put(this.refusal ? 1 : 0);
    this.first.writeState(out);
    for (const job of this.others) job.writeState(out);
  }
}
