import { TICKS_PER_NS } from "../sim/units.ts";

const NS_PER_SECOND = 1e9;

/**
 * What CPUs read and write beside the devices: every period as much as keeps up the rate, half of it reads and half writes. The cores
 * ask for no more before they have what they asked for, so that a rate that memory cannot serve is served as far as it can.
 */
export class CpuStream {
  /** Bytes of one period. */
  readonly reads: number;
  readonly writes: number;
  /** When the cores ask again. */
  next: number;
  readonly #period: number;

  constructor(bytesPerSecond: number, period: number, now: number) {
    this.reads = Math.round((bytesPerSecond * period) / (2 * NS_PER_SECOND * TICKS_PER_NS));
    this.writes = this.reads;
    this.#period = period;
    this.next = now;
  }

  /** What was asked for last is there at that time. */
  done(at: number): void {
    this.next = Math.max(this.next + this.#period, at);
  }
}
