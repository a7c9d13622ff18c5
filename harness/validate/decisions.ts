import type { Contrast } from "../../calibration/cases/contrasts.ts";
import type { Decision, DecisionVerdict, ValidationRow } from "../../record/validation.ts";

/** A lead below that is none: neither side would choose by it. */
const LEVEL = 1.05;
/** Who leads by that on the wrong side would be believed, and who misses that much misses what the question is about. */
const CONFIDENT = 1.25;

interface Outcome {
  readonly winner: string;
  readonly factor: number;
}

/** For each contrast whose two cases are among the rows: does the simulator pick the right winner, and by how much? */
export function decisionsOn(contrasts: readonly Contrast[], rows: readonly ValidationRow[]): readonly Decision[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return contrasts.flatMap(({ question, between }) => {
    const [one, other] = [byId.get(between[0]), byId.get(between[1])];
    return one && other ? [decide(question, one, other)] : [];
  });
}

function decide(question: string, one: ValidationRow, other: ValidationRow): Decision {
  const measured = outcome(one, one.measured, other, other.measured);
  const [first, second] = [predictionOf(one), predictionOf(other)];
  const predicted = first === null || second === null ? undefined : outcome(one, first, other, second);
  return {
    question,
    between: [one.id, other.id],
    measured_winner: measured.winner,
    measured_factor: measured.factor,
    predicted_winner: predicted?.winner ?? null,
    predicted_factor: predicted?.factor ?? null,
    verdict: verdictOn(measured, predicted),
    shared: [one, other].some(({ standing }) => standing === "shared" || standing === "fitted"),
  };
}

/** What is said without the row's own source, where that can be. */
const predictionOf = ({ held_out, predicted }: ValidationRow): number | null => held_out ?? predicted;

function verdictOn(measured: Outcome, predicted: Outcome | undefined): DecisionVerdict {
  if (predicted === undefined) return "cannot be expressed";
  if (predicted.winner === measured.winner) return "right";
  if (predicted.winner === "level") return measured.factor >= CONFIDENT ? "missed" : "undecided";
  return predicted.factor >= CONFIDENT ? "confidently wrong" : "wrong";
}

/** Of times the smaller wins, of everything else the larger. */
function outcome(one: ValidationRow, first: number, other: ValidationRow, second: number): Outcome {
  const [high, low] = [Math.max(first, second), Math.min(first, second)];
  const factor = high === low ? 1 : high / Math.max(low, Number.MIN_VALUE);
  if (factor < LEVEL) return { winner: "level", factor };
  const less = one.unit === "ns";
  return { winner: first < second === less ? one.id : other.id, factor };
}
