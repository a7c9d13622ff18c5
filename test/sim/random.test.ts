import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import { Chance } from "../../sim/random.ts";

const draws = (chance: Chance, count: number): readonly number[] =>
  Array.from({ length: count }, () => chance.uniform());
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pearson's r of pairs. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const y = (ys[index] ?? 0) - my;
    xy += (x - mx) * y;
    xx += (x - mx) ** 2;
    yy += y ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

describe("a stream of chance", () => {
  it("is the same for the same seed and the same name", () => {
    const one = new Chance(7).split("link.port_delay");
    const other = new Chance(7).split("link.port_delay");
    expect(draws(one, 20)).toEqual(draws(other, 20));
  });

  it("keeps its first draws over versions", () => {
    expect(draws(new Chance(1), 2)).toEqual([0.8845474925410596, 0.061533734868783996]);
    expect(draws(new Chance(1).split("a"), 1)).toEqual([0.9149795192872318]);
  });

  it("does not depend on what was drawn from its parent or from its siblings", () => {
    const untouched = draws(new Chance(3).split("b"), 5);
    const parent = new Chance(3);
    draws(parent, 100);
    draws(parent.split("a"), 100);
    expect(draws(parent.split("b"), 5)).toEqual(untouched);
  });

  it("leaves its parent where it was when it is split off", () => {
    const split = new Chance(3);
    split.split("a");
    expect(draws(split, 5)).toEqual(draws(new Chance(3), 5));
  });

  it("differs for other names, other seeds and another order of names", () => {
    const root = new Chance(3);
    const firsts = [
      root,
      root.split("a"),
      root.split("b"),
      root.split(""),
      root.split("a").split("b"),
      root.split("b").split("a"),
      new Chance(4).split("a"),
      new Chance(3 + 2 ** 32).split("a"),
      new Chance(-3).split("a"),
    ].map((chance) => chance.uniform());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it("takes no seed that is not a whole number", () => {
    for (const seed of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => new Chance(seed)).toThrow(/could be a seed/);
  });
});

describe("small seeds", () => {
  const seeds = Array.from({ length: 51 }, (_, seed) => seed);

  it("0 to 50 give first draws that follow neither the seed nor the seed before", () => {
    const firsts = seeds.map((seed) => new Chance(seed).uniform());
    expect(Math.abs(correlation(seeds, firsts))).toBeLessThan(0.3);
    expect(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1)))).toBeLessThan(0.3);
    expect(Math.abs(mean(firsts) - 0.5)).toBeLessThan(0.12);
  });

  it("0 to 50 do not correlate on the second draw either, nor on a stream of one name", () => {
    for (const pick of [
      (seed: number) => draws(new Chance(seed), 2)[1] ?? 0,
      (seed: number) => new Chance(seed).split("host.copy").uniform(),
    ]) {
      const values = seeds.map(pick);
      expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.3);
    }
  });

  it("do not correlate over 2000 neighbours, draw by draw", () => {
    const rows = Array.from({ length: 2001 }, (_, seed) => draws(new Chance(seed), 4));
    for (let draw = 0; draw < 4; draw += 1) {
      const values = rows.map((row) => row[draw] ?? 0);
      expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.07);
    }
  });

  it("would correlate if they were not mixed: the first draws of the bare generator are nearly equal", () => {
    const bare = seeds.slice(0, 8).map((seed) => {
      const generator = xoroshiro128plus(seed);
      return (generator.next() >>> 0) / 2 ** 32;
    });
    expect(Math.max(...bare) - Math.min(...bare)).toBeLessThan(1e-4);
  });
});

describe("uniform", () => {
  it("stays in [0, 1) and fills it evenly", () => {
    const counts = new Array<number>(10).fill(0);
    const values = draws(new Chance(11), 20_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (const value of values) {
      const tenth = Math.floor(value * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe("triangular", () => {
  const sample = (low: number, mode: number, high: number): readonly number[] => {
    const chance = new Chance(5).split(`${low} ${mode} ${high}`);
    return Array.from({ length: 20_000 }, () => chance.triangular(low, mode, high));
  };

  it("has the mean (low + mode + high) / 3 and stays within its ends", () => {
    for (const [low, mode, high] of [
      [5, 5, 20],
      [85, 110, 150],
      [0.25, 1, 1],
      [50e3, 300e3, 1e6],
    ] as const) {
      const values = sample(low, mode, high);
      expect(Math.abs(mean(values) - (low + mode + high) / 3)).toBeLessThan((high - low) * 0.01);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
    }
  });

  it("lies below the mode as often as the mode lies along the range", () => {
    const values = sample(0, 2, 10);
    expect(Math.abs(values.filter((value) => value < 2).length / values.length - 0.2)).toBeLessThan(0.01);
  });

  it("is the one value of an empty range, and still takes a draw", () => {
    const chance = new Chance(5);
    expect(chance.triangular(64, 64, 64)).toBe(64);
    expect(chance.uniform()).toBe(draws(new Chance(5), 2)[1]);
  });

  it("refuses ends in the wrong order", () => {
    expect(() => new Chance(5).triangular(2, 1, 3)).toThrow(/ascending order/);
    expect(() => new Chance(5).triangular(1, Number.NaN, 3)).toThrow(/ascending order/);
  });
});

describe("below", () => {
  it("gives every whole number under n about equally often", () => {
    const chance = new Chance(13);
    const counts = new Array<number>(6).fill(0);
    for (let draw = 0; draw < 12_000; draw += 1) {
      const face = chance.below(6);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    expect(counts).toHaveLength(6);
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it("leaves only 0 below 1, reaches beyond 32 bits, and refuses what is not a count", () => {
    const chance = new Chance(13);
    expect(chance.below(1)).toBe(0);
    const large = Array.from({ length: 50 }, () => chance.below(2 ** 50));
    expect(Math.max(...large)).toBeGreaterThan(2 ** 32);
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => chance.below(n)).toThrow(/nothing to draw from/);
  });
});
