import type { Case } from "../../calibration/cases/case.ts";
import type { Platform } from "../../calibration/platforms.ts";
import type { Prediction } from "../../record/validation.ts";

/** A case run with one root complex: what came of it, and what of its data crossed from one root port to another, or was lost. */
export interface Attempt {
  readonly prediction: Prediction;
  readonly crossed: boolean;
  readonly lost: boolean;
}

/** Forwards whatever comes. */
const FORWARDS: Platform = "amd-zen";

const UNKNOWN =
  "nobody said what root complex this is: reads between root ports may or may not pass; name root_complex";
const UNMEASURED =
  "nobody said what root complex this is: how much passes between its root ports, and how fast, differs by a factor of ten; name root_complex";

/**
 * What is known where nobody said which root complex it is. An unknown one is drawn as one that drops reads between its ports; what
 * comes to nothing for that, and would not with one that forwards them, is no prediction, unless both come to the same. That writes pass
 * is assumed, and enough to say whether data arrive; how fast they do is not known, for published ceilings lie between 5 GB/s and none.
 */
export function predictionOn(
  rootComplex: Platform,
  metric: Case["metric"],
  attempt: (rootComplex: Platform) => Attempt,
): Prediction {
  const { prediction, crossed, lost } = attempt(rootComplex);
  if (rootComplex !== "unknown") return prediction;
  const failed = lost || "inexpressible" in prediction;
  if (failed) {
    const forwarded = attempt(FORWARDS);
    const differs = metric === "success" ? !alike(prediction, forwarded.prediction) : !forwarded.lost;
    if (differs && "value" in forwarded.prediction) return { inexpressible: UNKNOWN };
  }
  return crossed && metric !== "success" && "value" in prediction ? { inexpressible: UNMEASURED } : prediction;
}

const alike = (one: Prediction, other: Prediction): boolean =>
  "value" in one && "value" in other && one.value === other.value;
