import { Activity, PARKED, type Task } from "./activity.ts";
import { Endless } from "./endless.ts";
import { exact } from "./overflow.ts";
import type { Recurrent, StateWriter } from "./recurrent.ts";
import { type Ticks, ticksOfNs } from "./units.ts";
import { WakeQueue } from "./wake-queue.ts";

/** A task that has seen more than that will never end. */
const MOST_SEEN = 4_000_000;
/** A task that passes from span to span comes back to the clock after that long, so that whoever watches over a run gets a look. */
const LONGEST_PASSAGE = ticksOfNs(1e9);

/** The plane of the TLPs. It runs ahead of the tasks, up to the next instant at which one of them acts. */
export interface DataPlane {
  /** Runs every event up to and including `limit`; stops early, returning true, when an event woke a task. */
  runUntil(limit: number): boolean;
  /** The time of the last event that ran. */
  readonly time: number;
}

/**
 * One clock, two planes. Tasks run in the order (time, slot); a slot is the lowest free one when the task is spawned, so the order
 * carries no history. At equal times the data plane goes first.
 *
 * Local time restarts nowhere, but a leap moves `epoch`: the absolute time is epoch + now.
 */
export class Clock implements Recurrent {
  #now = 0;
  #epoch = 0;
  readonly #queue = new WakeQueue();
  readonly #slots: (Activity | undefined)[] = [];
  readonly #observed: number[][] = [];
  #lowestFree = 0;
  #current: Activity | undefined;
  #plane: DataPlane | undefined;
  /** Called between two steps of tasks when `requestRest` was called in the step before: every state is then at rest. */
  atRest: (() => void) | undefined;
  #restRequested = false;
  /** When the running task was resumed. */
  #resumedAt = 0;
  #announced: number = PARKED;

  get now(): Ticks {
    return this.#now as Ticks;
  }
  get epoch(): Ticks {
    return this.#epoch as Ticks;
  }
  get current(): Activity | undefined {
    return this.#current;
  }

  drive(plane: DataPlane): void {
    this.#plane = plane;
  }

  /** Starts a task now, for the running task's job if none is named; `given` is what its code was given, as numbers. */
  spawn(
    name: string,
    body: Task<void>,
    given: readonly number[] = [],
    job: number = this.#current?.job ?? 0,
  ): Activity {
    const activity = this.#place(name, body, given, this.#now, false);
    activity.job = job;
    return activity;
  }

  /** Lets the running task's slot go on with another body when it ends: the next request of a closed loop. */
  succeed(body: Task<void>, given: readonly number[]): void {
    if (this.#current) this.#current.successor = { body, given };
  }

  /** Starts a task at an absolute time, outside the recurring system: a fault, a deadline. */
  spawnAt(at: Ticks, name: string, body: Task<void>): Activity {
    return this.#place(name, body, [], at - this.#epoch, true);
  }

  #place(name: string, body: Task<void>, given: readonly number[], at: number, exogenous: boolean): Activity {
    let slot = this.#lowestFree;
    while (this.#slots[slot] !== undefined) slot += 1;
    this.#lowestFree = slot + 1;
    let observed = this.#observed[slot];
    if (observed === undefined) {
      observed = [];
      this.#observed[slot] = observed;
    }
    const activity = new Activity(slot, name, body, observed, exogenous);
    for (const value of given) observed[activity.seen++] = value;
    this.#slots[slot] = activity;
    this.wake(activity, at);
    return activity;
  }

  /** Lets a parked activity run at `at`, now if not said. */
  wake(activity: Activity, at: number = this.#now): void {
    activity.wakesAt = at;
    this.#queue.push(at, activity.slot);
  }

  /** Ends a task that sleeps, as if it had never been started. */
  cancel(activity: Activity): void {
    activity.body.return();
    this.#end(activity);
  }

  /** Adds to what the running task has seen. Every primitive whose answer is not a function of the task's earlier answers calls it. */
  observe(value: number): void {
    const activity = this.#current;
    if (activity === undefined) return;
    if (activity.seen === MOST_SEEN) throw new Endless(activity.name, MOST_SEEN);
    activity.observed[activity.seen++] = value;
  }

  /** Announces the span that a primitive yields next; a guest may sleep no other. */
  sleep(span: number): number {
    this.#announced = span;
    return span;
  }

  requestRest(): void {
    this.#restRequested = true;
  }

  /**
   * Lets `span` pass at once where nothing else happens within it; false where the task must yield instead. Saves a trip through the
   * queue and the chain of generators for most spans, and changes no result.
   */
  tryPass(span: number): boolean {
    const until = this.#now + span;
    if (until - this.#resumedAt > LONGEST_PASSAGE) return false;
    if (this.#queue.earliest(this.#slots) <= until) return false;
    if (this.#plane?.runUntil(until)) return false;
    this.#now = until;
    return true;
  }

  /** Runs until no task has anything left to wait for but each other. `stop` is asked after every step. */
  run(stop: () => boolean = () => false): void {
    while (!stop()) if (!this.#step()) return;
  }

  #step(): boolean {
    const next = this.#queue.earliest(this.#slots);
    if (this.#plane?.runUntil(next)) {
      this.#now = Math.max(this.#now, this.#plane.time);
      return true;
    }
    if (next === Number.POSITIVE_INFINITY) return false;
    const activity = this.#queue.pop(this.#slots);
    this.#now = exact(next, "simulated time");
    this.#resume(activity);
    if (this.#restRequested) {
      this.#restRequested = false;
      this.atRest?.();
    }
    return true;
  }

  #resume(activity: Activity): void {
    activity.wakesAt = Number.POSITIVE_INFINITY;
    this.#current = activity;
    this.#resumedAt = this.#now;
    const step = activity.body.next();
    this.#current = undefined;
    if (step.done) this.#end(activity);
    else if (this.#maySleep(activity, step.value)) this.wake(activity, this.#now + step.value);
    else if (step.value !== PARKED)
      throw new RangeError(`a task yielded ${step.value}: only primitives yield, and they are called with yield*`);
  }

  #maySleep({ guest }: Activity, span: number): boolean {
    const announced = this.#announced;
    this.#announced = PARKED;
    return span >= 0 && Number.isInteger(span) && (!guest || span === announced);
  }

  #end(activity: Activity): void {
    const { successor } = activity;
    if (successor) {
      activity.successor = undefined;
      activity.body = successor.body;
      activity.seen = 0;
      for (const value of successor.given) activity.observed[activity.seen++] = value;
      this.wake(activity);
      return;
    }
    activity.done = true;
    activity.wakesAt = Number.POSITIVE_INFINITY;
    this.#slots[activity.slot] = undefined;
    if (activity.slot < this.#lowestFree) this.#lowestFree = activity.slot;
  }

  /** Tasks that have not ended, by slot. */
  alive(): readonly Activity[] {
    return this.#slots.filter((each) => each !== undefined);
  }

  /** The absolute time of the next event from outside the recurring system. */
  horizon(): number {
    const outside = this.alive().filter(({ exogenous }) => exogenous);
    return this.#epoch + Math.min(Number.POSITIVE_INFINITY, ...outside.map(({ wakesAt }) => wakesAt));
  }

  /** Skips `span` of absolute time. Local times stay; only what stands outside the recurring system draws nearer. */
  leap(span: number): void {
    this.#epoch = exact(this.#epoch + span, "simulated time");
    exact(this.#epoch + this.#now, "simulated time");
    for (const activity of this.alive())
      if (activity.exogenous && activity.wakesAt !== Number.POSITIVE_INFINITY)
        this.wake(activity, activity.wakesAt - span);
  }

  writeState(out: StateWriter): void {
    for (const activity of this.#slots) {
      if (activity === undefined || activity.exogenous) continue;
      out.put(activity.slot);
      out.put(activity.wakesAt === Number.POSITIVE_INFINITY ? -1 : activity.wakesAt - this.#now);
      out.put(activity.seen);
      for (let at = 0; at < activity.seen; at += 1) out.put(activity.observed[at] ?? 0);
      if (out.differs) return;
    }
  }
}
