type Listener<E> = (event: E) => void;

/** How many of the last events are kept for a person to read; judges get all of them, as they happen. */
const RING = 4096;

/**
 * The history as a stream: every event passes its listeners once and is forgotten but for a ring of the last few thousand. Who wants
 * the whole story runs the same seed again and listens to everything.
 */
export class Stream<E extends { readonly kind: string }> {
  readonly #listeners = new Map<string, Listener<E>[]>();
  readonly #everything: Listener<E>[] = [];
  readonly #ring: E[] = [];
  #at = 0;

  on<K extends E["kind"]>(kind: K, listener: Listener<Extract<E, { readonly kind: K }>>): void {
    // Sound because the key is the kind: only events of this kind are looked up under it. A test per event would cost a tenth of a run.
    const narrowed = listener as Listener<E>;
    const known = this.#listeners.get(kind);
    if (known) known.push(narrowed);
    else this.#listeners.set(kind, [narrowed]);
  }

  onAny(listener: Listener<E>): void {
    this.#everything.push(listener);
  }

  note(event: E): void {
    this.#ring[this.#at] = event;
    this.#at = this.#at + 1 === RING ? 0 : this.#at + 1;
    const listeners = this.#listeners.get(event.kind);
    if (listeners !== undefined) for (let each = 0; each < listeners.length; each += 1) listeners[each]?.(event);
    if (this.#everything.length > 0) for (const listener of this.#everything) listener(event);
  }

  /** The last events, oldest first. */
  recent(): readonly E[] {
    return [...this.#ring.slice(this.#at), ...this.#ring.slice(0, this.#at)];
  }
}
