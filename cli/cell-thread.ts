import type { Worker } from "node:worker_threads";
import type { CellReply, CellWork } from "./cell-worker.ts";
import { describeFault } from "./fault.ts";
import type { GuestExit } from "./guest-exit.ts";
import { startGuest } from "./guest-thread.ts";

/** A thread that runs one cell after another. */
export class CellThread {
  readonly #worker: Worker;
  #answer: ((answer: CellReply) => void) | undefined;
  /** Why it runs no more cells: it broke, or was ended from inside. */
  #over: CellReply | undefined;

  constructor(work: CellWork, error: NodeJS.WritableStream) {
    this.#worker = startGuest("cell-worker", work, error);
    this.#worker.on("message", (reply: CellReply) => this.#tell(reply, reply.kind === "exit"));
    this.#worker.on("error", (fault) => this.#tell({ kind: "fault", message: describeFault(fault), stack: "" }, true));
    this.#worker.on("exit", () => this.#tell({ kind: "exit", verb: "", line: "" } satisfies GuestExit, true));
  }

  run(index: number): Promise<CellReply> {
    return new Promise((resolve) => {
      if (this.#over) return resolve(this.#over);
      this.#answer = resolve;
      this.#worker.postMessage(index);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(reply: CellReply, over: boolean): void {
    if (over) this.#over ??= reply;
    this.#answer?.(reply);
    this.#answer = undefined;
  }
}
