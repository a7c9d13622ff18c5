import { type Activity, PARKED, type Task } from "./activity.ts";
import type { Clock } from "./clock.ts";
import { DONE } from "./done.ts";

/** Lets tasks wait until a count of things has come down to nothing: references, requests in flight, parts of one whole. */
export class Countdown {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #waiting: Activity[] = [];
  #left = 0;

  constructor(clock: Clock, what: string) {
    this.#clock = clock;
    this.#what = what;
  }

  get left(): number {
    return this.#left;
  }

  add(count: number): void {
    this.#left += count;
  }

  finish(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new RangeError(`${this.#what}: more ended than had begun`);
    if (this.#left === 0) for (const activity of this.#waiting.splice(0)) this.#clock.wake(activity);
  }

  /** Returns once nothing is left; at once where nothing is. */
  wait(): Task<void> {
    const activity = this.#clock.current;
    return this.#left === 0 || activity === undefined ? DONE : this.#park(activity);
  }

  *#park(activity: Activity): Task<void> {
    activity.waitsFor = this.#what;
    this.#waiting.push(activity);
    yield PARKED;
  }
}
