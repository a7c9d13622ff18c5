import type { Task } from "./activity.ts";
import type { Clock } from "./clock.ts";
import type { Recurrent, StateWriter } from "./recurrent.ts";

/** A single server that works off spans one after the other, in the order in which they are asked for: flash channels, an engine. */
export class Server implements Recurrent {
  readonly #clock: Clock;
  #freeAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the server, then for the span. */
  *serve(span: number): Task<void> {
    const start = Math.max(this.#freeAt, this.#clock.now);
    this.#freeAt = start + span;
    yield this.#freeAt - this.#clock.now;
  }

  writeState(out: StateWriter): void {
    out.put(Math.max(0, this.#freeAt - this.#clock.now));
  }
}
