import { parentPort, workerData } from "node:worker_threads";
import { type PlannedCell, plan } from "../harness/plan.ts";
import type { Outcome } from "../record/outcome.ts";
import { Complaints, EXIT, UserError } from "./exit-status.ts";
import { describeFault } from "./fault.ts";
import { type GuestExit, tellExit } from "./guest-exit.ts";
import { printed } from "./guest-output.ts";
import { lookUp, type OpenPlugin } from "./lookup.ts";
import type { PluginDescription } from "./plugin-description.ts";
import type { RunRequest } from "./request.ts";

/** What a worker is started with. */
export interface CellWork {
  readonly request: RunRequest;
  /** What each plugin was when the cells were planned. */
  readonly plugins: ReadonlyMap<string, PluginDescription>;
}

export type CellReply =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | { readonly kind: "fault"; readonly message: string; readonly stack: string }
  /** The cells could not be planned as they were before. */
  | { readonly kind: "refused"; readonly lines: readonly string[] }
  | GuestExit;

/** Plans the same cells as the main thread did. A plugin that is another one each time it is loaded is told as such. */
async function planHere({ request, plugins }: CellWork): Promise<readonly PlannedCell[]> {
  const open: OpenPlugin = async (path, complaints) => {
    const { loadProposal } = await import("./plugin-file.ts");
    const loaded = await loadProposal(path, complaints);
    if (loaded && JSON.stringify(loaded.description) !== JSON.stringify(plugins.get(path))) {
      complaints.add(`${path}: is another proposal when it is loaded again; see docs/plugins.md`, EXIT.internal);
      return undefined;
    }
    return loaded && { proposal: loaded.proposal, hash: loaded.description.hash };
  };
  const complaints = new Complaints();
  const comparison = await lookUp(request, complaints, open);
  complaints.throwIfAny();
  return comparison ? plan(comparison.grid) : [];
}

/** Runs the cell of an index. */
async function runOne(planned: Promise<readonly PlannedCell[]>, index: number): Promise<CellReply> {
  try {
    const cell = (await planned)[index];
    if (cell === undefined) throw new RangeError(`the request has no cell ${index}`);
    return { kind: "outcome", outcome: cell.run() };
  } catch (fault) {
    if (fault instanceof UserError) return { kind: "refused", lines: fault.lines };
    const stack = fault instanceof Error ? String(fault.stack) : "";
    return { kind: "fault", message: describeFault(fault), stack };
  }
}

if (parentPort) {
  const port = parentPort;
  tellExit(port);
  const planned = planHere(workerData as CellWork);
  // Told to whoever asks for a cell.
  planned.catch(() => {});
  port.on("message", async (index: number) => {
    const reply = await runOne(planned, index);
    await printed();
    port.postMessage(reply);
  });
}
