import type { Clock } from "./clock.ts";
import type { Recurrent, StateWriter } from "./recurrent.ts";

/** A single server that works off spans one after the other, in the order in which they are asked for: flash channels, an engine. */
export class Server implements Recurrent {
  readonly #clock: Clock;
  #freeAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Books the server for a span after all that was booked before; the answer is how long that takes from now, to be yielded. */
  book(span: number): number {
    const start = Math.max(this.#freeAt, this.#clock.now);
    this.#freeAt = start + span;
    return this.#freeAt - this.#clock.now;
  }

  writeState(out: StateWriter): void {
    out.put(Math.max(0, this.#freeAt - this.#clock.now));
  }
}
