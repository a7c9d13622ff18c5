import type { Recurrent, StateWriter } from "../sim/recurrent.ts";

interface Run {
  readonly from: number;
  readonly to: number;
}

/** Free blocks of a disk, as runs in order. The first run that is long enough serves, so that what is free follows from what is taken. */
export class Extents implements Recurrent {
  #free: readonly Run[];

  constructor(from: number, to: number) {
    this.#free = from < to ? [{ from, to }] : [];
  }

  /** The first of `count` blocks in a row; undefined where no run is that long. */
  take(count: number): number | undefined {
    const run = this.#free.find(({ from, to }) => to - from >= count);
    if (run === undefined) return undefined;
    const rest = { from: run.from + count, to: run.to };
    this.#free = this.#free.flatMap((each) => (each !== run ? [each] : rest.from < rest.to ? [rest] : []));
    return run.from;
  }

  /** Gives blocks back; runs that touch become one. */
  give(from: number, count: number): void {
    const to = from + count;
    if (this.#free.some((run) => run.from < to && from < run.to))
      throw new RangeError(`blocks ${from} to ${to} are given back more often than they were taken`);
    const before = this.#free.filter((run) => run.to < from);
    const after = this.#free.filter((run) => run.from > to);
    const touching = this.#free.filter((run) => run.to === from || run.from === to);
    const joined = {
      from: Math.min(from, ...touching.map((run) => run.from)),
      to: Math.max(to, ...touching.map((run) => run.to)),
    };
    this.#free = [...before, joined, ...after];
  }

  /** How many blocks are free. */
  get count(): number {
    return this.#free.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  writeState(out: StateWriter): void {
    out.put(this.#free.length);
    for (const { from, to } of this.#free) {
      out.put(from);
      out.put(to);
    }
  }
}
