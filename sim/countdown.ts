import { type Activity, PARKED, type Task } from "./activity.ts";
import type { Clock } from "./clock.ts";
import { DONE } from "./done.ts";

/** Lets tasks wait until a count of things has come down to nothing: references, requests in flight, parts of one whole. */
export class Countdown {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #waiting: Activity[] = [];
  #left = 0;
  /** Who added to it last. */
  #holder: Activity | undefined;

  constructor(clock: Clock, what: string) {
    this.#clock = clock;
    this.#what = what;
  }

  get left(): number {
    return this.#left;
  }

  add(count: number): void {
    this.#left += count;
    this.#holder = this.#clock.current;
  }

  toString(): string {
    const by = this.#holder ? `, the last taken by ${this.#holder.name}` : "";
    return `${this.#what} (${this.#left} left${by})`;
  }

  finish(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new RangeError(`${this.#what}: more ended than had begun`);
    if (this.#left === 0) for (const activity of this.#waiting.splice(0)) this.#clock.wake(activity);
  }

  /** Returns once nothing is left; at once where nothing is. */
  wait(): Task<void> {
    return this.#left === 0 ? DONE : this.#sleep();
  }

  *#sleep(): Task<void> {
    yield this.queue();
  }

  /** Puts the running task among those that wait: what it must yield now. Only while something is left. */
  queue(): typeof PARKED {
    const activity = this.#clock.current;
    if (activity === undefined) throw new Error(`${this.#what} were waited for outside a task`);
    activity.waitsFor = this;
    this.#waiting.push(activity);
    return PARKED;
  }
}
