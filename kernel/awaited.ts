import type { Task } from "../sim/activity.ts";

/**
 * Finds the forgotten `yield*`: it compiles, lints, and silently costs nothing, since a generator that is not iterated does not run.
 * Every primitive counts when it is called and when its body starts; a difference at the end is a bug of the caller.
 */
export class Awaited {
  #called = 0;
  #begun = 0;

  call<T>(body: Task<T>): Task<T> {
    this.#called += 1;
    return body;
  }

  begin(): void {
    this.#begun += 1;
  }

  /** Calls whose body never ran. */
  get forgotten(): number {
    return this.#called - this.#begun;
  }
}
