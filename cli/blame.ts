import type { Cell } from "../record/cell.ts";
import type { CellFault } from "./cell-pool.ts";
import { EXIT, UserError } from "./exit-status.ts";
import { lineIn } from "./fault.ts";
import type { Origin } from "./lookup.ts";

/** A plugin's fault is told with its path; ours stays an internal error. */
export function blamed(fault: CellFault, cell: Cell | undefined, origins: ReadonlyMap<string, Origin>): Error {
  const { reply } = fault;
  if (reply.kind === "refused") return new UserError(reply.lines, EXIT.internal);
  const own = cell && origins.get(cell.proposal)?.path;
  if (reply.kind === "fault")
    return own === undefined
      ? fault
      : new UserError([`${own}: ${reply.message}${lineIn(own, reply.stack)}; see docs/plugins.md`], EXIT.internal);
  // None of ours ends its thread: where the cell was one of ours, a plugin that the thread had loaded did.
  const loaded = [...origins.values()].flatMap(({ path }) => path ?? []);
  const who = own ?? (loaded.join(" or ") || undefined);
  if (who === undefined) return fault;
  const form = own === undefined ? "" : ` in ${[cell?.form, reply.verb].filter(Boolean).join("/")}`;
  const line = reply.line && `, line ${reply.line}`;
  return new UserError([`${who}: ended the process (process.exit)${form}${line}; see docs/plugins.md`], EXIT.internal);
}
