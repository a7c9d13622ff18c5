import type { Basis, Measure } from "../record/measure.ts";
import { sortedBy } from "./order.ts";

const STRENGTH: readonly Basis["basis"][] = ["assumed", "extrapolated", "checked"];

/** The weakest ground that any number of a cell stands on: what may be said of the cell as a whole. Throughput's own, among equals. */
export function weakestBasis(measures: readonly Measure[]): Basis | undefined {
  return sortedBy(measures, ({ basis, metric, subject, stat }) => [
    STRENGTH.indexOf(basis.basis),
    metric === "throughput" ? 0 : 1,
    metric,
    subject,
    stat,
    basis.nearest,
    basis.sourceKind,
  ])[0]?.basis;
}
