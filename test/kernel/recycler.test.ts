import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Recycler } from "../../kernel/recycler.ts";
import { StateRecord } from "../../sim/recurrent.ts";

const FROM = 4096;
const TO = FROM + 64 * 4096;
/** Users align a piece by its size, always in the same way. */
const SIZES = [4096, 8192, 32768] as const;

interface Piece {
  readonly at: number;
  readonly size: number;
}
/** The naive allocator: a list of what is taken and what was given back, and how far the fresh end has come. */
interface Model {
  readonly downwards: boolean;
  taken: Piece[];
  free: Piece[];
  fresh: number;
}

class Take implements fc.Command<Model, Recycler> {
  readonly size: number;
  constructor(size: number) {
    this.size = size;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: Recycler): void {
    const { size } = this;
    const expected = nextOf(model, size);
    const at = real.take(size, size);
    expect(at).toBe(expected);
    if (at === undefined) return;
    const piece = { at, size };
    expect([at % size, at >= FROM, at + size <= TO]).toEqual([0, true, true]);
    expect(model.taken.filter((each) => overlaps(each, piece))).toEqual([]);
    const again = model.free.some((each) => each.at === at && each.size === size);
    if (!again) model.fresh = model.downwards ? at : at + size;
    model.free = model.free.filter((each) => each.at !== at || each.size !== size);
    model.taken.push(piece);
  }
  toString(): string {
    return `take(${this.size})`;
  }
}

class Give implements fc.Command<Model, Recycler> {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check({ taken }: Readonly<Model>): boolean {
    return taken.length > 0;
  }
  run(model: Model, real: Recycler): void {
    const [piece] = model.taken.splice(this.pick % model.taken.length, 1);
    if (piece === undefined) return;
    real.give(piece.at, piece.size);
    model.free.push(piece);
  }
  toString(): string {
    return `give(${this.pick})`;
  }
}

/** The free piece of the size nearest to the end that goes first; else a fresh one, aligned. */
function nextOf({ downwards, free, fresh }: Model, size: number): number | undefined {
  const again = free.filter((each) => each.size === size).map(({ at }) => at);
  if (again.length > 0) return downwards ? Math.max(...again) : Math.min(...again);
  const at = downwards ? Math.floor((fresh - size) / size) * size : Math.ceil(fresh / size) * size;
  return at < FROM || at + size > TO ? undefined : at;
}

const overlaps = (one: Piece, other: Piece): boolean => one.at < other.at + other.size && other.at < one.at + one.size;

describe.each([
  ["upwards", false],
  ["downwards", true],
])("A Recycler that goes %s", (_way, downwards) => {
  test("hands out what the naive allocator would, never twice, until nothing is left", () => {
    const commands = fc.commands(
      [fc.constantFrom(...SIZES).map((size) => new Take(size)), fc.nat(100).map((pick) => new Give(pick))],
      { maxCommands: 120, size: "max" },
    );
    fc.assert(
      fc.property(commands, (steps) => {
        const model: Model = { downwards, taken: [], free: [], fresh: downwards ? TO : FROM };
        fc.modelRun(() => ({ model, real: new Recycler(FROM, TO, downwards) }), steps);
      }),
      { seed: 90, numRuns: 300 },
    );
  });

  test("is in the same state in whatever order its pieces came back", () => {
    const shuffled = fc.shuffledSubarray([...new Array(12).keys()], { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(shuffled, shuffled, (one, other) => {
        expect(stateAfter(downwards, one)).toEqual(stateAfter(downwards, other));
      }),
      { seed: 91, numRuns: 100 },
    );
  });
});

/** Takes a dozen pieces of one size and gives them back in an order. */
function stateAfter(downwards: boolean, order: readonly number[]): readonly number[] {
  const recycler = new Recycler(FROM, TO, downwards);
  const taken = order.map(() => recycler.take(8192, 8192) ?? Number.NaN).sort((one, other) => one - other);
  for (const place of order) recycler.give(taken[place] ?? Number.NaN, 8192);
  const record = new StateRecord();
  recycler.writeState(record);
  return record.values;
}
