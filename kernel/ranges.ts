import type { StateWriter } from "../sim/recurrent.ts";

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How many hold each item of a long line of items, kept as stretches of equal count: references of pages, presence of entries. */
export class RangeCounts {
  #stretches: Stretch[] = [];

  /** Adds `change` to the count of every item of [from, to). Throws where a count would fall below nothing. */
  add(from: number, to: number, change: number): void {
    if (from >= to) return;
    const first = this.#firstTouching(from);
    const touched = this.#stretches[first];
    // Most ranges are taken and given back whole: no need to cut anything then.
    if (change > 0 && (touched === undefined || touched.from >= to)) {
      this.#stretches.splice(first, 0, { from, to, count: change });
      this.#merge(Math.max(0, first - 1), first + 1);
    } else if (touched?.from === from && touched.to === to && touched.count + change === 0)
      this.#stretches.splice(first, 1);
    else this.#addPiecewise(first, from, to, change);
  }

  #addPiecewise(first: number, from: number, to: number, change: number): void {
    const replaced: Stretch[] = [];
    let at = from;
    let index = first;
    for (; index < this.#stretches.length; index += 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.from >= to) break;
      if (stretch.from < from) replaced.push({ ...stretch, to: from });
      if (stretch.from > at) replaced.push({ from: at, to: stretch.from, count: change });
      const end = Math.min(stretch.to, to);
      replaced.push({ from: Math.max(stretch.from, from), to: end, count: stretch.count + change });
      if (stretch.to > to) replaced.push({ ...stretch, from: to });
      at = end;
    }
    if (at < to) replaced.push({ from: at, to, count: change });
    if (replaced.some(({ count }) => count < 0))
      throw new RangeError(`items ${from} to ${to} are given back more often than they were taken`);
    this.#stretches.splice(first, index - first, ...replaced.filter(({ count }) => count > 0));
    this.#merge(Math.max(0, first - 1), first + replaced.length + 1);
  }

  /** Counts every item of [from, to) once that was not counted at all. */
  fill(from: number, to: number): void {
    const missing: { readonly from: number; readonly to: number }[] = [];
    let at = from;
    for (let index = this.#firstTouching(from); index < this.#stretches.length; index += 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.from >= to) break;
      if (stretch.from > at) missing.push({ from: at, to: stretch.from });
      at = stretch.to;
    }
    if (at < to) missing.push({ from: at, to });
    for (const gap of missing) this.add(gap.from, gap.to, 1);
  }

  /** The greatest count within [from, to). */
  most(from: number, to: number): number {
    let most = 0;
    if (from >= to) return most;
    for (let index = this.#firstTouching(from); index < this.#stretches.length; index += 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.from >= to) break;
      if (stretch.count > most) most = stretch.count;
    }
    return most;
  }

  /** Items of [from, to) whose count is not zero. */
  covered(from: number, to: number): number {
    let covered = 0;
    for (let index = this.#firstTouching(from); index < this.#stretches.length; index += 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.from >= to) break;
      covered += Math.min(stretch.to, to) - Math.max(stretch.from, from);
    }
    return covered;
  }

  /** Sum of all counts. */
  total(): number {
    return this.#stretches.reduce((sum, { from, to, count }) => sum + (to - from) * count, 0);
  }

  /** Index of the first stretch that ends after `from`. */
  #firstTouching(from: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle]?.to ?? 0) <= from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #merge(first: number, last: number): void {
    for (let index = Math.min(last, this.#stretches.length - 1); index > first; index -= 1) {
      const left = this.#stretches[index - 1];
      const right = this.#stretches[index];
      if (left && right && left.to === right.from && left.count === right.count)
        this.#stretches.splice(index - 1, 2, { from: left.from, to: right.to, count: left.count });
    }
  }

  writeState(out: StateWriter): void {
    out.put(this.#stretches.length);
    for (const { from, to, count } of this.#stretches) {
      out.put(from);
      out.put(to);
      out.put(count);
    }
  }
}
