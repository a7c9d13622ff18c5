import { FirstBreach, type Invariant } from "./invariant.ts";

export const referenceBalance: Invariant = {
  contract: 1,
  name: "reference-balance",
  statement:
    "References to pages and DMA mappings return to where they were once everything has been taken down; none is given back twice.",
  watch: (history) => {
    const live = new Set<number>();
    /** Where along the line of pages the number of references changes, and by how much: empty where none is held. */
    const steps = new Map<number, number>();
    const breach = new FirstBreach();
    let held = 0;
    const step = (page: number, change: number): void => {
      const sum = (steps.get(page) ?? 0) + change;
      if (sum === 0) steps.delete(page);
      else steps.set(page, sum);
    };
    const hold = (first: number, count: number, references: 1 | -1): void => {
      step(first, references);
      step(first + count, -references);
      held += references * count;
    };
    history.on("page-get", ({ first, count }) => {
      breach.saw();
      hold(first, count, 1);
    });
    history.on("page-put", ({ first, count }) => {
      hold(first, count, -1);
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
      else if (steps.size > 0) breach.breach("one page reference was given back twice, and another never");
      if (live.size > 0) breach.breach(`${live.size} DMA mappings were still there at the end`);
    });
    return {
      verdict: () => breach.finding("every reference and mapping was given back", "nothing was ever held"),
      writeState: (out) => {
        breach.writeState(out);
        for (const [page, change] of [...steps].sort(([one], [other]) => one - other)) {
          out.put(page);
          out.put(change);
        }
        out.put(live.size);
      },
    };
  },
};
