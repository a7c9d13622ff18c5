import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RangeCounts } from "../../kernel/ranges.ts";
import { type Recurrent, StateRecord } from "../../sim/recurrent.ts";

/** One count for each item: what the stretches must always agree with. */
type Model = number[];
const ITEMS = 40;

/** Adds a change to a range; where a count would fall below nothing, both refuse and nothing changes. */
class Add implements fc.Command<Model, RangeCounts> {
  readonly from: number;
  readonly to: number;
  readonly change: number;
  constructor(from: number, to: number, change: number) {
    this.from = from;
    this.to = to;
    this.change = change;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: RangeCounts): void {
    const { from, to, change } = this;
    const after = model.map((count, item) => (item >= from && item < to ? count + change : count));
    if (after.some((count) => count < 0)) {
      expect(() => real.add(from, to, change)).toThrow(/given back more often than they were taken/);
    } else {
      real.add(from, to, change);
      model.splice(0, ITEMS, ...after);
    }
    agrees(model, real);
  }
  toString(): string {
    return `add(${this.from}, ${this.to}, ${this.change})`;
  }
}

/** Counts once what was not counted at all. */
class Fill implements fc.Command<Model, RangeCounts> {
  readonly from: number;
  readonly to: number;
  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: RangeCounts): void {
    real.fill(this.from, this.to);
    for (let item = this.from; item < this.to; item += 1) model[item] = Math.max(1, model[item] ?? 0);
    agrees(model, real);
  }
  toString(): string {
    return `fill(${this.from}, ${this.to})`;
  }
}

/** Asks for a part of the line. */
class Ask implements fc.Command<Model, RangeCounts> {
  readonly from: number;
  readonly to: number;
  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: RangeCounts): void {
    const part = model.slice(this.from, this.to);
    expect(real.most(this.from, this.to)).toBe(Math.max(0, ...part));
    expect(real.covered(this.from, this.to)).toBe(part.filter((count) => count > 0).length);
  }
  toString(): string {
    return `ask(${this.from}, ${this.to})`;
  }
}

function agrees(model: Model, real: RangeCounts): void {
  expect(real.total()).toBe(model.reduce((sum, count) => sum + count, 0));
  expect(stateOf(real)).toEqual(canonical(model));
}

/** The longest stretches of equal counts, as numbers: the state must follow from the counts alone, whatever led to them. */
function canonical(model: Model): readonly number[] {
  const stretches: { readonly from: number; to: number; readonly count: number }[] = [];
  for (const [item, count] of model.entries()) {
    const last = stretches.at(-1);
    if (last && last.to === item && last.count === count) last.to += 1;
    else if (count > 0) stretches.push({ from: item, to: item + 1, count });
  }
  return [stretches.length, ...stretches.flatMap(({ from, to, count }) => [from, to, count])];
}

const stateOf = (part: Recurrent): readonly number[] => {
  const record = new StateRecord();
  part.writeState(record);
  return record.values;
};

const range = fc
  .tuple(fc.nat(ITEMS), fc.nat(ITEMS))
  .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);

describe("RangeCounts", () => {
  test("agrees with one count for each item, after any run of additions", () => {
    const commands = fc.commands(
      [
        fc.tuple(range, fc.integer({ min: -2, max: 2 })).map(([[from, to], change]) => new Add(from, to, change || 1)),
        range.map(([from, to]) => new Fill(from, to)),
        range.map(([from, to]) => new Ask(from, to)),
      ],
      { maxCommands: 60, size: "max" },
    );
    fc.assert(
      fc.property(commands, (steps) => {
        fc.modelRun(() => ({ model: new Array<number>(ITEMS).fill(0), real: new RangeCounts() }), steps);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test("leaves an empty range alone", () => {
    const counts = new RangeCounts();
    counts.add(5, 5, -1);
    counts.add(7, 3, 1);
    expect([counts.total(), counts.most(0, 100), stateOf(counts)]).toEqual([0, 0, [0]]);
  });

  test("keeps a gigabyte of pages in one stretch", () => {
    const counts = new RangeCounts();
    for (let at = 0; at < 2 ** 18; at += 2 ** 12) counts.add(at, at + 2 ** 12, 1);
    expect(stateOf(counts)).toEqual([1, 0, 2 ** 18, 1]);
  });
});
