import type { Activity } from "./activity.ts";

/**
 * A binary heap of (time, slot). A wake that was overtaken by another stays in the heap and is dropped when it comes up: an entry
 * counts only while its time is the one that its activity waits for.
 */
export class WakeQueue {
  #times = new Float64Array(64);
  #slots = new Int32Array(64);
  #length = 0;

  push(time: number, slot: number): void {
    if (this.#length === this.#times.length) this.#grow();
    let at = this.#length;
    this.#length += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(time, slot, parent)) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#times[at] = time;
    this.#slots[at] = slot;
  }

  /** The time of the first live entry, Infinity where there is none. */
  earliest(activities: readonly (Activity | undefined)[]): number {
    while (this.#length > 0) {
      const time = this.#times[0] ?? 0;
      if (activities[this.#slots[0] ?? 0]?.wakesAt === time) return time;
      this.#dropFirst();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes the activity of the first live entry out. Call `earliest` before. */
  pop(activities: readonly (Activity | undefined)[]): Activity {
    const activity = activities[this.#slots[0] ?? 0];
    this.#dropFirst();
    if (activity === undefined) throw new Error("the wake queue was popped while empty");
    return activity;
  }

  #dropFirst(): void {
    this.#length -= 1;
    const length = this.#length;
    const time = this.#times[length] ?? 0;
    const slot = this.#slots[length] ?? 0;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && this.#before(this.#times[child + 1] ?? 0, this.#slots[child + 1] ?? 0, child))
        child += 1;
      if (this.#before(time, slot, child)) break;
      this.#copy(child, at);
      at = child;
    }
    this.#times[at] = time;
    this.#slots[at] = slot;
  }

  #before(time: number, slot: number, other: number): boolean {
    const difference = time - (this.#times[other] ?? 0);
    return difference < 0 || (difference === 0 && slot < (this.#slots[other] ?? 0));
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from] ?? 0;
    this.#slots[to] = this.#slots[from] ?? 0;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#length);
    times.set(this.#times);
    this.#times = times;
    const slots = new Int32Array(2 * this.#length);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}
