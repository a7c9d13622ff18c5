/** How long a run may last before it speaks. */
const PATIENCE_MS = 1000;
const PERIOD_MS = 200;

/** Progress on stderr: a line that is rewritten on a terminal, and one line every ten seconds elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #what: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #began = Date.now();
  #spoke = 0;
  #shown = false;

  constructor(total: number, what: string, quiet: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#what = what;
    this.#quiet = quiet;
    this.#stream = stream;
  }

  done(count: number, what: string): void {
    const now = Date.now();
    const period = this.#stream.isTTY ? PERIOD_MS : 50 * PERIOD_MS;
    if (this.#quiet || now - this.#began < PATIENCE_MS || now - this.#spoke < period) return;
    this.#spoke = now;
    this.#shown = true;
    const line = `${count} of ${this.#total} ${this.#what}, ${Math.round((now - this.#began) / 1000)} s: ${what}`;
    this.#stream.write(
      this.#stream.isTTY ? `\r\u001b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}` : `${line}\n`,
    );
  }

  end(): void {
    if (this.#shown && this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }
}
