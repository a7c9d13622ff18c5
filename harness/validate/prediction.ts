import type { Case } from "../../calibration/cases/case.ts";
import type { Operation, OperationOf } from "../../calibration/cases/operation.ts";
import type { Proposal } from "../../proposals/proposal.ts";

/** What an operation comes to on a bench, and what its case says that the model does not tell apart. */
export interface Outturn {
  readonly value: number;
  readonly leftOut: readonly string[];
}

/** A case whose operation is of one kind. */
export interface CaseOf<Kind extends Operation["kind"]> extends Omit<Case, "operation"> {
  readonly operation: OperationOf<Kind>;
}

/** What the composition root hands in: the harness knows of proposals only the contract. */
export interface Kit {
  /** The control: a copy by way of system memory, done well. */
  readonly staging: Proposal;
}
