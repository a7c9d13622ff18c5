import { FirstBreach } from "./first-breach.ts";
import type { Invariant } from "./invariant.ts";

export const referenceBalance: Invariant = {
  contract: 1,
  name: "reference-balance",
  statement: "References to pages and DMA mappings return to where they were once everything has been taken down; none is given back twice.",
  watch: (history) => {
    const pages = new Map<number, number>();
    const mappings = new Map<string, number>();
    const owner = new Map<number, string>();
    const breach = new FirstBreach();
    let held = 0;
    let atStart: number | undefined;
    const count = (change: number, initiator: string): void => void mappings.set(initiator, (mappings.get(initiator) ?? 0) + change);
    const total = (): number => [...mappings.values()].reduce((sum, each) => sum + each, 0);
    const change = (first: number, amount: number): void => {
      held += amount;
      const left = (pages.get(first) ?? 0) + amount;
      if (left === 0) pages.delete(first);
      else pages.set(first, left);
    };
    history.on("page-get", ({ first, count: pagesHeld }) => {
      breach.saw();
      change(first, pagesHeld);
    });
    history.on("page-put", ({ first, count: pagesHeld }) => change(first, -pagesHeld));
    history.on("mapped", ({ mapping, initiator }) => {
      owner.set(mapping, initiator);
      count(1, initiator);
    });
    history.on("unmapped", ({ mapping }) => {
      const initiator = owner.get(mapping);
      if (initiator === undefined) return breach.breach("a mapping was given back twice");
      owner.delete(mapping);
      count(-1, initiator);
    });
    history.on("booted", () => {
      atStart = total();
    });
    history.on("ended", () => {
      if (held !== 0) breach.breach(`references to ${held} pages were still held at the end`);
      if (atStart !== undefined && total() !== atStart) breach.breach(`${total() - atStart} DMA mappings were still there at the end`);
    });
    return {
      verdict: () => breach.finding("every reference and mapping was given back", "no page was ever held"),
      writeState: (out) => {
        breach.writeState(out);
        out.put(held);
        out.put(owner.size);
      },
    };
  },
};
