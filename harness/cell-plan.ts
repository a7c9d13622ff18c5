import type { Parameters } from "../calibration/parameters.ts";
import type { Topology } from "../fabric/topology.ts";
import type { Invariant } from "../invariants/invariant.ts";
import type { Form } from "../proposals/proposal.ts";
import type { Cell } from "../record/cell.ts";
import type { Workload } from "../workloads/workload.ts";

/** The two ends of a workload, by their addresses. */
export interface PairOfNames {
  readonly from: string;
  readonly to: string;
}

/** A cell with everything that its name stands for: what `runCell` needs and nothing else. */
export interface CellPlan {
  readonly cell: Cell;
  /** The pairs that do the same beside the cell's own. */
  readonly others: readonly PairOfNames[];
  /** ACS as the cell has it. */
  readonly topology: Topology;
  readonly form: Form;
  readonly workload: Workload;
  readonly parameters: Parameters;
  readonly invariants: readonly Invariant[];
  /** Skip whole periods where the state recurs. */
  readonly leap: boolean;
}
