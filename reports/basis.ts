import type { Basis, Measure } from "../record/measure.ts";
import { sortedBy } from "./order.ts";

const STRENGTH: readonly Basis["basis"][] = ["assumed", "extrapolated", "checked"];

/**
 * What a cell as a whole rests on: the basis of its throughput, the number that rankings go by; without one, the weakest ground
 * that any of its numbers stands on.
 */
export function basisOf(measures: readonly Measure[]): Basis | undefined {
  return sortedBy(measures, ({ basis, metric, subject, stat }) => [
    metric === "throughput" && subject === "" ? 0 : 1,
    STRENGTH.indexOf(basis.basis),
    metric,
    subject,
    stat,
    basis.nearest,
    basis.sourceKind,
  ])[0]?.basis;
}
