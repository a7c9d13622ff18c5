import type { ParameterName, Parameters } from "../calibration/parameters.ts";
import type { Activity, Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
import type { Tally } from "../sim/tally.ts";
import type { Awaited } from "./awaited.ts";

/** Applies an operation to items [from, to): pins these pages, maps those. */
export type Effect = (from: number, to: number) => void;

/** n equal items of one operation, under way: one span that a fault may cut between any two items. */
interface Span {
  readonly operation: Operation;
  readonly count: number;
  readonly began: number;
  readonly effect: Effect | undefined;
  done: number;
}

interface Operation {
  readonly index: number;
  readonly each: number;
  readonly countSlot: number;
}

/** Sum of CPU ticks of all operations. */
export const CPU_TICKS = "cpu ticks";

/** The core of one job: who holds it, and the span that it is at. */
interface Core {
  readonly place: Resource;
  holder: Activity | undefined;
  span: Span | undefined;
}

/**
 * The cores that jobs and their interrupts run on, one each. A task holds its job's from its first operation until it sleeps; others
 * queue. Every operation costs what calibration says, times the number of its items; those of the first job, which is the one that is
 * measured, are counted by name.
 */
export class Cpu implements Recurrent {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #parameters: Parameters;
  readonly #tally: Tally;
  readonly #first: Core;
  /** One for each job where there are several. */
  #cores: readonly Core[] | undefined;
  readonly #operations = new Map<ParameterName, Operation>();
  /** How much longer everything takes where two threads share each core. */
  #pace = 1;
  readonly #ticks: number;

  constructor(awaited: Awaited, clock: Clock, parameters: Parameters, tally: Tally) {
    this.#awaited = awaited;
    this.#clock = clock;
    this.#parameters = parameters;
    this.#tally = tally;
    this.#ticks = tally.slot(CPU_TICKS);
    this.#first = newCore(clock, "the CPU");
  }

  /** Gives each of so many jobs a core of its own; where there are fewer cores, two jobs run on one as its two threads. */
  bringUp(jobs: number, cores: number = jobs): void {
    if (jobs > 2 * cores) throw new RangeError(`${jobs} jobs on ${cores} cores: a core has two threads`);
    if (jobs > cores) {
      this.#pace = 1 / this.#parameters.share("cpu.thread_share");
      this.#operations.clear();
    }
    const more = Array.from({ length: jobs - 1 }, (_, job) => newCore(this.#clock, `the CPU of initiator ${job + 2}`));
    if (jobs > 1) this.#cores = [this.#first, ...more];
  }

  /**
   * Runs `count` items of an operation; `effect` is applied item by item, as far as the span has come. Where nothing else can happen
   * meanwhile, all of it passes at once.
   */
  run(name: ParameterName, count: number, effect?: Effect): Task<void> {
    if (count <= 0 || !Number.isSafeInteger(count)) return this.#nothing(name, count);
    const clock = this.#clock;
    const operation = this.#operation(name);
    clock.observe(operation.index);
    clock.observe(count);
    const core = this.#core();
    const mine = core.holder !== undefined && core.holder === clock.current;
    if (!mine && !core.place.tryAcquire()) return this.#awaited.call(this.#queueFor(core, operation, count, effect));
    core.holder = clock.current;
    const began = clock.now;
    if (!clock.tryPass(operation.each * count)) {
      core.span = { operation, count, began, effect, done: 0 };
      return this.#awaited.call(this.#sleep(core, operation.each * count));
    }
    this.#account(core, operation, count);
    effect?.(0, count);
    return this.#awaited.pass();
  }

  *#queueFor(core: Core, operation: Operation, count: number, effect: Effect | undefined): Task<void> {
    this.#awaited.begin();
    const clock = this.#clock;
    const activity = clock.current;
    yield core.place.queue();
    core.holder = activity;
    const began = clock.now;
    if (clock.tryPass(operation.each * count)) {
      this.#account(core, operation, count);
      effect?.(0, count);
      return;
    }
    core.span = { operation, count, began, effect, done: 0 };
    yield clock.sleep(operation.each * count);
    this.#settle(core);
    core.span = undefined;
  }

  *#sleep(core: Core, span: number): Task<void> {
    this.#awaited.begin();
    yield this.#clock.sleep(span);
    this.#settle(core);
    core.span = undefined;
  }

  /** No item takes no time; anything else is no number of items. */
  #nothing(name: ParameterName, count: number): Task<void> {
    if (count === 0) return this.#awaited.pass();
    throw new RangeError(`cpu.run("${name}", ${count}): a count is a whole number from 0 up`);
  }

  #account(core: Core, operation: Operation, count: number): void {
    if (core !== this.#first) return;
    this.#tally.add(operation.countSlot, count);
    this.#tally.add(this.#ticks, count * operation.each);
  }

  /** The core of the running task's job. */
  #core(): Core {
    return this.#cores?.[this.#clock.current?.job ?? 0] ?? this.#first;
  }

  /** Whether nobody is at work on the core of the running task's job. */
  get idle(): boolean {
    return this.#core().holder === undefined;
  }

  /** The running task is about to sleep, or has ended: the next one gets the core. */
  leave(): void {
    const core = this.#core();
    if (core.holder === undefined || core.holder !== this.#clock.current) return;
    core.holder = undefined;
    core.place.release();
  }

  /** Counts and applies what the current spans have done by now. A fault calls it before it looks at anything. */
  settle(): void {
    for (const core of this.#cores ?? [this.#first]) this.#settle(core);
  }

  #settle(core: Core): void {
    const { span } = core;
    if (span === undefined) return;
    const { operation, count, began, done } = span;
    const elapsed = this.#clock.now - began;
    const reached = elapsed >= operation.each * count ? count : Math.floor(elapsed / operation.each);
    if (reached === done) return;
    this.#account(core, operation, reached - done);
    span.effect?.(done, reached);
    span.done = reached;
  }

  /** Ends the current spans between two items, as a fatal signal or a surprise removal does. */
  abort(): void {
    for (const core of this.#cores ?? [this.#first]) {
      if (core.holder === undefined) continue;
      this.#settle(core);
      core.span = undefined;
      core.holder = undefined;
      core.place.release();
    }
  }

  #operation(name: ParameterName): Operation {
    const known = this.#operations.get(name);
    if (known) return known;
    const perByte = this.#parameters.constant(name).unit === "ns/By";
    const alone = perByte ? this.#parameters.spanPerByte(name) : this.#spanOn(name);
    const each = Math.round(alone * this.#pace);
    const operation = { index: this.#operations.size, each, countSlot: this.#tally.slot(`operation ${name}`) };
    this.#operations.set(name, operation);
    return operation;
  }

  /** What is known of one core is converted to this one; bytes go as fast as the memory. */
  #spanOn(name: ParameterName): number {
    const [span, { core }] = [this.#parameters.span(name), this.#parameters.constant(name)];
    return core === undefined ? span : Math.round((span * core) / this.#parameters.ratio("host.core_speed"));
  }

  writeState(out: StateWriter): void {
    for (const { place, holder, span } of this.#cores ?? [this.#first]) {
      place.writeState(out);
      out.put(holder?.slot ?? -1);
      out.put(span ? span.operation.index : -1);
      if (span === undefined) continue;
      out.put(span.count);
      out.put(span.began - this.#clock.now);
    }
  }
}

const newCore = (clock: Clock, name: string): Core => ({
  place: new Resource(clock, name, 1),
  holder: undefined,
  span: undefined,
});
