import { EXIT } from "./exit-status.ts";
import { visible, visibleLines } from "./visible.ts";

/** Puts things in order before the process ends early: by a signal, or by a fault. */
export type Cleanup = (why: "signal" | "fault") => Promise<void>;

/**
 * Data goes to stdout, everything else to stderr; a reader who has gone away is no error. Names and texts of users and plugins may hold
 * anything: here, where all of them pass, they lose what would act on a terminal.
 */
export class Terminal {
  readonly output: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
  readonly #cleanups = new Set<Cleanup>();
  #ending = false;

  constructor(output: NodeJS.WriteStream, error: NodeJS.WriteStream) {
    this.output = output;
    this.error = error;
    for (const stream of [output, error])
      stream.on("error", (fault: NodeJS.ErrnoException) => {
        if (fault.code === "EPIPE") return;
        if (stream !== error) this.note(`standard output cannot be written (${fault.code ?? fault.message})`);
        void this.end("fault", EXIT.unwritable);
      });
  }

  print(text: string): void {
    this.output.write(visibleLines(text.endsWith("\n") ? text : `${text}\n`));
  }

  note(line: string): void {
    this.error.write(`${visible(line)}\n`);
  }

  /** One document, and nothing else on stdout. */
  json(schema: string, ok: boolean, data: unknown, warnings: readonly string[], errors: readonly string[]): void {
    this.print(JSON.stringify({ schema, ok, data, warnings, errors }));
  }

  /** Has `cleanup` done before the process ends early; the answer takes it back. */
  onEarlyEnd(cleanup: Cleanup): () => void {
    this.#cleanups.add(cleanup);
    return () => void this.#cleanups.delete(cleanup);
  }

  /** Ends the process now. Threads end with it, whatever they are doing. */
  async end(why: "signal" | "fault", status: number): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    for (const cleanup of this.#cleanups) await cleanup(why).catch(() => {});
    process.exit(status);
  }
}
