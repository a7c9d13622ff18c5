/**
 * The event list of the data plane: a binary heap of (time, source). A source (one link's arrivals, one link's transmitter, one
 * completer) has few entries at once, and equal times are decided by the source's number, never by the order of scheduling.
 */
export class Schedule {
  time: Float64Array = new Float64Array(256);
  source: Int32Array = new Int32Array(256);
  length = 0;

  push(time: number, source: number): void {
    if (this.length === this.time.length) this.#grow();
    const times = this.time;
    const sources = this.source;
    let at = this.length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent]!;
      if (parentTime < time || (parentTime === time && sources[parent]! <= source)) break;
      times[at] = parentTime;
      sources[at] = sources[parent]!;
      at = parent;
    }
    times[at] = time;
    sources[at] = source;
  }

  dropFirst(): void {
    const length = --this.length;
    if (length === 0) return;
    const times = this.time;
    const sources = this.source;
    const time = times[length]!;
    const source = sources[length]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      let childTime = times[child]!;
      const right = child + 1;
      if (right < length) {
        const rightTime = times[right]!;
        if (rightTime < childTime || (rightTime === childTime && sources[right]! < sources[child]!)) {
          child = right;
          childTime = rightTime;
        }
      }
      if (time < childTime || (time === childTime && source <= sources[child]!)) break;
      times[at] = childTime;
      sources[at] = sources[child]!;
      at = child;
    }
    times[at] = time;
    sources[at] = source;
  }

  #grow(): void {
    const time = new Float64Array(2 * this.length);
    time.set(this.time);
    this.time = time;
    const source = new Int32Array(2 * this.length);
    source.set(this.source);
    this.source = source;
  }
}
