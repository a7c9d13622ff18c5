import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Schedule } from "../../../fabric/tlp/schedule.ts";

type Entry = readonly [time: number, source: number];

const byTimeAndSource = (a: Entry, b: Entry): number => a[0] - b[0] || a[1] - b[1];

/** Takes the first entry out, as the engine does. */
function take(schedule: Schedule): Entry {
  const first: Entry = [schedule.time[0] ?? Number.NaN, schedule.source[0] ?? Number.NaN];
  schedule.dropFirst();
  return first;
}

describe("The schedule of the data plane", () => {
  test("gives entries by time, equal times by source, whatever the order of pushing", () => {
    const steps = fc.array(fc.oneof(fc.tuple(fc.nat(9), fc.nat(20)), fc.constant("take")), {
      maxLength: 200,
      size: "max",
    });
    fc.assert(
      fc.property(steps, (each) => {
        const schedule = new Schedule();
        const sorted: Entry[] = [];
        for (const step of each) {
          if (typeof step !== "string") {
            schedule.push(...step);
            sorted.push(step);
            sorted.sort(byTimeAndSource);
          } else if (sorted.length > 0) expect(take(schedule)).toEqual(sorted.shift());
          expect(schedule.length).toBe(sorted.length);
        }
        expect(sorted.map(() => take(schedule))).toEqual(sorted);
      }),
    );
  });

  test("grows beyond what it began with", () => {
    const schedule = new Schedule();
    const entries = Array.from({ length: 1000 }, (_, place): Entry => [(place * 7919) % 1009, place]);
    for (const entry of entries) schedule.push(...entry);
    expect(entries.map(() => take(schedule))).toEqual([...entries].sort(byTimeAndSource));
  });
});
