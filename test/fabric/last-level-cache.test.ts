import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LastLevelCache } from "../../fabric/last-level-cache.ts";
import { MemoryController } from "../../fabric/memory-controller.ts";
import { Chance } from "../../sim/random.ts";
import { StateComparison, StateRecord } from "../../sim/recurrent.ts";

const LINE = 64;
const DRAM = 90;
const CACHE = 33;

/** What a packet can be: at most 2 KiB, within 2 KiB. */
const write = fc
  .record({ block: fc.nat(6), first: fc.nat(31), lines: fc.integer({ min: 1, max: 32 }) })
  .map(({ block, first, lines }) => ({ line: block * 32 + first, lines: Math.min(lines, 32 - first) }));
const piece = fc.record({ address: fc.nat(8192), length: fc.integer({ min: 1, max: 4096 }) });

const behind = (cache: LastLevelCache): MemoryController =>
  new MemoryController(
    { ticksPerByte: 45, writeQueueBytes: 24576, dramLatency: DRAM, cacheLatency: () => CACHE },
    cache,
  );

const stateOf = (cache: LastLevelCache): StateRecord => {
  const out = new StateRecord();
  cache.writeState(out);
  return out;
};

/** The lines of a whole window that a cache holds, by asking for each. */
const heldIn = (cache: LastLevelCache, lines: number): readonly number[] =>
  Array.from({ length: lines }, (_, line) => line).filter((line) => cache.missing(line * LINE, LINE) === 0);

describe("The share of a last-level cache that devices write to", () => {
  test("loses no byte: what was written is in it, was overwritten there, or has gone to DRAM", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.array(write, { maxLength: 40 }), (room, writes) => {
        const cache = new LastLevelCache(room * LINE);
        let [written, overwritten, gone] = [0, 0, 0];
        for (const { line, lines } of writes) {
          const bytes = lines * LINE;
          written += bytes;
          overwritten += bytes - cache.missing(line * LINE, bytes);
          gone += cache.write(line * LINE, bytes);
          expect(cache.dirtyBytes).toBeLessThanOrEqual(room * LINE);
          expect(heldIn(cache, 300).length * LINE).toBe(cache.dirtyBytes);
        }
        expect(cache.dirtyBytes + overwritten + gone).toBe(written);
      }),
      { seed: 61, numRuns: 200 },
    );
  });

  test("gives up the oldest lines first, and overwriting one makes it no younger", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(60), { minLength: 1, maxLength: 200 }),
        (room, lines) => {
          const cache = new LastLevelCache(room * LINE);
          let expected: number[] = [];
          for (const line of lines) {
            const isNew = !expected.includes(line);
            if (isNew) expected.push(line);
            const over = expected.length > room;
            if (over) expected = expected.slice(1);
            expect(cache.write(line * LINE, LINE)).toBe(over ? LINE : 0);
          }
          expect(heldIn(cache, 61)).toEqual(expected.toSorted((one, other) => one - other));
        },
      ),
      { seed: 62, numRuns: 200 },
    );
  });

  test("is not filled by reads: what DRAM was asked for once it is asked for again", () => {
    const memory = behind(new LastLevelCache(64 * LINE));
    memory.write(0, 4 * LINE, 0);
    for (const now of [0, 1_000_000, 2_000_000]) expect(memory.read(4096, LINE, now)).toBe(now + DRAM);
    expect([memory.fetched, memory.stored]).toEqual([3 * LINE, 0]);
  });

  test("answers what was just written after its own latency, byte for byte, and DRAM the rest", () => {
    fc.assert(
      fc.property(piece, piece, (written, asked) => {
        const cache = new LastLevelCache(1024 * LINE);
        const memory = behind(cache);
        memory.write(written.address, written.length, 0);
        const first = Math.floor(written.address / LINE) * LINE;
        const end = Math.ceil((written.address + written.length) / LINE) * LINE;
        const there = Math.min(end, asked.address + asked.length) - Math.max(first, asked.address);
        const missing = asked.length - Math.max(0, there);
        expect(memory.read(asked.address, asked.length, 0)).toBe(missing === 0 ? CACHE : DRAM);
        expect([memory.fetched, memory.stored]).toEqual([missing, 0]);
      }),
      { seed: 63, numRuns: 300 },
    );
  });

  test("has DRAM's bus and write queue pay for what it gives up, and for nothing else", () => {
    const room = 24576 / LINE;
    const memory = behind(new LastLevelCache(room * LINE));
    // Fills the share; then the queue; then every line waits for the one that it displaces.
    for (let line = 0; line < 2 * room; line += 1) expect(memory.write(line * LINE, LINE, 0)).toBe(0);
    for (let line = 0; line < 10; line += 1)
      expect(memory.write((2 * room + line) * LINE, LINE, 0)).toBe((line + 1) * LINE * 45);
    expect(memory.stored).toBe((room + 10) * LINE);
    expect(memory.write((2 * room + 9) * LINE, LINE, 0)).toBe(0);
  });

  test("is found by a random read with probability min(1, C/W), whatever the share and the window", () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 4096 }), fc.integer({ min: 64, max: 16384 }), (room, window) => {
        const cache = new LastLevelCache(room * LINE);
        for (let line = 0; line < window; line += 4) cache.write(line * LINE, Math.min(4, window - line) * LINE);
        const chance = new Chance(64).split(`${room} of ${window}`);
        const reads = 4000;
        let hits = 0;
        for (let read = 0; read < reads; read += 1)
          if (cache.missing(chance.below(window) * LINE, LINE) === 0) hits += 1;
        const p = Math.min(1, room / window);
        expect(Math.abs(hits / reads - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / reads));
        const before = new LastLevelCache(room * LINE);
        before.writtenBefore(0, window * LINE);
        expect(heldIn(before, window)).toEqual(heldIn(cache, window));
      }),
      { seed: 64, numRuns: 60 },
    );
  });

  test("takes nothing where there is none: every byte goes to DRAM and comes from there", () => {
    const memory = behind(new LastLevelCache(0));
    memory.write(0, 100, 0);
    expect(memory.read(0, 100, 0)).toBe(DRAM);
    expect([memory.fetched, memory.stored]).toEqual([100, 100]);
  });

  test("is in the same state when the same buffers have come round, and in another when one line is another", () => {
    const cache = new LastLevelCache(50 * LINE);
    const round = (): void => {
      for (let line = 0; line < 80; line += 4) cache.write(line * LINE, 4 * LINE);
    };
    const equal = (state: StateRecord): boolean => {
      const comparison = new StateComparison(state);
      cache.writeState(comparison);
      return comparison.equal;
    };
    for (let times = 0; times < 4; times += 1) round();
    const state = stateOf(cache);
    cache.write(0, 4 * LINE);
    expect(equal(state)).toBe(false);
    for (let line = 4; line < 80; line += 4) cache.write(line * LINE, 4 * LINE);
    expect(equal(state)).toBe(true);
    // A read changes nothing.
    cache.missing(300 * LINE, LINE);
    expect(equal(state)).toBe(true);
    cache.write(200 * LINE, LINE);
    expect(equal(state)).toBe(false);
  });
});
