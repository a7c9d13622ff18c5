import { describe, expect, test } from "vitest";
import { Clock } from "../../sim/clock.ts";
import { Countdown } from "../../sim/countdown.ts";
import { DONE } from "../../sim/done.ts";

describe("A countdown", () => {
  /** Two tasks that wait for it, and one that finishes what there is at the given times. */
  function waitedFor(finishes: readonly (readonly [at: number, count: number])[], count: number): readonly string[] {
    const clock = new Clock();
    const countdown = new Countdown(clock, "references");
    const log: string[] = [];
    countdown.add(count);
    for (const name of ["a", "b"])
      clock.spawn(
        name,
        (function* () {
          yield* countdown.wait();
          log.push(`${clock.now} ${name}`);
        })(),
      );
    clock.spawn(
      "finisher",
      (function* () {
        for (const [at, finished] of finishes) {
          yield at - clock.now;
          countdown.finish(finished);
        }
      })(),
    );
    clock.run();
    return [...log, ...clock.alive().map(({ name, waitsFor }) => `${name} waits for ${waitsFor}`)];
  }

  test("lets all go on that wait for it, once nothing is left and not before", () => {
    expect(
      waitedFor(
        [
          [3, 2],
          [7, 1],
        ],
        3,
      ),
    ).toEqual(["7 a", "7 b"]);
  });

  test("holds nobody up where nothing is left", () => {
    expect(waitedFor([], 0)).toEqual(["0 a", "0 b"]);
    expect(new Countdown(new Clock(), "references").wait()).toBe(DONE);
  });

  test("keeps its waiters where something is left for ever, and says what they wait for", () => {
    expect(waitedFor([[3, 2]], 3)).toEqual(["a waits for references (1 left)", "b waits for references (1 left)"]);
  });

  test("says who added to it last", () => {
    const clock = new Clock();
    const countdown = new Countdown(clock, "references");
    for (const name of ["first", "second"])
      clock.spawn(
        name,
        (function* () {
          countdown.add(2);
          yield 1;
        })(),
      );
    clock.run();
    expect(String(countdown)).toBe("references (4 left, the last taken by second)");
  });

  test("may rise again after it has come down", () => {
    const clock = new Clock();
    const countdown = new Countdown(clock, "references");
    countdown.add(1);
    countdown.finish(1);
    countdown.add(2);
    expect(countdown.left).toBe(2);
  });

  test("knows when more ends than had begun", () => {
    const countdown = new Countdown(new Clock(), "references");
    countdown.add(1);
    expect(() => countdown.finish(2)).toThrow("references: more ended than had begun");
  });
});
