type Listener<E, K> = (event: Extract<E, { readonly kind: K }>) => void;

/** How many of the last events are kept for a person to read; judges get all of them, as they happen. */
const RING = 4096;

/**
 * The history as a stream: every event passes its listeners once and is forgotten but for a ring of the last few thousand. Who wants
 * the whole story runs the same seed again and listens to everything.
 */
export class Stream<E extends { readonly kind: string }> {
  readonly #listeners = new Map<string, ((event: E) => void)[]>();
  readonly #everything: ((event: E) => void)[] = [];
  readonly #ring: E[] = [];
  #noted = 0;

  on<K extends E["kind"]>(kind: K, listener: Listener<E, K>): void {
    const known = this.#listeners.get(kind) ?? [];
    known.push((event) => {
      if (isOf(event, kind)) listener(event);
    });
    this.#listeners.set(kind, known);
  }

  onAny(listener: (event: E) => void): void {
    this.#everything.push(listener);
  }

  note(event: E): void {
    this.#ring[this.#noted % RING] = event;
    this.#noted += 1;
    const listeners = this.#listeners.get(event.kind);
    if (listeners) for (const listener of listeners) listener(event);
    for (const listener of this.#everything) listener(event);
  }

  /** The last events, oldest first. */
  recent(): readonly E[] {
    const at = this.#noted % RING;
    return this.#noted <= RING ? this.#ring.slice() : [...this.#ring.slice(at), ...this.#ring.slice(0, at)];
  }
}

const isOf = <E extends { readonly kind: string }, K extends E["kind"]>(
  event: E,
  kind: K,
): event is Extract<E, { readonly kind: K }> => event.kind === kind;
