import { workerData } from "node:worker_threads";
import { type PlannedCell, plan } from "../harness/plan.ts";
import type { Outcome } from "../record/outcome.ts";
import { Complaints } from "./exit-status.ts";
import { lookUp } from "./lookup.ts";
import type { RunRequest } from "./request.ts";

let planned: Promise<readonly PlannedCell[]> | undefined;

/** Runs one cell of the request that the pool was started with. */
export async function runOne(index: number): Promise<Outcome> {
  planned ??= planHere();
  const cell = (await planned)[index];
  if (cell === undefined) throw new RangeError(`the request has no cell ${index}`);
  return cell.run();
}

async function planHere(): Promise<readonly PlannedCell[]> {
  const complaints = new Complaints();
  // Tinypool wraps its own data around what it was given.
  const [, request] = workerData as [unknown, RunRequest];
  const comparison = await lookUp(request, complaints);
  complaints.throwIfAny();
  return comparison ? plan(comparison.grid) : [];
}
