import type { Task } from "./activity.ts";

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A task that has nothing left to wait for: what a primitive returns when all its time could pass at once. One object serves all. */
export class Done implements Task<undefined> {
  next(): IteratorReturnResult<undefined> {
    return END;
  }
  return(): IteratorReturnResult<undefined> {
    return END;
  }
  throw(error: unknown): never {
    throw error;
  }
  [Symbol.iterator](): Task<undefined> {
    return this;
  }
  [Symbol.dispose](): void {}
  readonly [Symbol.toStringTag]: string = "Generator";
}

export const DONE: Task<void> = new Done();
