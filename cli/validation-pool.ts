import { availableParallelism } from "node:os";
import Tinypool from "tinypool";
import type { RowWork } from "../harness/validate/validate.ts";
import type { ValidationRow } from "../record/validation.ts";

/** Below this many rows a further thread's start costs more than it saves. */
const WORTH_A_THREAD = 4;

/** Makes all rows, on threads; they come back in the order of the work, however many threads there are. */
export async function rowsOn(
  work: readonly RowWork[],
  threads: number | undefined,
  onRow: (id: string) => void,
): Promise<readonly ValidationRow[]> {
  if (work.length === 0) return [];
  const worth = Math.ceil(work.length / (threads === undefined ? WORTH_A_THREAD : 1));
  const maxThreads = Math.min(threads ?? availableParallelism(), worth);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const filename = new URL(`./validation-worker.${extension}`, import.meta.url).href;
  const pool = new Tinypool({ filename, runtime: "worker_threads", minThreads: 1, maxThreads });
  try {
    return await Promise.all(
      work.map(async (each) => {
        const row: ValidationRow = await pool.run(each, { name: "validationRow" });
        onRow(row.id);
        return row;
      }),
    );
  } finally {
    await pool.destroy();
  }
}
