import type { PlannedCell } from "../harness/plan.ts";
import type { Result } from "../record/result.ts";
import type { Comparison } from "./lookup.ts";

/** Which devices take part, where nobody may have named them. */
export function endNotes(cells: readonly PlannedCell[]): readonly string[] {
  const pairs = cells.flatMap(({ cell, others }) =>
    cell.from === ""
      ? []
      : [`${cell.machine}: ${[cell.from, cell.to].sort().join(" and ")} take part${beside(others)}`],
  );
  return [...new Set(pairs)];
}

const beside = (others: PlannedCell["others"]): string =>
  others.length === 0 ? "" : `; beside them ${others.map(({ from, to }) => `${from} to ${to}`).join(", ")}`;

/** A machine that Linux would not make: an IOMMU that translates, and ports with ACS whose redirection is off. */
export function acsNotes({ grid }: Comparison): readonly string[] {
  const translating = grid.iommus.some((mode) => mode === "lazy" || mode === "strict");
  if (!translating || !grid.acs.includes("as-found")) return [];
  return grid.machines.flatMap(({ topology }) =>
    topology.functions.some(({ acs }) => acs && !acs.requestRedirect)
      ? [
          `${topology.name}: as found, ACS does not redirect; Linux sets it on every capable port when it starts an IOMMU: see --acs on`,
        ]
      : [],
  );
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
