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

/**
 * The core that a job and its interrupts run on. A task holds it from its first operation until it sleeps; others queue. Every
 * operation is counted by name and costs what calibration says, times the number of its items.
 */
export class Cpu implements Recurrent {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #parameters: Parameters;
  readonly #tally: Tally;
  readonly #core: Resource;
  readonly #operations = new Map<ParameterName, Operation>();
  readonly #ticks: number;
  #holder: Activity | undefined;
  #span: Span | undefined;

  constructor(awaited: Awaited, clock: Clock, parameters: Parameters, tally: Tally) {
    this.#awaited = awaited;
    this.#clock = clock;
    this.#parameters = parameters;
    this.#tally = tally;
    this.#core = new Resource(clock, "the CPU", 1);
    this.#ticks = tally.slot(CPU_TICKS);
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
    const mine = this.#holder !== undefined && this.#holder === clock.current;
    if (!mine && !this.#core.tryAcquire()) return this.#awaited.call(this.#queueFor(operation, count, effect));
    this.#holder = clock.current;
    const began = clock.now;
    if (!clock.tryPass(operation.each * count)) {
      this.#begin(operation, count, began, effect);
      return this.#awaited.call(this.#sleep(operation.each * count));
    }
    this.#account(operation, count);
    effect?.(0, count);
    return this.#awaited.pass();
  }

  *#queueFor(operation: Operation, count: number, effect: Effect | undefined): Task<void> {
    this.#awaited.begin();
    const clock = this.#clock;
    const activity = clock.current;
    yield this.#core.queue();
    this.#holder = activity;
    const began = clock.now;
    if (clock.tryPass(operation.each * count)) {
      this.#account(operation, count);
      effect?.(0, count);
      return;
    }
    this.#begin(operation, count, began, effect);
    yield clock.sleep(operation.each * count);
    this.settle();
    this.#span = undefined;
  }

  *#sleep(span: number): Task<void> {
    this.#awaited.begin();
    yield this.#clock.sleep(span);
    this.settle();
    this.#span = undefined;
  }

  #begin(operation: Operation, count: number, began: number, effect: Effect | undefined): void {
    this.#span = { operation, count, began, effect, done: 0 };
  }

  /** No item takes no time; anything else is no number of items. */
  #nothing(name: ParameterName, count: number): Task<void> {
    if (count === 0) return this.#awaited.pass();
    throw new RangeError(`cpu.run("${name}", ${count}): a count is a whole number from 0 up`);
  }

  #account(operation: Operation, count: number): void {
    this.#tally.add(operation.countSlot, count);
    this.#tally.add(this.#ticks, count * operation.each);
  }

  /** The running task is about to sleep, or has ended: the next one gets the core. */
  leave(): void {
    if (this.#holder === undefined || this.#holder !== this.#clock.current) return;
    this.#holder = undefined;
    this.#core.release();
  }

  /** Counts and applies what the current span has done by now. A fault calls it before it looks at anything. */
  settle(): void {
    const span = this.#span;
    if (span === undefined) return;
    const { operation, count, began, done } = span;
    const elapsed = this.#clock.now - began;
    const reached = elapsed >= operation.each * count ? count : Math.floor(elapsed / operation.each);
    if (reached === done) return;
    this.#account(operation, reached - done);
    span.effect?.(done, reached);
    span.done = reached;
  }

  /** Ends the current span between two items, as a fatal signal or a surprise removal does. */
  abort(): void {
    if (this.#holder === undefined) return;
    this.settle();
    this.#span = undefined;
    this.#holder = undefined;
    this.#core.release();
  }

  #operation(name: ParameterName): Operation {
    const known = this.#operations.get(name);
    if (known) return known;
    const perByte = name.startsWith("host.copy") || name.startsWith("host.wc");
    const each = perByte ? this.#parameters.spanPerByte(name) : this.#parameters.span(name);
    const operation = { index: this.#operations.size, each, countSlot: this.#tally.slot(`operation ${name}`) };
    this.#operations.set(name, operation);
    return operation;
  }

  writeState(out: StateWriter): void {
    this.#core.writeState(out);
    out.put(this.#holder?.slot ?? -1);
    const span = this.#span;
    out.put(span ? span.operation.index : -1);
    if (span) {
      out.put(span.count);
      out.put(span.began - this.#clock.now);
    }
  }
}
