import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LastLevelCache } from "../../fabric/last-level-cache.ts";
import { MemoryController } from "../../fabric/memory-controller.ts";
import { StateRecord } from "../../sim/recurrent.ts";

const RATE = 45;
const QUEUE = 24576;

/** One without a cache, whose DRAM answers at once: what is left is the bus. */
const controller = (): MemoryController =>
  new MemoryController(
    { ticksPerByte: RATE, writeQueueBytes: QUEUE, dramLatency: 0, cacheLatency: () => 0 },
    new LastLevelCache(0),
  );

const request = fc.record({ reads: fc.boolean(), length: fc.integer({ min: 1, max: 4096 }), gap: fc.nat(300_000) });

const stateAt = (memory: MemoryController, now: number): readonly number[] => {
  const out = new StateRecord();
  memory.writeState(out, now);
  return out.values;
};

describe("A memory controller", () => {
  test("serves reads one after the other, and lets no write delay them", () => {
    const memory = controller();
    expect(memory.write(0, QUEUE, 0)).toBe(0);
    expect(memory.read(0, 100, 0)).toBe(0);
    expect(memory.read(0, 100, 0)).toBe(100 * RATE);
  });

  test("takes writes at once until its queue is full, then as fast as the bus has time for them", () => {
    const memory = controller();
    expect(memory.write(0, QUEUE, 0)).toBe(0);
    expect(memory.write(0, 64, 0)).toBe(64 * RATE);
    expect(memory.read(0, 1000, 0)).toBe(0);
    expect(memory.write(0, 64, 0)).toBe((1000 + 128) * RATE);
  });

  test("never takes or serves more than its bus carries, its queue aside, whatever comes and whatever CPUs do", () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 60 }), fc.constantFrom(0, 20e9, 80e9), (all, load) => {
        const memory = controller();
        memory.load(load, 2 ** 21, 0);
        let now = 0;
        let last = 0;
        let moved = 0;
        for (const { reads, length, gap } of all) {
          now += gap;
          const at = reads ? memory.read(0, length, now) + length * RATE : memory.write(0, length, now);
          expect(at).toBeGreaterThanOrEqual(now);
          last = Math.max(last, at);
          moved += length;
        }
        expect(moved * RATE).toBeLessThanOrEqual(last + (QUEUE + 4096 * all.length) * RATE);
        const end = last + 2 ** 30;
        expect(memory.streamed(end) * RATE).toBeLessThanOrEqual(end + (QUEUE + 2 ** 17) * RATE);
      }),
    );
  });

  test("gives CPUs what they ask for while there is room, and no more than the bus carries where there is none", () => {
    for (const load of [1e9, 40e9, 80e9]) {
      const memory = controller();
      memory.load(load, 2 ** 21, 0);
      expect(memory.streamed(2 ** 32) / ((load * 2 ** 20) / 1e9)).toBeCloseTo(1, 2);
    }
    const memory = controller();
    memory.load(200e9, 2 ** 21, 0);
    expect((memory.streamed(2 ** 32) * RATE) / 2 ** 32).toBeCloseTo(1, 2);
  });

  test("is in the same state one period later, and idle ones are alike", () => {
    const memory = controller();
    expect(stateAt(memory, 5)).toEqual(stateAt(controller(), 77));
    memory.load(40e9, 2 ** 21, 0);
    expect(stateAt(memory, 100)).toEqual(stateAt(memory, 100 + 5 * 2 ** 21));
  });

  test("counts what CPUs moved for skipped periods, too", () => {
    const memory = controller();
    memory.load(40e9, 2 ** 21, 0);
    memory.streamed(100);
    const repeat = memory.mark();
    const before = memory.streamed(100);
    const period = memory.streamed(100 + 2 ** 21) - before;
    repeat(9);
    expect(memory.streamed(100 + 2 ** 21)).toBe(before + 10 * period);
  });
});
