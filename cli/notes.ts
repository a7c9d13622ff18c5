import { AS_FOUND, acsInEffect } from "../harness/acs-in-effect.ts";
import type { PlannedCell } from "../harness/plan.ts";
import type { Result } from "../record/result.ts";
import type { Comparison } from "./lookup.ts";

/** Which devices take part, where nobody may have named them: one line for each machine. */
export function endNotes(cells: readonly PlannedCell[]): readonly string[] {
  const pairs = new Map<string, Set<string>>();
  for (const { cell, others } of cells) {
    if (cell.from === "") continue;
    const known = pairs.get(cell.machine) ?? new Set();
    pairs.set(cell.machine, known.add(`${[cell.from, cell.to].sort().join(" and ")}${beside(others)}`));
  }
  return [...pairs].map(([machine, those]) => `${machine}: ${[...those].join(", ")} take part`);
}

const beside = (others: PlannedCell["others"]): string =>
  others.length === 0 ? "" : ` (beside them ${others.map(({ from, to }) => `${from} to ${to}`).join(", ")})`;

/** Where the ACS bits in effect are not simply what the machine was found with, or are although Linux would set others: `explain` says it alike. */
export function acsNotes({ grid }: Comparison): readonly string[] {
  const notes = grid.machines.flatMap(({ topology }) =>
    grid.iommus.flatMap((iommu) =>
      grid.acs
        .filter((acs) => acs === "linux" || acs === "as-found")
        .map((acs) => acsInEffect(topology, iommu, acs).grounds.in_effect)
        .filter((words) => words !== AS_FOUND)
        .map((words) => `${topology.name}, ACS bits: ${words}`),
    ),
  );
  return [...new Set(notes)];
}

/** Which invariants broke, once for each proposal, form and workload: what a mechanism breaks belongs beside how fast it is. */
export function breachLines(results: readonly Result[]): readonly string[] {
  const breaches = new Map<string, { readonly because: string; cells: number }>();
  for (const { cell, outcome } of results)
    for (const { invariant, verdict, because } of outcome.verdicts) {
      if (verdict !== "broken") continue;
      const what = `broken: ${cell.proposal}/${cell.form}, ${cell.workload} on ${cell.machine}: ${invariant}`;
      const known = breaches.get(what);
      if (known) known.cells += 1;
      else breaches.set(what, { because, cells: 1 });
    }
  return [...breaches].map(([what, { because, cells }]) => `${what} (${cells} cells): ${because}\n`);
}
