import type { Task } from "../sim/activity.ts";
import { Done } from "../sim/done.ts";

/**
 * Finds the forgotten `yield*`: it compiles, lints, and silently costs nothing, since a generator that is not iterated does not run.
 * Every primitive counts when it is called and when its body starts; a difference at the end is a bug of the caller.
 */
export class Awaited {
  #called = 0;
  #begun = 0;
  /** Nothing is left to wait for, but whoever called must come by all the same. */
  readonly #passed = new Passed(this);

  call<T>(body: Task<T>): Task<T> {
    this.#called += 1;
    return body;
  }

  /** What a primitive answers that is done already. */
  pass(): Task<undefined> {
    this.#called += 1;
    return this.#passed;
  }

  begin(): void {
    this.#begun += 1;
  }

  /** Calls whose body never ran. */
  get forgotten(): number {
    return this.#called - this.#begun;
  }
}

class Passed extends Done {
  readonly #awaited: Awaited;
  constructor(awaited: Awaited) {
    super();
    this.#awaited = awaited;
  }
  override next(): IteratorReturnResult<undefined> {
    this.#awaited.begin();
    return super.next();
  }
}
