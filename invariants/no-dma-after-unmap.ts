import type { DmaSpan, EventOf } from "../record/event.ts";
import { FirstBreach, type Invariant } from "./invariant.ts";

interface Licence {
  readonly initiator: string;
  readonly spans: readonly DmaSpan[];
}

const covers = (licence: Licence, { initiator, address, length }: EventOf<"dma-began">): boolean =>
  licence.initiator === initiator &&
  licence.spans.some((span) => address >= span.address && address + length <= span.address + span.length);

export const noDmaAfterUnmap: Invariant = {
  contract: 1,
  name: "no-dma-after-unmap",
  statement:
    "From the moment a device begins a transfer until its last byte has landed, a mapping made for that device covers it.",
  watch: (history) => {
    const live = new Map<number, Licence>();
    /** The licence whose first span begins at an address: most transfers begin where a mapping does. */
    const beginningAt = new Map<number, Licence>();
    /** Transfers under way. */
    const flights = new Map<number, EventOf<"dma-began">>();
    const initiators = new Map<string, number>();
    const breach = new FirstBreach();
    const licensed = (event: EventOf<"dma-began">): boolean => {
      const likely = beginningAt.get(event.address);
      if (likely && covers(likely, event)) return true;
      for (const licence of live.values()) if (covers(licence, event)) return true;
      return false;
    };
    history.on("mapped", ({ mapping, initiator, spans }) => {
      const licence = { initiator, spans };
      live.set(mapping, licence);
      beginningAt.set(spans[0]?.address ?? 0, licence);
      if (!initiators.has(initiator)) initiators.set(initiator, initiators.size);
    });
    history.on("unmapped", ({ mapping }) => {
      const licence = live.get(mapping);
      if (licence === undefined) return breach.breach("a mapping was removed that was not there");
      const start = licence.spans[0]?.address ?? 0;
      if (beginningAt.get(start) === licence) beginningAt.delete(start);
      live.delete(mapping);
      for (const flight of flights.values())
        if (covers(licence, flight) && !licensed(flight))
          breach.breach(
            `a mapping was removed while ${flight.initiator} had a transfer at ${flight.address.toString(16)} under way`,
          );
    });
    history.on("dma-began", (event) => {
      breach.saw();
      flights.set(event.transfer, event);
      if (!licensed(event))
        breach.breach(
          `${event.initiator} began a transfer at ${event.address.toString(16)} that no live mapping covers`,
        );
    });
    history.on("dma-landed", ({ transfer }) => flights.delete(transfer));
    return {
      verdict: () =>
        breach.finding("every transfer lay within a live mapping of its device", "no device began a transfer"),
      writeState: (out) => {
        breach.writeState(out);
        for (const { initiator, spans } of live.values()) {
          out.put(initiators.get(initiator) ?? -1);
          for (const { address, length } of spans) {
            out.put(address);
            out.put(length);
          }
        }
        for (const { initiator, address, length } of flights.values()) {
          out.put(initiators.get(initiator) ?? -1);
          out.put(address);
          out.put(length);
        }
      },
    };
  },
};
