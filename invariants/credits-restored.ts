import { FirstBreach, type Invariant } from "./invariant.ts";

export const creditsRestored: Invariant = {
  contract: 1,
  name: "credits-restored",
  statement: "When nothing is in flight any more, every link's sender has all of its flow-control credits back.",
  watch: (history) => {
    const breach = new FirstBreach();
    history.on("credits-idle", ({ link, missing }) => {
      breach.saw();
      if (missing !== 0) breach.breach(`${missing} credits of ${link} never came back`);
    });
    return {
      verdict: () => breach.finding("every link got all of its credits back", "no link was looked at"),
      writeState: (out) => breach.writeState(out),
    };
  },
};
