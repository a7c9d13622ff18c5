import { FirstBreach, type Invariant } from "./invariant.ts";

export const referenceBalance: Invariant = {
  contract: 1,
  name: "reference-balance",
  statement:
    "References to pages and DMA mappings return to where they were once everything has been taken down; none is given back twice.",
  watch: (history) => {
    const live = new Set<number>();
    const breach = new FirstBreach();
    let held = 0;
    history.on("page-get", ({ count }) => {
      breach.saw();
      held += count;
    });
    history.on("page-put", ({ count }) => {
      held -= count;
      if (held < 0) breach.breach("more page references were given back than were taken");
    });
    history.on("mapped", ({ mapping }) => {
      breach.saw();
      live.add(mapping);
    });
    history.on("unmapped", ({ mapping }) => {
      if (!live.delete(mapping)) breach.breach("a mapping was given back twice");
    });
    history.on("ended", () => {
      if (held > 0) breach.breach(`references to ${held} pages were still held at the end`);
      if (live.size > 0) breach.breach(`${live.size} DMA mappings were still there at the end`);
    });
    return {
      verdict: () => breach.finding("every reference and mapping was given back", "nothing was ever held"),
      writeState: (out) => {
        breach.writeState(out);
        out.put(held);
        out.put(live.size);
      },
    };
  },
};
