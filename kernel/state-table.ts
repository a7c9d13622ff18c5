import type { Recurrent, StateWriter } from "../sim/recurrent.ts";

/**
 * Numbers that a plugin must remember between requests, by name, in the kernel's keeping. What is remembered here is part of the state
 * that a leap compares; what a plugin hides elsewhere is not, and is forbidden by the contract.
 */
export class StateTable implements Recurrent {
  readonly #values = new Map<string, number>();

  get(name: string): number {
    return this.#values.get(name) ?? 0;
  }

  set(name: string, value: number): void {
    this.#values.set(name, value);
  }

  writeState(out: StateWriter): void {
    for (const value of this.#values.values()) out.put(value);
  }
}
