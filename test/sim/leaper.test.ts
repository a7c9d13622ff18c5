import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Task } from "../../sim/activity.ts";
import { Clock } from "../../sim/clock.ts";
import { Histogram } from "../../sim/histogram.ts";
import { Leaper, type Work } from "../../sim/leaper.ts";
import { Overflow } from "../../sim/overflow.ts";
import type { Recurrent, StateWriter } from "../../sim/recurrent.ts";
import { Resource } from "../../sim/resource.ts";
import { Server } from "../../sim/server.ts";
import { Tally } from "../../sim/tally.ts";
import { ticks } from "../../sim/units.ts";

/** How each lane spends its time on a piece of work. */
interface Lane {
  readonly prepares: number;
  readonly holds: number;
  readonly books: number;
}

interface Shop {
  readonly lanes: readonly Lane[];
  readonly desks: number;
  readonly pieces: number;
  /** When, from outside, everything becomes slower by so much; never if not said. */
  readonly slump?: { readonly at: number; readonly by: number };
  /** What else must be compared before anything is leapt over. */
  readonly beside?: Recurrent;
}

interface Books {
  readonly end: number;
  readonly done: number;
  readonly busy: number;
  readonly latencies: readonly number[];
  readonly skipped: number;
}

/** Lanes that share a desk and a server and take one piece of work after the other: contention, queues and a bottleneck. */
class Workshop implements Work, Recurrent {
  readonly clock: Clock = new Clock();
  readonly tally: Tally = new Tally();
  readonly latencies: Histogram = new Histogram();
  begun = 0;
  left: number;
  #slower = 0;
  readonly #began: number[] = [];
  readonly #shop: Shop;
  readonly #desk: Resource;
  readonly #server: Server;
  readonly #leaper: Leaper;

  constructor(shop: Shop, leaps: boolean) {
    this.#shop = shop;
    this.left = shop.pieces;
    this.#desk = new Resource(this.clock, "desk", shop.desks);
    this.#server = new Server(this.clock);
    const states = [this.clock, this.#desk, this.#server, this, ...(shop.beside ? [shop.beside] : [])];
    this.#leaper = new Leaper(this.clock, states, [this.tally, this.latencies], this);
    if (leaps) this.clock.atRest = () => this.#leaper.sample();
  }

  skip(pieces: number): void {
    this.begun += pieces;
    this.left -= pieces;
  }

  /** Says what it does as it does it, and the shop knows when it began: both are state, since the future depends on them. */
  *#piece(lane: number, { prepares, holds, books }: Lane): Task<void> {
    const { clock, tally } = this;
    this.#began[lane] = clock.now;
    clock.observe(1);
    yield prepares + this.#slower;
    yield* this.#desk.acquire();
    clock.observe(2);
    yield holds;
    this.#desk.release();
    clock.observe(3);
    yield this.#server.book(books);
    tally.add(tally.slot("done"), 1);
    tally.add(tally.slot("busy"), holds);
    this.latencies.add(clock.now - (this.#began[lane] ?? 0));
    clock.requestRest();
    this.#next(lane);
  }

  #next(lane: number): void {
    const each = this.#shop.lanes[lane];
    if (this.left === 0 || each === undefined) return;
    this.skip(1);
    this.clock.succeed(this.#piece(lane, each), [lane]);
  }

  *#open(lane: number): Task<void> {
    this.#next(lane);
  }

  *#slump(by: number): Task<void> {
    this.#slower = by;
  }

  run(): Books {
    const { clock, tally, latencies } = this;
    const { slump, lanes } = this.#shop;
    if (slump) clock.spawnAt(ticks(slump.at), "slump", this.#slump(slump.by));
    for (const lane of lanes.keys()) clock.spawn(`lane ${lane}`, this.#open(lane), [lane]);
    clock.run();
    return {
      end: clock.epoch + clock.now,
      done: tally.get("done"),
      busy: tally.get("busy"),
      latencies: [latencies.count, latencies.least, latencies.most, latencies.mean, latencies.quantile(0.99)],
      skipped: this.#leaper.skipped,
    };
  }

  writeState(out: StateWriter): void {
    out.put(this.#slower);
    for (const began of this.#began) out.put(began - this.clock.now);
  }
}

const lane = fc.record({ prepares: fc.nat(12), holds: fc.nat(6), books: fc.integer({ min: 1, max: 5 }) });
const shop = fc.record({
  lanes: fc.array(lane, { minLength: 1, maxLength: 3 }),
  desks: fc.integer({ min: 1, max: 2 }),
  pieces: fc.nat(400),
});

const full = (each: Shop): Books => new Workshop(each, false).run();
const leapt = (each: Shop): Books => new Workshop(each, true).run();
const SIMPLE: Shop = { lanes: [{ prepares: 7, holds: 2, books: 1 }], desks: 1, pieces: 1000 };

describe("Leaping over whole periods", () => {
  test("changes no sum, no latency and no end, whatever recurs", () => {
    let leaps = 0;
    fc.assert(
      fc.property(shop, (each) => {
        const { skipped, ...rest } = leapt(each);
        expect({ ...rest, skipped: 0 }).toEqual(full(each));
        if (skipped > 0) leaps += 1;
      }),
      { numRuns: 200 },
    );
    expect(leaps).toBeGreaterThan(100);
  });

  test("stops before what comes from outside, at whatever time it comes", () => {
    const slump = fc.record({ at: fc.nat(6000), by: fc.integer({ min: 1, max: 9 }) });
    let leaps = 0;
    fc.assert(
      fc.property(shop, slump, (each, comes) => {
        const disturbed = { ...each, slump: comes };
        const { skipped, ...rest } = leapt(disturbed);
        expect({ ...rest, skipped: 0 }).toEqual(full(disturbed));
        if (skipped > 0) leaps += 1;
      }),
      { numRuns: 200 },
    );
    expect(leaps).toBeGreaterThan(100);
  });

  test("lives through a few pieces however many there are", () => {
    const pieces = 2 ** 40;
    const { end, done, skipped, latencies } = leapt({ ...SIMPLE, pieces });
    expect([end, done, latencies[0]]).toEqual([10 * pieces, pieces, pieces]);
    expect(pieces - skipped).toBeLessThan(10);
  });

  test("leaves work that is too short to recur alone", () => {
    expect(leapt({ ...SIMPLE, pieces: 3 })).toEqual(full({ ...SIMPLE, pieces: 3 }));
  });
});

describe("Nothing is leapt over", () => {
  test("where something says that its state grows", () => {
    let grown = 0;
    const beside = {
      writeState: (out: StateWriter): void => {
        grown += 1;
        out.put(grown);
      },
    };
    expect(leapt({ ...SIMPLE, beside })).toEqual(full(SIMPLE));
    expect(grown).toBeGreaterThan(900);
  });

  test("where a state is but the beginning of an earlier one", () => {
    let left = 5000;
    const beside = {
      writeState: (out: StateWriter): void => {
        left -= 1;
        for (let each = 0; each < left; each += 1) out.put(0);
      },
    };
    expect(leapt({ ...SIMPLE, pieces: 60, beside })).toEqual(full({ ...SIMPLE, pieces: 60 }));
  });

  test("where what recurs is longer than what is left", () => {
    let calls = 0;
    // A state of period 600 samples within 1000 pieces: it recurs, but not a whole period is left.
    const beside = {
      writeState: (out: StateWriter): void => {
        out.put(Math.floor(calls / 2) % 600);
        calls += 1;
      },
    };
    expect(leapt({ ...SIMPLE, beside }).done).toBe(1000);
  });

  test("and the cell is refused where time would grow beyond 2^53", () => {
    expect(() => leapt({ ...SIMPLE, pieces: 2 ** 52 })).toThrow(Overflow);
    expect(() => leapt({ ...SIMPLE, pieces: 2 ** 52 })).toThrow("exceeds 2^53");
  });
});
