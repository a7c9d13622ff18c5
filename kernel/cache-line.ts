import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { Resource } from "../sim/resource.ts";
import type { Ticks } from "../sim/units.ts";

/** A cache line that several cores write: one has it at a time, and it takes a while to come over from another. */
export class CacheLine implements Recurrent {
  readonly #clock: Clock;
  readonly #transfer: Ticks;
  readonly #place: Resource;
  /** The job whose core wrote it last. */
  #owner = -1;

  constructor(clock: Clock, name: string, transfer: Ticks) {
    this.#clock = clock;
    this.#transfer = transfer;
    this.#place = new Resource(clock, name, 1);
  }

  /** The core of the running task's job gets the line, and stands still until it has. */
  *own(): Task<void> {
    const job = this.#clock.current?.job ?? 0;
    if (!this.#place.tryAcquire()) yield this.#place.queue();
    if (this.#owner !== job) yield this.#clock.sleep(this.#transfer);
    this.#owner = job;
    this.#place.release();
  }

  writeState(out: StateWriter): void {
    this.#place.writeState(out);
    out.put(this.#owner);
  }
}
