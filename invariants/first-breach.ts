import type { StateWriter } from "../sim/recurrent.ts";
import { broken, type Finding, holds, unknown } from "./invariant.ts";

/** Remembers the first breach in words, and that there were more; and whether anything was seen that could have been one. */
export class FirstBreach {
  #first: string | undefined;
  #several = false;
  #seen = false;

  /** Something happened that the invariant speaks of. */
  saw(): void {
    this.#seen = true;
  }

  breach(words: string): void {
    if (this.#first === undefined) this.#first = words;
    else this.#several = true;
  }

  finding(whenHeld: string, whenUnseen: string): Finding {
    if (this.#first !== undefined) return broken(this.#several ? `${this.#first}, and not only once` : this.#first);
    return this.#seen ? holds(whenHeld) : unknown(whenUnseen);
  }

  /** Once broken it stays so: the state says that, not how often. */
  writeState(out: StateWriter): void {
    out.put(this.#first === undefined ? 0 : this.#several ? 2 : 1);
    out.put(this.#seen ? 1 : 0);
  }
}
