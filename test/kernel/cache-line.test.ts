import fc from "fast-check";
import { expect, test } from "vitest";
import { CacheLine } from "../../kernel/cache-line.ts";
import type { Task } from "../../sim/activity.ts";
import { Clock } from "../../sim/clock.ts";
import { ticks } from "../../sim/units.ts";

const TRANSFER = 100;

/** Each job writes the line so often, with so much other work in between; when the last of them is done. */
function written(jobs: readonly { readonly times: number; readonly work: number }[]): number {
  const clock = new Clock();
  const line = new CacheLine(clock, "a line", ticks(TRANSFER));
  function* writing(times: number, work: number): Task<void> {
    for (let time = 0; time < times; time += 1) {
      yield* line.own();
      if (work > 0) yield clock.sleep(ticks(work));
    }
  }
  for (const [job, { times, work }] of jobs.entries()) clock.spawn(`job ${job}`, writing(times, work), [job], job);
  clock.run();
  return clock.now;
}

test("A line that one core writes over and over comes over once", () => {
  expect(written([{ times: 50, work: 10 }])).toBe(TRANSFER + 50 * 10);
});

test("Cores that do nothing but write one line get it one after the other, however many they are", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 20 }), (jobs, times) => {
      const taken = written(Array.from({ length: jobs }, () => ({ times, work: 1 })));
      expect(taken).toBe(jobs * times * TRANSFER + 1);
    }),
    { seed: 89, numRuns: 40 },
  );
});

test("Cores with enough other work in between each wait for one transfer a write", () => {
  const work = 10 * TRANSFER;
  const alone = written([{ times: 1, work }]);
  expect(written(Array.from({ length: 5 }, () => ({ times: 30, work })))).toBeLessThanOrEqual(
    30 * alone + 5 * TRANSFER,
  );
});
