import type { FrameFormat } from "../fabric/frame-formats.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { TICKS_PER_NS } from "../sim/units.ts";

const NS_PER_SECOND = 1e9;

/** Frame i comes at floor(i x period): the period need not be a whole number of ticks, and no rounding adds up. */
export class FrameClock implements Recurrent {
  readonly #clock: Clock;
  readonly #frames: number;
  /** Ticks of `frames` frames. */
  readonly #span: number;
  /** What the rounding has left over, in parts of a tick: 0 to frames - 1. */
  #remainder = 0;
  /** Called at the moment of each frame; answers whether there will be another. */
  readonly #onFrame: () => boolean;

  constructor(clock: Clock, { frames, seconds }: FrameFormat, onFrame: () => boolean) {
    this.#clock = clock;
    this.#frames = frames;
    this.#span = seconds * NS_PER_SECOND * TICKS_PER_NS;
    this.#onFrame = onFrame;
  }

  /** From one frame to the next, in ticks; not rounded. */
  get period(): number {
    return this.#span / this.#frames;
  }

  start(): void {
    this.#clock.spawn("frame clock", this.#frame());
  }

  *#frame(): Task<void> {
    if (!this.#onFrame()) return;
    const parts = this.#remainder + this.#span;
    this.#remainder = parts % this.#frames;
    yield Math.floor(parts / this.#frames);
    this.#clock.succeed(this.#frame(), []);
  }

  writeState(out: StateWriter): void {
    out.put(this.#remainder);
  }
}
