import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameClock } from "../../harness/frame-clock.ts";
import { Clock } from "../../sim/clock.ts";
import { StateRecord } from "../../sim/recurrent.ts";

const TICKS_PER_SECOND = 4096e9;
const format = (frames: number, seconds: number) => ({ name: "", bytes: 1, frames, seconds, source: "a test" });

/** When the frames come, in ticks. */
function moments(frames: number, seconds: number, count: number): readonly number[] {
  const clock = new Clock();
  const at: number[] = [];
  new FrameClock(clock, format(frames, seconds), () => at.push(clock.now) <= count).start();
  clock.run();
  return at.slice(0, count);
}

describe("The clock of a stream", () => {
  test.each([
    ["60 Hz", 60, 1],
    ["59.94 Hz", 60000, 1001],
    ["23.976 Hz", 24000, 1001],
  ])("lets frame i of %s come at floor(i x period), and no rounding adds up", (_what, frames, seconds) => {
    const exactly = (i: number): number =>
      Number((BigInt(i) * BigInt(seconds) * BigInt(TICKS_PER_SECOND)) / BigInt(frames));
    expect(moments(frames, seconds, 200)).toEqual(Array.from({ length: 200 }, (_, i) => exactly(i)));
  });

  test("is in the same state after a period of its rounding, and in no other before", () => {
    const clock = new Clock();
    const states: string[] = [];
    const frameClock = new FrameClock(clock, format(60, 1), () => {
      const state = new StateRecord();
      frameClock.writeState(state);
      return states.push(state.values.join()) < 7;
    });
    frameClock.start();
    clock.run();
    expect(states).toEqual(["0", "40", "20", "0", "40", "20", "0"]);
  });

  test("never lets two frames be further apart than a period and a tick", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1001, max: 100000 }), fc.integer({ min: 1, max: 1001 }), (frames, seconds) => {
        const period = (seconds * TICKS_PER_SECOND) / frames;
        const at = moments(frames, seconds, 20);
        for (const [i, moment] of at.slice(1).entries()) {
          expect(moment - (at[i] ?? 0)).toBeGreaterThanOrEqual(Math.floor(period));
          expect(moment - (at[i] ?? 0)).toBeLessThanOrEqual(Math.floor(period) + 1);
        }
      }),
    );
  });
});
