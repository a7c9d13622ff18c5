import type { Cumulative, Repeat } from "./cumulative.ts";
import { exact } from "./overflow.ts";

/** Buckets per octave: quantiles are exact to one part in this many. */
const RESOLUTION = 1024;

/**
 * Spans counted in buckets of one part in 1024, so that memory is bounded whatever the number of requests. Count, sum, least and most
 * are exact; the sum is kept in two limbs because a billion latencies outgrow a double.
 */
export class Histogram implements Cumulative {
  readonly #counts = new Map<number, number>();
  #sum = 0n;
  #pending = 0;
  #count = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  add(span: number): void {
    const bucket = bucketOf(span);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#count += 1;
    if (this.#pending > Number.MAX_SAFE_INTEGER - span) this.#carry();
    this.#pending += span;
    if (span < this.#least) this.#least = span;
    if (span > this.#most) this.#most = span;
  }

  get count(): number {
    return this.#count;
  }
  get least(): number {
    return this.#least;
  }
  get most(): number {
    return this.#most;
  }
  /** Rounded to 2^-10 of a tick, which is the same wherever it is computed. */
  get mean(): number {
    this.#carry();
    return this.#count === 0 ? 0 : Number((this.#sum * 1024n) / BigInt(this.#count)) / 1024;
  }

  /** The least value of the bucket that holds the given share of all values, and never less than the least seen. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return Math.min(Math.max(leastOf(bucket), this.#least), this.#most);
    }
    return 0;
  }

  mark(): Repeat {
    this.#carry();
    const then = { counts: new Map(this.#counts), sum: this.#sum, count: this.#count };
    return (times) => {
      this.#carry();
      for (const [bucket, count] of this.#counts)
        this.#counts.set(bucket, count + times * (count - (then.counts.get(bucket) ?? 0)));
      this.#sum += BigInt(times) * (this.#sum - then.sum);
      this.#count = exact(this.#count + times * (this.#count - then.count), "the number of requests");
    };
  }

  #carry(): void {
    this.#sum += BigInt(this.#pending);
    this.#pending = 0;
  }
}

const bucketOf = (span: number): number => {
  if (span < RESOLUTION) return span;
  const octave = Math.floor(Math.log2(span));
  const scale = 2 ** (octave - 10);
  return (octave - 9) * RESOLUTION + (Math.floor(span / scale) - RESOLUTION);
};

const leastOf = (bucket: number): number => {
  if (bucket < RESOLUTION) return bucket;
  const octave = Math.floor(bucket / RESOLUTION) + 9;
  return (RESOLUTION + (bucket % RESOLUTION)) * 2 ** (octave - 10);
};
