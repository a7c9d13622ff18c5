import type { Task } from "../../sim/activity.ts";
import { nsOfTicks } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";

/** One operation of a loop; `index` counts from 0 over all of its places. */
export type Step = (index: number) => Task<unknown>;

/** A closed loop: so many operations under way at a time, each place starting its next one when the last has ended. */
export interface Loop {
  readonly inFlight: number;
  /** Bytes of one operation, or 1 where operations are counted. */
  readonly weight: number;
  readonly step: Step;
  /** On whose core each place runs; without it all share one. */
  readonly jobOf?: (place: number) => number;
}

/** How often each place of a loop goes round before it counts, and then while it counts. */
export interface Rounds {
  readonly before: number;
  readonly counted: number;
}

const ROUNDS: Rounds = { before: 4, counted: 8 };

/**
 * Runs loops beside each other until each has done what it takes, and gives the weight per second of all of them. A loop is timed
 * from the end of one of its operations to the end of a later one, so that filling and emptying the queues does not count. 0 where data was
 * lost or refused: what does not arrive has no rate.
 */
export function rateOf(bench: Bench, loops: readonly Loop[], rounds: Rounds = ROUNDS): number {
  const runs = loops.map((loop) => new Run(bench, loop, rounds));
  let ended = false;
  const over = (): boolean => {
    ended ||= runs.every((run) => run.enough);
    return ended;
  };
  for (const run of runs) run.start(over);
  bench.world.clock.run();
  return bench.lost > 0 ? 0 : runs.reduce((sum, run) => sum + run.rate, 0);
}

class Run {
  readonly #bench: Bench;
  readonly #loop: Loop;
  readonly #warm: number;
  readonly #least: number;
  readonly #ends: number[] = [];
  #begun = 0;

  constructor(bench: Bench, loop: Loop, { before, counted }: Rounds) {
    this.#bench = bench;
    this.#loop = loop;
    this.#warm = before * loop.inFlight;
    this.#least = this.#warm + counted * loop.inFlight;
  }

  get enough(): boolean {
    return this.#ends.length > this.#least;
  }

  start(over: () => boolean): void {
    const { clock } = this.#bench.world;
    for (let place = 0; place < this.#loop.inFlight; place += 1)
      clock.spawn("operation", this.#place(over), [place], this.#loop.jobOf?.(place) ?? 0);
  }

  *#place(over: () => boolean): Task<void> {
    const { kernel } = this.#bench.world;
    while (!over()) {
      const index = this.#begun;
      this.#begun += 1;
      yield* this.#loop.step(index);
      kernel.cpu.leave();
      this.#ends.push(this.#bench.now);
    }
  }

  get rate(): number {
    const [first, last] = [this.#ends[this.#warm], this.#ends[this.#least]];
    if (first === undefined || last === undefined || last === first) return Number.NaN;
    return ((this.#least - this.#warm) * this.#loop.weight * 1e9) / nsOfTicks(last - first);
  }
}
