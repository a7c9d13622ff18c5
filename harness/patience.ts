import type { Clock } from "../sim/clock.ts";
import { nsOfTicks, ticksOfNs } from "../sim/units.ts";

/** How long user space may be able to do nothing before a run counts as hung (docs/decisions.md). */
const LONGEST = ticksOfNs(10e9);
/** More steps than that at one instant are a loop in which no time passes. */
const MOST_STEPS = 1_000_000;

/** Ends a run in which things still happen, but none that user space can do anything with. */
export class Patience {
  readonly #clock: Clock;
  /** A number that changes whenever user space gets on. */
  readonly #progress: () => number;
  #seen = Number.NaN;
  #since = 0;
  #instant = -1;
  #steps = 0;
  /** Why the run was ended; empty while it was not. */
  reason: string = "";

  constructor(clock: Clock, progress: () => number) {
    this.#clock = clock;
    this.#progress = progress;
  }

  /** Asked after every step of the clock. */
  exhausted(): boolean {
    const { now } = this.#clock;
    if (now !== this.#instant) {
      this.#instant = now;
      this.#steps = 0;
    }
    this.#steps += 1;
    const progress = this.#progress();
    if (progress !== this.#seen) {
      this.#seen = progress;
      this.#since = now;
    }
    if (this.#steps > MOST_STEPS) this.reason = `a loop in which no time passes`;
    else if (now - this.#since > LONGEST)
      this.reason = `nothing for user space to do for ${nsOfTicks(LONGEST) / 1e9} s of simulated time`;
    return this.reason !== "";
  }
}
