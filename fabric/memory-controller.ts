import type { Cumulative, Repeat } from "../sim/cumulative.ts";
import { exact } from "../sim/overflow.ts";
import type { StateWriter } from "../sim/recurrent.ts";
import { CpuStream } from "./cpu-stream.ts";
import type { LastLevelCache } from "./last-level-cache.ts";
import type { MemoryPort } from "./tlp/wiring.ts";

export interface MemoryTimes {
  /** Of the bus, for reads and writes together. */
  readonly ticksPerByte: number;
  readonly writeQueueBytes: number;
  /** From a read's turn on the bus to its data. */
  readonly dramLatency: number;
  /** The same where the last-level cache has all of it. Asked for only then, so that nothing rests on it elsewhere. */
  readonly cacheLatency: () => number;
}

/**
 * The memory controller of one socket, behind its last-level cache: one bus, which DMA reads, DMA writes and what CPUs do beside them share. Reads go first and one
 * after the other. A write is taken into a queue, where everybody can see it, and done once no read wants the bus; while the queue is
 * full it waits before it, and so does whoever brings it.
 */
export class MemoryController implements MemoryPort, Cumulative {
  readonly cache: LastLevelCache;
  readonly #times: MemoryTimes;
  readonly #ticksPerByte: number;
  /** How long the bus takes for the writes that the queue holds. */
  readonly #room: number;
  /** Up to when the books are kept. */
  #at = 0;
  #readsUntil = 0;
  /** Bus time of the writes that were brought and are not done. */
  #owed = 0;
  #stream: CpuStream | undefined;
  #streamed = 0;
  /** What devices read from DRAM, and what went to DRAM of what they wrote. */
  #fetched = 0;
  #stored = 0;

  constructor(times: MemoryTimes, cache: LastLevelCache) {
    this.cache = cache;
    this.#times = times;
    this.#ticksPerByte = times.ticksPerByte;
    this.#room = times.writeQueueBytes * times.ticksPerByte;
  }

  /** When the data of a read are there. DRAM is asked only for what the cache has not got. */
  read(address: number, length: number, now: number): number {
    const missing = this.cache.missing(address, length);
    if (missing === 0) return now + this.#times.cacheLatency();
    this.#keep(now);
    this.#fetched += missing;
    return this.#serve(missing, now) + this.#times.dramLatency;
  }

  /** When a write is taken in. DRAM gets what the cache gives up for it. */
  write(address: number, length: number, now: number): number {
    const displaced = this.cache.write(address, length);
    if (displaced === 0) return now;
    this.#keep(now);
    this.#stored += displaced;
    return this.#take(displaced, now);
  }

  /** Bytes of DRAM that devices have had read. */
  get fetched(): number {
    return this.#fetched;
  }

  /** Bytes that have gone to DRAM for devices. */
  get stored(): number {
    return this.#stored;
  }

  /** From now on CPUs ask for this much as well, until the next call; 0 ends it. */
  load(bytesPerSecond: number, period: number, now: number): void {
    this.#keep(now);
    this.#stream = bytesPerSecond > 0 ? new CpuStream(bytesPerSecond, period, now) : undefined;
  }

  /** Bytes that CPUs have read and written. */
  streamed(now: number): number {
    this.#keep(now);
    return this.#streamed;
  }

  #serve(length: number, now: number): number {
    const start = Math.max(this.#readsUntil, now);
    this.#readsUntil = start + length * this.#ticksPerByte;
    return start;
  }

  #take(length: number, now: number): number {
    this.#owed += length * this.#ticksPerByte;
    const over = this.#owed - this.#room;
    return over > 0 ? Math.max(this.#readsUntil, now) + over : now;
  }

  /** Brings the books up to date: nobody has to wake up for what CPUs ask for. */
  #keep(now: number): void {
    if (this.#stream !== undefined) this.#play(this.#stream, now);
    this.#drain(now);
  }

  /** What CPUs asked for until now, in its turn. */
  #play(stream: CpuStream, now: number): void {
    while (stream.next <= now) {
      const at = stream.next;
      this.#drain(at);
      this.#serve(stream.reads, at);
      const taken = this.#take(stream.writes, at);
      this.#streamed += stream.reads + stream.writes;
      stream.done(Math.max(taken, this.#readsUntil));
    }
  }

  /** What the bus did not need for reads it had for writes. */
  #drain(now: number): void {
    const from = Math.max(this.#readsUntil, this.#at);
    this.#at = now;
    if (this.#owed > 0 && now > from) this.#owed = Math.max(0, this.#owed - (now - from));
  }

  writeState(out: StateWriter, now: number): void {
    this.#keep(now);
    out.put(Math.max(0, this.#readsUntil - now));
    out.put(this.#owed);
    out.put(this.#stream === undefined ? -1 : this.#stream.next - now);
  }

  mark(): Repeat {
    const [streamed, fetched, stored] = [this.#streamed, this.#fetched, this.#stored];
    return (times) => {
      this.#streamed = exact(this.#streamed + times * (this.#streamed - streamed), "bytes that CPUs move");
      this.#fetched = exact(this.#fetched + times * (this.#fetched - fetched), "bytes read from DRAM");
      this.#stored = exact(this.#stored + times * (this.#stored - stored), "bytes written to DRAM");
    };
  }
}
