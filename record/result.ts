import type { Cell } from "./cell.ts";
import type { Outcome } from "./outcome.ts";

/** A cell and how it ended, with the hashes that say what computed it. */
export interface Result {
  readonly cell: Cell;
  readonly outcome: Outcome;
  readonly modelVersion: string;
  readonly paramsHash: string;
  readonly pluginHash: string;
}
