import { FirstBreach, type Invariant } from "./invariant.ts";

export const soundDelivery: Invariant = {
  contract: 1,
  name: "sound-delivery",
  statement:
    "Every byte of a transfer reaches the memory that it is meant for, or its initiator is told that it did not.",
  watch: (history) => {
    const breach = new FirstBreach();
    history.on("dma-landed", ({ initiator, address, length, delivered, told, fault }) => {
      breach.saw();
      if (told === "ok" && delivered < length)
        breach.breach(
          `${initiator} was told nothing, but ${length - delivered} of ${length} bytes for ${address.toString(16)} were lost (${fault || "they reached other memory"})`,
        );
    });
    return {
      verdict: () => breach.finding("every byte arrived, or an error was reported", "no transfer took place"),
      writeState: (out) => breach.writeState(out),
    };
  },
};
