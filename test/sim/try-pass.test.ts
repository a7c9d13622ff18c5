import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PARKED, type Task } from "../../sim/activity.ts";
import { Clock, type DataPlane } from "../../sim/clock.ts";
import { Resource } from "../../sim/resource.ts";
import { Server } from "../../sim/server.ts";

/** The same clock without the short cut: every span goes through the queue. */
class Plodding extends Clock {
  override tryPass(): boolean {
    return false;
  }
}

type Step =
  | { readonly kind: "pass" | "sleep" | "book"; readonly span: number }
  | { readonly kind: "use"; readonly span: number; readonly which: number }
  | { readonly kind: "park" }
  | { readonly kind: "wake"; readonly whom: number; readonly after: number }
  | { readonly kind: "spawn"; readonly program: number };

interface System {
  readonly programs: readonly (readonly Step[])[];
  readonly packets: readonly { readonly at: number; readonly wakes: number }[];
}

/** Runs a little system and tells everything that happened, in order. */
function historyOf(clock: Clock, { programs, packets }: System): readonly string[] {
  const log: string[] = [];
  const note = (what: string): number => log.push(`${clock.now} ${what}`);
  const resources = [new Resource(clock, "one", 1), new Resource(clock, "two", 2)];
  const server = new Server(clock);
  let spawned = 0;

  function* pass(span: number): Task<void> {
    if (!clock.tryPass(span)) yield span;
  }

  function* step(each: Step): Task<void> {
    switch (each.kind) {
      case "pass":
        return yield* pass(each.span);
      case "sleep":
        yield each.span;
        return;
      case "book":
        yield server.book(each.span);
        return;
      case "park":
        yield PARKED;
        return;
      case "use": {
        const resource = resources[each.which];
        if (resource === undefined) return;
        yield* resource.acquire();
        yield* pass(each.span);
        resource.release();
        return;
      }
      case "wake": {
        const sleeper = clock.alive().filter(({ wakesAt }) => wakesAt === Infinity)[each.whom];
        if (sleeper && sleeper !== clock.current) clock.wake(sleeper, clock.now + each.after);
        return;
      }
      case "spawn":
        start(each.program);
    }
  }

  function* run(name: string, program: readonly Step[]): Task<void> {
    for (const each of program) {
      yield* step(each);
      note(`${name} ${each.kind}`);
    }
  }

  function start(program: number): void {
    const steps = programs[program];
    if (steps === undefined || spawned >= 12) return;
    spawned += 1;
    clock.spawn(`${spawned}`, run(`task ${spawned}`, steps));
  }

  clock.drive(new Packets(clock, packets, (at) => log.push(`${at} packet`)));
  for (const program of programs.keys()) start(program);
  clock.run();
  note("end");
  return [...log, ...clock.alive().map(({ slot }) => `slot ${slot} is left`)];
}

/** Packets at given times; some wake the first parked task, as a completion does. */
class Packets implements DataPlane {
  time = 0;
  #next = 0;
  readonly #clock: Clock;
  readonly #packets: System["packets"];
  readonly #note: (at: number) => void;
  constructor(clock: Clock, packets: System["packets"], note: (at: number) => void) {
    this.#clock = clock;
    this.#packets = [...packets].sort((a, b) => a.at - b.at);
    this.#note = note;
  }

  runUntil(limit: number): boolean {
    for (let next = this.#packets[this.#next]; next && next.at <= limit; next = this.#packets[this.#next]) {
      this.#next += 1;
      this.time = next.at;
      this.#note(next.at);
      const parked = this.#clock.alive().filter((each) => each.wakesAt === Infinity && each !== this.#clock.current);
      const sleeper = parked[next.wakes];
      if (sleeper === undefined) continue;
      this.#clock.wake(sleeper, next.at);
      return true;
    }
    return false;
  }
}

const span = fc.nat(6);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("pass" as const), span }),
  fc.record({ kind: fc.constantFrom("pass" as const, "sleep" as const, "book" as const), span }),
  fc.record({ kind: fc.constant("use" as const), span, which: fc.nat(1) }),
  fc.record({ kind: fc.constant("park" as const) }),
  fc.record({ kind: fc.constant("wake" as const), whom: fc.nat(2), after: fc.nat(3) }),
  fc.record({ kind: fc.constant("spawn" as const), program: fc.nat(3) }),
);

const system: fc.Arbitrary<System> = fc.record({
  programs: fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
  packets: fc.array(fc.record({ at: fc.nat(40), wakes: fc.nat(3) }), { maxLength: 8 }),
});

describe("Letting a span pass at once", () => {
  test("changes nothing that happens, nor when, nor in which order", () => {
    fc.assert(
      fc.property(system, (each) => {
        expect(historyOf(new Clock(), each)).toEqual(historyOf(new Plodding(), each));
      }),
      { numRuns: 1500 },
    );
  });

  test("is refused where another task acts before its end, or at it", () => {
    const clock = new Clock();
    const passed: string[] = [];
    const pass = (span: number): number => passed.push(`${clock.now}: ${clock.tryPass(span)}, ${clock.now}`);
    clock.spawn(
      "a",
      (function* () {
        yield 1;
        pass(8);
        pass(1);
        yield 5;
        pass(100);
      })(),
    );
    clock.spawn(
      "b",
      (function* () {
        yield 10;
      })(),
    );
    clock.run();
    expect(passed).toEqual(["1: true, 9", "9: false, 9", "14: true, 114"]);
  });

  test("is refused where a packet wakes a task in between, and not where one merely arrives", () => {
    const clock = new Clock();
    const passed: string[] = [];
    clock.drive(
      new Packets(
        clock,
        [
          { at: 3, wakes: 9 },
          { at: 20, wakes: 0 },
        ],
        (at) => passed.push(`packet at ${at}`),
      ),
    );
    clock.spawn(
      "sleeps",
      (function* () {
        yield PARKED;
        passed.push(`woken at ${clock.now}`);
      })(),
    );
    clock.spawn(
      "passes",
      (function* () {
        passed.push(`${clock.tryPass(5)}, ${clock.now}`, `${clock.tryPass(50)}, ${clock.now}`);
        yield 50;
        passed.push(`passed at ${clock.now}`);
      })(),
    );
    clock.run();
    expect(passed).toEqual(["packet at 3", "packet at 20", "true, 5", "false, 5", "woken at 20", "passed at 55"]);
  });
});
