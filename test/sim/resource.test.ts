import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PARKED, type Task } from "../../sim/activity.ts";
import { Clock } from "../../sim/clock.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { Resource } from "../../sim/resource.ts";

/** A task that comes at a time, asks, keeps what it got for a while and gives it back. */
interface Visit {
  readonly comes: number;
  readonly stays: number;
}

describe("A resource that many ask for", () => {
  const visits = fc.array(fc.record({ comes: fc.nat(20), stays: fc.nat(10) }), { minLength: 1, maxLength: 15 });

  test("is handed on first come, first served, to no more at once than it holds, and never lies idle while one waits", () => {
    fc.assert(
      fc.property(visits, fc.integer({ min: 1, max: 3 }), (each, capacity) => {
        const { granted, asked } = visit(each, capacity);
        expect(granted).toEqual(expectedGrants(each, asked, capacity));
      }),
    );
  });

  /** Lets them all visit; the order of asking, and when each got its place. */
  function visit(each: readonly Visit[], capacity: number): { readonly asked: number[]; readonly granted: number[] } {
    const clock = new Clock();
    const resource = new Resource(clock, "the desk", capacity);
    const asked: number[] = [];
    const granted: number[] = [];
    for (const [place, { comes, stays }] of each.entries())
      clock.spawn(
        `${place}`,
        (function* () {
          yield comes;
          asked.push(place);
          yield* resource.acquire();
          granted[place] = clock.now;
          yield stays;
          resource.release();
        })(),
      );
    clock.run();
    expect(clock.alive()).toEqual([]);
    return { asked, granted };
  }

  /** Each, in the order of asking, gets the place that is free first. */
  function expectedGrants(each: readonly Visit[], asked: readonly number[], capacity: number): readonly number[] {
    const freeAt = Array.from({ length: capacity }, () => 0);
    const granted: number[] = [];
    for (const place of asked) {
      const { comes, stays } = each[place] ?? { comes: 0, stays: 0 };
      const first = freeAt.indexOf(Math.min(...freeAt));
      granted[place] = Math.max(comes, freeAt[first] ?? 0);
      freeAt[first] = (granted[place] ?? 0) + stays;
    }
    return granted;
  }
});

describe("A resource", () => {
  test("goes straight to the first that waits: nobody slips in between", () => {
    const clock = new Clock();
    const resource = new Resource(clock, "the desk", 1);
    const log: string[] = [];
    clock.spawn(
      "holder",
      (function* () {
        yield* resource.acquire();
        yield 5;
        resource.release();
        log.push(`slipped in: ${resource.tryAcquire()}`);
      })(),
    );
    clock.spawn(
      "waiter",
      (function* () {
        yield* resource.acquire();
        log.push(`${clock.now} waiter`);
        resource.release();
        log.push(`free: ${resource.tryAcquire()}, twice: ${resource.tryAcquire()}`);
      })(),
    );
    clock.run();
    expect(log).toEqual(["slipped in: false", "5 waiter", "free: true, twice: false"]);
  });

  test("says who has it, or of many places who took the last", () => {
    const clock = new Clock();
    const [desk, chairs] = [new Resource(clock, "the desk", 1), new Resource(clock, "a chair", 2)];
    const takes = (resource: Resource): Task<void> =>
      (function* () {
        yield* resource.acquire();
        yield PARKED;
      })();
    clock.spawn("first", takes(desk));
    clock.spawn("second", takes(desk));
    for (const name of ["third", "fourth", "fifth"]) clock.spawn(name, takes(chairs));
    clock.run();
    const waiting = clock.alive().map(({ name, waitsFor }) => `${name}: ${waitsFor}`);
    expect(waiting).toEqual([
      "first: ",
      "second: the desk (held by first)",
      "third: ",
      "fourth: ",
      "fifth: a chair (all 2 taken, the last by fourth)",
    ]);
  });

  test("says who has it after it was handed on", () => {
    const clock = new Clock();
    const desk = new Resource(clock, "the desk", 1);
    function* visit(stays: boolean): Task<void> {
      yield* desk.acquire();
      yield stays ? PARKED : 5;
      desk.release();
    }
    clock.spawn("first", visit(false));
    clock.spawn("second", visit(true));
    clock.spawn("third", visit(false));
    clock.run();
    expect(clock.alive().map(({ name, waitsFor }) => `${name}: ${waitsFor}`)[1]).toBe(
      "third: the desk (held by second)",
    );
  });

  test("says by name what a task waits for, and who waits is its state", () => {
    const clock = new Clock();
    const resource = new Resource(clock, "the desk", 1);
    resource.tryAcquire();
    const waiter = clock.spawn("waiter", resource.acquire());
    clock.run();
    expect(String(waiter.waitsFor)).toBe("the desk");
    const state = new StateRecord();
    resource.writeState(state);
    expect(state.values).toEqual([0, 1, waiter.slot]);
    expect(() => resource.acquire().next()).toThrow("the desk was asked for outside a task");
  });
});
