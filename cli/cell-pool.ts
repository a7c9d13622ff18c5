import { availableParallelism } from "node:os";
import type { PlannedCell } from "../harness/plan.ts";
import type { Outcome } from "../record/outcome.ts";
import { CellThread } from "./cell-thread.ts";
import type { CellReply, CellWork } from "./cell-worker.ts";

/** Called as cells end, in whatever order they do. */
export type OnCell = (index: number, outcome: Outcome) => void;

/** A cell has no outcome: somebody's code, ours or a plugin's, is at fault. */
export class CellFault extends Error {
  readonly index: number;
  readonly reply: Exclude<CellReply, { readonly kind: "outcome" }>;
  constructor(index: number, reply: CellFault["reply"]) {
    super(reply.kind === "fault" ? reply.message : `cell ${index} ended its thread`);
    this.name = "CellFault";
    this.index = index;
    this.reply = reply;
    if (reply.kind === "fault" && reply.stack !== "") this.stack = reply.stack;
  }
}

/** Below this many cells a further worker's start costs more than it saves. */
const WORTH_A_WORKER = 8;

/**
 * Runs all cells, always on threads: no plugin's code is run in the main one, which stays free to answer signals. Each thread looks the
 * request up for itself and runs cells by their index, so the outcome of a cell depends neither on the number of threads nor on their
 * order.
 */
export async function runCells(
  cells: readonly PlannedCell[],
  work: CellWork,
  workers: number | undefined,
  error: NodeJS.WritableStream,
  onCell: OnCell,
): Promise<void> {
  const worth = Math.ceil(cells.length / (workers === undefined ? WORTH_A_WORKER : 1));
  const count = Math.min(workers ?? availableParallelism(), worth);
  const threads = Array.from({ length: count }, () => new CellThread(work, error));
  const left = cells.keys();
  try {
    await Promise.all(
      threads.map(async (thread) => {
        for (const index of left) {
          const reply = await thread.run(index);
          if (reply.kind !== "outcome") throw new CellFault(index, reply);
          onCell(index, reply.outcome);
        }
      }),
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}
