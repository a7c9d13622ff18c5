import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import { type Invalidate, Mirror } from "./mirror.ts";
import type { Vma } from "./vma.ts";

/**
 * MMU notifiers of Linux 4.9, for one process: who mirrors its page tables is called before entries change (invalidate_range_start)
 * and after (invalidate_range_end), whatever part of the process it cares for. Nothing is called where nobody is registered.
 */
export class MmuNotifiers implements Recurrent {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #mirrors: Mirror[] = [];
  /** What lies between a start and its end. */
  readonly #open: Vma[] = [];

  constructor(awaited: Awaited, clock: Clock, cpu: Cpu) {
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
  }

  /** mmu_notifier_register on the process. */
  register(name: string, invalidate: Invalidate): Mirror {
    const mirror = new Mirror(this.#clock, name, invalidate);
    this.#mirrors.push(mirror);
    return mirror;
  }

  unregister(mirror: Mirror): void {
    const place = this.#mirrors.indexOf(mirror);
    if (place < 0) throw new RangeError(`${mirror.name} is not registered as a mirror`);
    this.#mirrors.splice(place, 1);
  }

  /** invalidate_range_start of every mirror, one after the other: each waits for its device's work and drops its translations. */
  start(vma: Vma): Task<void> {
    return this.#awaited.call(this.#start(vma));
  }

  *#start(vma: Vma): Task<void> {
    this.#awaited.begin();
    this.#open.push(vma);
    for (const { inFlight, invalidate } of [...this.#mirrors]) {
      if (inFlight.left > 0) {
        this.#cpu.leave();
        yield* inFlight.wait();
      }
      yield* this.#cpu.run("cpu.mmu_notifier_invalidate", 1);
      yield* invalidate(vma);
    }
  }

  /** invalidate_range_end: entries are as they will be, and devices may fault again. */
  end(vma: Vma): void {
    const place = this.#open.indexOf(vma);
    if (place < 0) throw new RangeError("an invalidation ended that had not begun");
    this.#open.splice(place, 1);
  }

  /** Whether entries of a vma are being changed just now. */
  invalidating(vma: Vma): boolean {
    return this.#open.includes(vma);
  }

  writeState(out: StateWriter): void {
    for (const mirror of this.#mirrors) mirror.writeState(out);
    out.put(this.#open.length);
    for (const { start } of this.#open) out.put(start);
  }
}
