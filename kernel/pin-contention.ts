import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { PAGE_BYTES, type Ticks } from "../sim/units.ts";
import { CacheLine } from "./cache-line.ts";
import type { PageRange } from "./pages.ts";

/**
 * What threads of one process write in common while they pin: the reference counts of pages that several of them pin, one line of
 * struct page for each page, and from Linux 5.9 to 5.13 the mark of the process that it ever pinned any (mm_struct.has_pinned), which
 * was written at every call. Linux 4.9 has no such mark.
 */
export class PinContention implements Recurrent {
  readonly #clock: Clock;
  readonly #transfer: Ticks;
  readonly #mark: CacheLine | undefined;
  readonly #counted: boolean;
  readonly #counts = new Map<number, CacheLine>();

  /** Which of the two several threads write. */
  constructor(
    clock: Clock,
    parameters: Parameters,
    { marks, counts }: { readonly marks: boolean; readonly counts: boolean },
  ) {
    this.#clock = clock;
    this.#transfer = parameters.span("cpu.line_transfer");
    this.#mark = marks ? this.#line("mm_struct.has_pinned") : undefined;
    this.#counted = counts;
  }

  /** One call that pins these pages, each of `page` bytes. */
  *pinned({ first, count }: PageRange, page: number): Task<void> {
    if (this.#mark) yield* this.#mark.own();
    if (!this.#counted) return;
    const small = page / PAGE_BYTES;
    for (let head = Math.floor(first / small); head < (first + count) / small; head += 1)
      yield* this.#countOf(head).own();
  }

  #countOf(head: number): CacheLine {
    const known = this.#counts.get(head);
    if (known) return known;
    const line = this.#line(`struct page ${head}`);
    this.#counts.set(head, line);
    return line;
  }

  #line(name: string): CacheLine {
    return new CacheLine(this.#clock, name, this.#transfer);
  }

  writeState(out: StateWriter): void {
    this.#mark?.writeState(out);
    out.put(this.#counts.size);
    for (const [head, line] of this.#counts) {
      out.put(head);
      line.writeState(out);
    }
  }
}
