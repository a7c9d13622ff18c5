import { availableParallelism } from "node:os";
import { Tinypool } from "tinypool";
import type { PlannedCell } from "../harness/plan.ts";
import type { Outcome } from "../record/outcome.ts";
import type { RunRequest } from "./request.ts";

/** Called as cells end, in whatever order they do. */
export type OnCell = (index: number, outcome: Outcome) => void;

/** A cell's run threw: somebody's code, ours or a plugin's, is at fault. */
export class CellFault extends Error {
  readonly index: number;
  constructor(index: number, fault: unknown) {
    super(fault instanceof Error ? fault.message : String(fault));
    this.name = "CellFault";
    this.index = index;
  }
}

/** Below this many cells a worker's start costs more than it saves. */
const WORTH_A_WORKER = 8;

/**
 * Runs all cells, on worker threads where that pays. Each worker looks the request up for itself and runs cells by their index, so the
 * outcome of a cell depends neither on the number of workers nor on their order.
 */
export async function runCells(
  cells: readonly PlannedCell[],
  request: RunRequest,
  workers: number | undefined,
  onCell: OnCell,
): Promise<void> {
  const wanted = Math.min(
    workers ?? availableParallelism(),
    Math.ceil(cells.length / (workers === undefined ? WORTH_A_WORKER : 1)),
  );
  if (wanted <= 1) return runHere(cells, onCell);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const pool = new Tinypool({
    filename: new URL(`./cell-worker.${extension}`, import.meta.url).href,
    minThreads: wanted,
    maxThreads: wanted,
    workerData: request,
  });
  try {
    await Promise.all(
      cells.map(async (_, index) => {
        const outcome: Outcome = await pool.run(index, { name: "runOne" }).catch((fault: unknown) => {
          throw new CellFault(index, fault);
        });
        onCell(index, outcome);
      }),
    );
  } finally {
    await pool.destroy();
  }
}

async function runHere(cells: readonly PlannedCell[], onCell: OnCell): Promise<void> {
  for (const [index, cell] of cells.entries()) {
    onCell(index, runNow(cell, index));
    // Lets signals and the progress line through between two cells.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function runNow(cell: PlannedCell, index: number): Outcome {
  try {
    return cell.run();
  } catch (fault) {
    throw new CellFault(index, fault);
  }
}
