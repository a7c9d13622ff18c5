import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Activity } from "../../sim/activity.ts";
import { DONE } from "../../sim/done.ts";
import { WakeQueue } from "../../sim/wake-queue.ts";

const SLOTS = 10;

/** What may happen to a task that waits: it is told when to wake (again), it parks, it ends and another takes its slot. */
const change = fc.record({
  slot: fc.nat(SLOTS - 1),
  what: fc.constantFrom("wake", "wake", "park", "end", "pop"),
  time: fc.nat(30),
});

const activity = (slot: number): Activity => new Activity(slot, `${slot}`, DONE, [], false);

describe("The queue of wake-ups", () => {
  test("always gives the earliest task, the lowest slot of equals, and never one that was put off", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200, size: "max" }), (changes) => {
        const queue = new WakeQueue();
        const tasks: (Activity | undefined)[] = Array.from({ length: SLOTS }, (_, slot) => activity(slot));
        for (const { slot, what, time } of changes) {
          apply(queue, tasks, slot, what, time);
          const waiting = tasks.flatMap((task) => (task && task.wakesAt < Infinity ? [task] : []));
          const first = waiting.sort((a, b) => a.wakesAt - b.wakesAt || a.slot - b.slot)[0];
          expect(queue.earliest(tasks)).toBe(first?.wakesAt ?? Infinity);
          if (what !== "pop" || first === undefined) continue;
          expect(queue.pop(tasks)).toBe(first);
          first.wakesAt = Infinity;
        }
      }),
      { numRuns: 150 },
    );
  });

  function apply(queue: WakeQueue, tasks: (Activity | undefined)[], slot: number, what: string, time: number): void {
    const task = tasks[slot];
    if (what === "end") tasks[slot] = undefined;
    else if (what === "park" && task) task.wakesAt = Infinity;
    else if (what === "wake") {
      const woken = task ?? activity(slot);
      tasks[slot] = woken;
      woken.wakesAt = time;
      queue.push(time, slot);
    }
  }

  test("holds more than it was made for", () => {
    const queue = new WakeQueue();
    const tasks = Array.from({ length: 1000 }, (_, slot) => activity(slot));
    for (const task of tasks) {
      task.wakesAt = (task.slot * 7919) % 1009;
      queue.push(task.wakesAt, task.slot);
    }
    const order = tasks.map(() => {
      queue.earliest(tasks);
      const first = queue.pop(tasks);
      const time = first.wakesAt;
      first.wakesAt = Infinity;
      return time;
    });
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(() => queue.pop([])).toThrow("popped while empty");
  });
});
