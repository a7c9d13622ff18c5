import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Tally } from "../sim/tally.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";

/** Bytes that CPU copies move from and to system memory. */
export const COPIED_BYTES = "bytes copied by the CPU";

/** memcpy between buffers that no cache holds: each byte is read from memory once and written once. */
export class MemoryCopy {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #tally: Tally;
  readonly #copied: number;
  readonly #parameters: Parameters;

  constructor(awaited: Awaited, cpu: Cpu, tally: Tally, parameters: Parameters) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#tally = tally;
    this.#copied = tally.slot(COPIED_BYTES);
    this.#parameters = parameters;
  }

  run(length: number): Task<void> {
    return this.#cpu.run("host.copy", length, (from, to) => this.#tally.add(this.#copied, to - from));
  }

  /**
   * memcpy into the memory of another socket. A core has only so many lines under way, so each takes as long as it waits: a line is read
   * at home and one written, after it was fetched, over there and back (Little's law).
   */
  runRemote(length: number): Task<void> {
    return this.#awaited.call(this.#runRemote(length));
  }

  *#runRemote(length: number): Task<void> {
    this.#awaited.begin();
    const [home, between] = [this.#parameters.span("host.dram_latency"), this.#parameters.span("rc.socket_latency")];
    yield* this.run(length);
    yield* this.#cpu.run("host.copy", Math.round((length * 2 * between) / (2 * home)));
  }
}
