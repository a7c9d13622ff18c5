import { type Activity, PARKED, type Task } from "./activity.ts";
import type { Clock } from "./clock.ts";
import type { Recurrent, StateWriter } from "./recurrent.ts";

/** A thing that only so many activities can hold at once, handed on first come, first served: a CPU core, a copy engine. */
export class Resource implements Recurrent {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #waiting: Activity[] = [];
  readonly #capacity: number;
  #free: number;
  /** Who got a place last. */
  #holder: Activity | undefined;

  constructor(clock: Clock, name: string, capacity: number) {
    this.#clock = clock;
    this.#name = name;
    this.#capacity = capacity;
    this.#free = capacity;
  }

  *acquire(): Task<void> {
    if (!this.tryAcquire()) yield this.queue();
  }

  /** Puts the running task into the queue of those that wait: what it must yield now. */
  queue(): typeof PARKED {
    const activity = this.#clock.current;
    if (activity === undefined) throw new Error(`${this.#name} was asked for outside a task`);
    activity.waitsFor = this;
    this.#waiting.push(activity);
    return PARKED;
  }

  /** Hands the place to the first that waits, or frees it. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#holder = next;
    this.#clock.wake(next);
  }

  /** Takes a place if one is free, without waiting. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    this.#holder = this.#clock.current;
    return true;
  }

  toString(): string {
    const taken = this.#capacity === 1 ? "held" : `all ${this.#capacity} taken, the last`;
    return this.#holder ? `${this.#name} (${taken} by ${this.#holder.name})` : this.#name;
  }

  writeState(out: StateWriter): void {
    out.put(this.#free);
    out.put(this.#waiting.length);
    for (const activity of this.#waiting) out.put(activity.slot);
  }
}
