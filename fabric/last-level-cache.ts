import type { Recurrent, StateWriter } from "../sim/recurrent.ts";

/** What x86 caches keep and memory controllers move. */
const LINE_BYTES = 64;
/** Lines are kept in blocks of 32, a bit for each, so that a packet is one question. */
const BLOCK_LINES = 32;
const BLOCK_BYTES = LINE_BYTES * BLOCK_LINES;

/**
 * The last-level cache of a socket as devices see it. Where the platform has Data Direct I/O, what a device writes is put into a share of
 * it, line by line, in place of the lines that were put there longest ago: those go to DRAM. Reads find lines there and put none
 * (Intel, Data Direct I/O primer). What CPUs have in it is not told of, but for a window that a validation case calls warm.
 */
export class LastLevelCache implements Recurrent {
  readonly #room: number;
  /** By block: which of its lines are there. A block that was once there stays, empty: it comes back. */
  readonly #held = new Map<number, number>();
  /** A ring of what came in, the oldest first: lines of one block that came together. */
  readonly #blocks: Float64Array;
  readonly #masks: Int32Array;
  #first = 0;
  #entries = 0;
  #lines = 0;
  #holdsAll = false;

  /** `share`: bytes that devices may fill; none where they write to DRAM. */
  constructor(share: number) {
    this.#room = Math.floor(share / LINE_BYTES);
    // No more entries than lines, and for a moment those of one block more.
    const most = this.#room === 0 ? 0 : this.#room + BLOCK_LINES;
    this.#blocks = new Float64Array(most);
    this.#masks = new Int32Array(most);
  }

  /** Bytes of lines that devices wrote and DRAM has not got. */
  get dirtyBytes(): number {
    return this.#lines * LINE_BYTES;
  }

  /** From now on whatever is asked for is there: CPUs have just written all of it. */
  holdAll(): void {
    this.#holdsAll = true;
  }

  /** How many of these bytes a read has to fetch from DRAM. */
  missing(address: number, length: number): number {
    if (this.#holdsAll) return 0;
    if (this.#lines === 0) return length;
    const end = address + length;
    let missing = 0;
    for (let block = Math.floor(address / BLOCK_BYTES); block * BLOCK_BYTES < end; block += 1) {
      const base = block * BLOCK_BYTES;
      const absent = linesOf(address - base, end - base) & ~(this.#held.get(block) ?? 0);
      if (absent !== 0) missing += bytesOf(absent, address - base, end - base);
    }
    return missing;
  }

  /** Takes what a device writes. How many bytes go to DRAM for it: whole lines that made room, or all of it where there is no share. */
  write(address: number, length: number): number {
    if (this.#room === 0) return length;
    if (this.#holdsAll) return 0;
    const end = address + length;
    let displaced = 0;
    for (let block = Math.floor(address / BLOCK_BYTES); block * BLOCK_BYTES < end; block += 1) {
      const base = block * BLOCK_BYTES;
      const held = this.#held.get(block) ?? 0;
      const absent = linesOf(address - base, end - base) & ~held;
      if (absent === 0) continue;
      this.#held.set(block, held | absent);
      this.#put(block, absent);
      displaced += this.#makeRoom();
    }
    return displaced;
  }

  #put(block: number, lines: number): void {
    const slot = this.#slot(this.#entries);
    this.#blocks[slot] = block;
    this.#masks[slot] = lines;
    this.#entries += 1;
    this.#lines += count(lines);
  }

  #slot(place: number): number {
    const slot = this.#first + place;
    return slot < this.#masks.length ? slot : slot - this.#masks.length;
  }

  /** Gives up the oldest lines until the share holds the rest. Answers their bytes. */
  #makeRoom(): number {
    let over = this.#lines - this.#room;
    if (over <= 0) return 0;
    const displaced = over * LINE_BYTES;
    this.#lines = this.#room;
    while (over > 0) {
      const lines = this.#masks[this.#first] ?? 0;
      const gone = lowest(lines, over);
      over -= count(gone);
      const block = this.#blocks[this.#first] ?? 0;
      this.#held.set(block, (this.#held.get(block) ?? 0) & ~gone);
      this.#masks[this.#first] = lines & ~gone;
      if (gone === lines) {
        this.#first = this.#slot(1);
        this.#entries -= 1;
      }
    }
    return displaced;
  }

  /** Devices have written all of this, from the first byte to the last, before anybody looked; only its end can still be here. */
  writtenBefore(address: number, length: number): void {
    const kept = Math.min(length, this.#room * LINE_BYTES);
    if (kept > 0) this.write(address + length - kept, kept);
  }

  writeState(out: StateWriter): void {
    out.put(this.#holdsAll ? -1 : this.#entries);
    for (let place = 0; place < this.#entries && !out.differs; place += 1) {
      const slot = this.#slot(place);
      out.put(this.#blocks[slot] ?? 0);
      out.put(this.#masks[slot] ?? 0);
    }
  }
}

/** The lines of a block that bytes `from` to `to` touch; both may lie outside of it. */
function linesOf(from: number, to: number): number {
  const first = from <= 0 ? 0 : Math.floor(from / LINE_BYTES);
  const last = to >= BLOCK_BYTES ? BLOCK_LINES - 1 : Math.ceil(to / LINE_BYTES) - 1;
  return (-1 << first) & (-1 >>> (BLOCK_LINES - 1 - last));
}

/** How many of the bytes `from` to `to` of a block lie in these lines. */
function bytesOf(lines: number, from: number, to: number): number {
  let bytes = 0;
  for (let line = 0, left = lines; left !== 0; line += 1, left >>>= 1)
    if ((left & 1) === 1) bytes += Math.min(to, (line + 1) * LINE_BYTES) - Math.max(from, line * LINE_BYTES);
  return bytes;
}

function count(lines: number): number {
  let sum = 0;
  for (let left = lines; left !== 0; left &= left - 1) sum += 1;
  return sum;
}

/** The lowest so many of these lines; all of them where they are fewer. */
function lowest(lines: number, most: number): number {
  let left = lines;
  for (let taken = 0; taken < most && left !== 0; taken += 1) left &= left - 1;
  return lines & ~left;
}
