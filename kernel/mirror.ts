import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { Countdown } from "../sim/countdown.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { DmaMapping } from "./dma-api.ts";
import type { Vma } from "./vma.ts";

/** What a driver does when translations of a part of the process that it mirrors must go: when it returns, its device uses none of them. */
export type Invalidate = (vma: Vma) => Task<void>;

/** A device that follows a process's page tables: what its driver has mapped for it of which vma, and what uses that just now. */
export class Mirror implements Recurrent {
  readonly name: string;
  readonly invalidate: Invalidate;
  /** Work of the device that goes by these translations: an invalidation waits for it (the driver's fence). */
  readonly inFlight: Countdown;
  readonly #translations = new Map<number, DmaMapping>();

  constructor(clock: Clock, name: string, invalidate: Invalidate) {
    this.name = name;
    this.invalidate = invalidate;
    this.inFlight = new Countdown(clock, `work of ${name} on mirrored memory`);
  }

  keep(vma: Vma, mapping: DmaMapping): void {
    this.#translations.set(vma.start, mapping);
  }

  /** What the device reaches of a vma; undefined where it would fault. */
  of(vma: Vma): DmaMapping | undefined {
    return this.#translations.get(vma.start);
  }

  drop(vma: Vma): void {
    this.#translations.delete(vma.start);
  }

  writeState(out: StateWriter): void {
    out.put(this.inFlight.left);
    out.put(this.#translations.size);
    for (const [start, { segments }] of this.#translations) {
      out.put(start);
      for (const { address } of segments) out.put(address);
    }
  }
}
