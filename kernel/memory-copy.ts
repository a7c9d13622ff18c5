import type { Task } from "../sim/activity.ts";
import type { Tally } from "../sim/tally.ts";
import type { Cpu } from "./cpu.ts";

/** Bytes that CPU copies move from and to system memory. */
export const COPIED_BYTES = "bytes copied by the CPU";

/** memcpy between buffers that no cache holds: each byte is read from memory once and written once. */
export class MemoryCopy {
  readonly #cpu: Cpu;
  readonly #tally: Tally;
  readonly #copied: number;

  constructor(cpu: Cpu, tally: Tally) {
    this.#cpu = cpu;
    this.#tally = tally;
    this.#copied = tally.slot(COPIED_BYTES);
  }

  run(length: number): Task<void> {
    return this.#cpu.run("host.copy", length, (from, to) => this.#tally.add(this.#copied, to - from));
  }
}
