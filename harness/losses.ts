import type { Event } from "../record/event.ts";
import type { Stream } from "../sim/stream.ts";
import type { Tally } from "../sim/tally.ts";

/** Payload bytes that were dropped, or went elsewhere, while the initiator was told that all is well. */
export const LOST_BYTES = "lost bytes";

export function countLosses(history: Stream<Event>, tally: Tally): void {
  const slot = tally.slot(LOST_BYTES);
  history.on("dma-landed", ({ payload, told, length, delivered }) => {
    if (payload && told === "ok") tally.add(slot, length - delivered);
  });
}
