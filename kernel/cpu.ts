import type { ParameterName, Parameters } from "../calibration/parameters.ts";
import type { Activity, Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { DONE } from "../sim/done.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
import type { Tally } from "../sim/tally.ts";
import type { Awaited } from "./awaited.ts";

/** Applies an operation to items [from, to): pins these pages, maps those. */
export type Effect = (from: number, to: number) => void;

/** n equal items of one operation, under way: one span that a fault may cut between any two items. */
interface Span {
  readonly operation: number;
  readonly ticks: number;
  readonly count: number;
  readonly each: number;
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
    if (count === 0) return DONE;
    const clock = this.#clock;
    const operation = this.#operation(name);
    clock.observe(operation.index);
    clock.observe(count);
    const mine = this.#holder !== undefined && this.#holder === clock.current;
    if (!mine && !this.#core.tryAcquire()) return this.#awaited.call(this.#queueFor(operation, count, effect));
    this.#holder = clock.current;
    this.#start(operation, count, effect);
    const ticks = operation.each * count;
    if (!clock.tryPass(ticks)) return this.#awaited.call(this.#sleep(ticks));
    this.#finish();
    return DONE;
  }

  *#queueFor(operation: Operation, count: number, effect: Effect | undefined): Task<void> {
    this.#awaited.begin();
    const activity = this.#clock.current;
    yield* this.#core.acquire();
    this.#holder = activity;
    this.#start(operation, count, effect);
    yield operation.each * count;
    this.#finish();
  }

  *#sleep(ticks: number): Task<void> {
    this.#awaited.begin();
    yield ticks;
    this.#finish();
  }

  #start({ index, each }: Operation, count: number, effect: Effect | undefined): void {
    this.#span = { operation: index, ticks: each * count, count, each, began: this.#clock.now, effect, done: 0 };
  }

  #finish(): void {
    this.settle();
    this.#span = undefined;
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
    const elapsed = this.#clock.now - span.began;
    const done = elapsed >= span.ticks ? span.count : Math.floor(elapsed / span.each);
    if (done === span.done) return;
    const operation = this.#byIndex[span.operation];
    if (operation) this.#tally.add(operation.countSlot, done - span.done);
    this.#tally.add(this.#ticks, (done - span.done) * span.each);
    span.effect?.(span.done, done);
    span.done = done;
  }

  /** Ends the current span between two items, as a fatal signal or a surprise removal does. */
  abort(): void {
    this.settle();
    this.#span = undefined;
    this.#holder = undefined;
    this.#core.release();
  }

  readonly #byIndex: Operation[] = [];

  #operation(name: ParameterName): Operation {
    const known = this.#operations.get(name);
    if (known) return known;
    const perByte = name.startsWith("host.copy") || name.startsWith("host.wc");
    const each = perByte ? this.#parameters.spanPerByte(name) : this.#parameters.span(name);
    const operation = { index: this.#byIndex.length, each, countSlot: this.#tally.slot(`operation ${name}`) };
    this.#operations.set(name, operation);
    this.#byIndex.push(operation);
    return operation;
  }

  writeState(out: StateWriter): void {
    this.#core.writeState(out);
    out.put(this.#holder?.slot ?? -1);
    const span = this.#span;
    out.put(span ? span.operation : -1);
    if (span) {
      out.put(span.count);
      out.put(span.began - this.#clock.now);
    }
  }
}
