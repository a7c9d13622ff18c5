import { describe, expect, test } from "vitest";
import { PARKED, type Task } from "../../sim/activity.ts";
import { Clock, type DataPlane } from "../../sim/clock.ts";
import { Overflow } from "../../sim/overflow.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { ticks } from "../../sim/units.ts";

/** A clock and a log of who ran when. */
function logged(): { readonly clock: Clock; readonly log: string[]; readonly sleeper: Sleeper } {
  const clock = new Clock();
  const log: string[] = [];
  const sleeper = function* (name: string, ...spans: readonly number[]): Task<void> {
    log.push(`${clock.now} ${name}`);
    for (const span of spans) {
      yield span;
      log.push(`${clock.now} ${name}`);
    }
  };
  return { clock, log, sleeper };
}

type Sleeper = (name: string, ...spans: readonly number[]) => Task<void>;

const stateOf = (clock: Clock): readonly number[] => {
  const record = new StateRecord();
  clock.writeState(record);
  return record.values;
};

/** Events at given times, each of which does something and says whether it woke a task. */
class Timetable implements DataPlane {
  time = 0;
  readonly #events: { readonly at: number; readonly act: () => boolean }[];
  constructor(events: readonly { readonly at: number; readonly act: () => boolean }[]) {
    this.#events = [...events];
  }

  runUntil(limit: number): boolean {
    for (;;) {
      const [next] = this.#events;
      if (next === undefined || next.at > limit) return false;
      this.#events.shift();
      this.time = next.at;
      if (next.act()) return true;
    }
  }
}

describe("Tasks run", () => {
  test("in order of time, equal times in order of slot, whoever was scheduled first", () => {
    const { clock, log, sleeper } = logged();
    clock.spawn("a", sleeper("a", 10, 5));
    clock.spawn("b", sleeper("b", 3, 12));
    clock.spawn("c", sleeper("c", 15));
    clock.run();
    expect(log).toEqual(["0 a", "0 b", "0 c", "3 b", "10 a", "15 a", "15 b", "15 c"]);
    expect(clock.alive()).toEqual([]);
  });

  test("also when spans are 0: a turn later, at the same time", () => {
    const { clock, log, sleeper } = logged();
    clock.spawn("a", sleeper("a", 0, 0));
    clock.spawn("b", sleeper("b", 0));
    clock.run();
    expect(log).toEqual(["0 a", "0 a", "0 a", "0 b", "0 b"]);
  });

  test("until they are told to stop, and go on from there", () => {
    const { clock, log, sleeper } = logged();
    clock.spawn("a", sleeper("a", 1, 1, 1));
    clock.run(() => log.length === 2);
    expect([clock.now, log.length]).toEqual([1, 2]);
    clock.run();
    expect(log).toEqual(["0 a", "1 a", "2 a", "3 a"]);
  });

  test("not at all once time is beyond what a double holds exactly", () => {
    const { clock, sleeper } = logged();
    clock.spawn("a", sleeper("a", Number.MAX_SAFE_INTEGER, 1));
    expect(() => clock.run()).toThrow(Overflow);
  });

  test("in the lowest slot that is free", () => {
    const { clock, sleeper } = logged();
    const first = ["a", "b", "c", "d"].map((name, place) => clock.spawn(name, sleeper(name, 10 * (4 - place))));
    expect(first.map(({ slot }) => slot)).toEqual([0, 1, 2, 3]);
    clock.run(() => clock.now >= 20);
    // c (slot 2) and d (slot 3) have ended.
    expect(clock.alive().map(({ name }) => name)).toEqual(["a", "b"]);
    clock.cancel(first[0] ?? clock.spawn("nobody", sleeper("nobody")));
    expect(["e", "f", "g"].map((name) => clock.spawn(name, sleeper(name, 1)).slot)).toEqual([0, 2, 3]);
  });
});

describe("A parked task", () => {
  test("sleeps until somebody wakes it, and is left over where nobody does", () => {
    const { clock, log } = logged();
    const parked = clock.spawn(
      "parked",
      (function* () {
        yield PARKED;
        log.push(`${clock.now} woken`);
        yield PARKED;
      })(),
    );
    clock.spawn(
      "waker",
      (function* () {
        yield 7;
        clock.wake(parked, 9);
      })(),
    );
    clock.run();
    expect(log).toEqual(["9 woken"]);
    expect(clock.alive()).toEqual([parked]);
  });

  test("that is woken twice runs once, when it was told last", () => {
    const { clock, log } = logged();
    const parked = clock.spawn(
      "parked",
      (function* () {
        yield PARKED;
        log.push(`${clock.now} woken`);
        yield PARKED;
        log.push("again");
      })(),
    );
    clock.run();
    clock.wake(parked, 5);
    clock.wake(parked, 8);
    clock.run();
    expect(log).toEqual(["8 woken"]);
  });
});

describe("The data plane", () => {
  test("goes first at equal times, and runs on when no task is left", () => {
    const { clock, log, sleeper } = logged();
    const event = (at: number): { readonly at: number; readonly act: () => boolean } => ({
      at,
      act: () => {
        log.push(`${at} packet`);
        return false;
      },
    });
    clock.drive(new Timetable([event(0), event(5), event(10), event(99)]));
    clock.spawn("a", sleeper("a", 5, 5));
    clock.run();
    expect(log).toEqual(["0 packet", "0 a", "5 packet", "5 a", "10 packet", "10 a", "99 packet"]);
  });

  test("stops where it wakes a task, and the task acts then", () => {
    const { clock, log, sleeper } = logged();
    const waiting = clock.spawn(
      "waiting",
      (function* () {
        yield PARKED;
        log.push(`${clock.now} woken`);
      })(),
    );
    const wake = (): boolean => {
      clock.wake(waiting, 4);
      return true;
    };
    const late = (): boolean => {
      log.push("6 packet");
      return false;
    };
    clock.drive(
      new Timetable([
        { at: 4, act: wake },
        { at: 6, act: late },
      ]),
    );
    clock.spawn("a", sleeper("a", 10));
    clock.run();
    expect(log).toEqual(["0 a", "4 woken", "6 packet", "10 a"]);
  });
});

describe("A task that is cancelled", () => {
  test("is gone, and what it had to clean up is cleaned up", () => {
    const { clock, log, sleeper } = logged();
    const doomed = clock.spawn(
      "doomed",
      (function* () {
        try {
          yield 10;
          log.push("never");
        } finally {
          log.push(`${clock.now} cleaned up`);
        }
      })(),
    );
    clock.spawn("a", sleeper("a", 5));
    clock.run(() => clock.now === 5);
    clock.cancel(doomed);
    expect(doomed.done).toBe(true);
    // Its slot's next task does not inherit its wake-up.
    clock.spawn("b", sleeper("b", 100));
    clock.run();
    expect(log).toEqual(["0 a", "5 a", "5 cleaned up", "5 b", "105 b"]);
  });
});

describe("A successor", () => {
  test("goes on in the slot of the task that named it, at the same time, with nothing seen but what it was given", () => {
    const { clock, log, sleeper } = logged();
    const first = clock.spawn(
      "lane",
      (function* () {
        yield 3;
        clock.observe(77);
        clock.succeed(sleeper("second", 2), [41, 42]);
      })(),
      [1],
    );
    clock.spawn("other", sleeper("other", 3));
    clock.run(() => log.length === 3);
    expect([first.slot, first.done, first.observed.slice(0, first.seen)]).toEqual([0, false, [41, 42]]);
    clock.run();
    expect(log).toEqual(["0 other", "3 second", "3 other", "5 second"]);
    expect(first.done).toBe(true);
  });
});

describe("What stands outside the recurring system", () => {
  test("is the horizon, in absolute time, and no part of the state", () => {
    const { clock, sleeper } = logged();
    expect(clock.horizon()).toBe(Infinity);
    clock.spawn("a", sleeper("a", 10));
    const before = stateOf(clock);
    clock.spawnAt(ticks(500), "fault", sleeper("fault"));
    clock.spawnAt(ticks(300), "deadline", sleeper("deadline"));
    expect(clock.horizon()).toBe(300);
    expect(stateOf(clock)).toEqual(before);
  });

  test("draws nearer in a leap, while everything else stays where it is", () => {
    const { clock, log, sleeper } = logged();
    clock.spawn("a", sleeper("a", 10, 100));
    clock.spawnAt(ticks(500), "fault", sleeper("fault"));
    clock.run(() => clock.now === 10);
    const before = stateOf(clock);
    clock.leap(450);
    expect([clock.epoch, clock.now, clock.horizon()]).toEqual([450, 10, 500]);
    expect(stateOf(clock)).toEqual(before);
    clock.spawnAt(ticks(480), "deadline", sleeper("deadline"));
    clock.run();
    expect(log).toEqual(["0 a", "10 a", "30 deadline", "50 fault", "110 a"]);
  });

  test("cannot be leapt to beyond what a double holds", () => {
    const clock = new Clock();
    expect(() => clock.leap(2 ** 53)).toThrow(Overflow);
  });
});

describe("The clock's state", () => {
  test("is when each task wakes, from now on, and what it has seen", () => {
    const { clock } = logged();
    const observer = function* (): Task<void> {
      clock.observe(5);
      yield 10;
      clock.observe(6);
      yield PARKED;
    };
    clock.spawn("a", observer(), [4]);
    clock.run(() => clock.now === 0 && clock.alive()[0]?.seen === 2);
    expect(stateOf(clock)).toEqual([0, 10, 2, 4, 5]);
    clock.run();
    expect(stateOf(clock)).toEqual([0, -1, 3, 4, 5, 6]);
  });

  test("is looked at between two steps, and only when that was asked for", () => {
    const { clock, log } = logged();
    clock.atRest = () => log.push(`${clock.now} at rest, ${clock.current?.name ?? "nobody"} running`);
    clock.spawn(
      "a",
      (function* () {
        yield 1;
        clock.requestRest();
        log.push("asked");
        yield 1;
        log.push("went on");
      })(),
    );
    clock.run();
    expect(log).toEqual(["asked", "1 at rest, nobody running", "went on"]);
  });
});
