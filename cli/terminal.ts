import { EXIT } from "./exit-status.ts";

/** Data goes to stdout, everything else to stderr; a reader who has gone away is no error. */
export class Terminal {
  readonly output: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
  readonly #interrupts = new Set<() => Promise<void>>();

  constructor(output: NodeJS.WriteStream, error: NodeJS.WriteStream) {
    this.output = output;
    this.error = error;
    for (const stream of [output, error])
      stream.on("error", (fault: NodeJS.ErrnoException) => {
        if (fault.code === "EPIPE") return;
        if (stream !== error) error.write(`standard output cannot be written (${fault.code ?? fault.message})\n`);
        process.exit(EXIT.unwritable);
      });
  }

  print(text: string): void {
    this.output.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  note(line: string): void {
    this.error.write(`${line}\n`);
  }

  /** One document, and nothing else on stdout. */
  json(schema: string, ok: boolean, data: unknown, warnings: readonly string[], errors: readonly string[]): void {
    this.print(JSON.stringify({ schema, ok, data, warnings, errors }));
  }

  /** Has `clean` done before the process ends by a signal; the answer takes it back. */
  onInterrupt(clean: () => Promise<void>): () => void {
    this.#interrupts.add(clean);
    return () => void this.#interrupts.delete(clean);
  }

  async interrupted(): Promise<void> {
    for (const clean of this.#interrupts) await clean();
  }
}
