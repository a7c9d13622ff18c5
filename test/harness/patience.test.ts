import { describe, expect, test } from "vitest";
import { Patience } from "../../harness/patience.ts";
import { Clock } from "../../sim/clock.ts";
import { ticksOfNs } from "../../sim/units.ts";

/** Runs a task that sleeps so long each time, for ever, and says when and why patience ended. */
function endedAt(span: number, progress: (now: number) => number): readonly [at: number, why: string] {
  const clock = new Clock();
  const patience = new Patience(clock, () => progress(clock.now));
  clock.spawn(
    "loop",
    (function* () {
      for (;;) yield span;
    })(),
  );
  clock.run(() => patience.exhausted() || clock.now > ticksOfNs(60e9));
  return [clock.now, patience.reason];
}

describe("Patience", () => {
  test("ends after ten seconds in which nothing got on", () => {
    const second = ticksOfNs(1e9);
    expect(endedAt(second, () => 0)).toEqual([11 * second, "nothing for user space to do for 10 s of simulated time"]);
  });

  test("counts from where something got on last", () => {
    const second = ticksOfNs(1e9);
    expect(endedAt(second, (now) => Math.min(now, 7 * second))[0]).toBe(18 * second);
    expect(endedAt(second, (now) => now)[1]).toBe("");
  });

  test("ends a loop in which no time passes", () => {
    expect(endedAt(0, () => 0)).toEqual([0, "a loop in which no time passes"]);
  });
});
