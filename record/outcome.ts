import type { Measure } from "./measure.ts";
import type { Verdict } from "./verdict.ts";

/** How a cell ended. A refusal and a corruption are results; only `failed` says that the transfer itself reported an error. */
export type Status = "completed" | "staged" | "refused" | "corrupt" | "hung" | "failed" | "inapplicable";

/** How the route of the payload runs, as the wire takes it. */
export type PathClass =
  | "same-switch"
  | "same-root-port"
  | "same-host-bridge"
  | "same-socket"
  | "cross-socket"
  | "through-memory"
  | "none";

export interface Outcome {
  readonly status: Status;
  /** Never empty: why it ended so. */
  readonly reason: string;
  readonly path: PathClass;
  readonly direction: string;
  readonly measures: readonly Measure[];
  readonly verdicts: readonly Verdict[];
  /** `leapt`: whole periods were skipped, exactly. */
  readonly method: "full" | "leapt";
  /** Why nothing was leapt, where leaping was asked for and did not happen. */
  readonly methodReason: string;
}
