/** Exit statuses of the command line: results are never errors; 1 is for gates and for cells that failed. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  undecided: 3,
  unreadable: 4,
  unwritable: 5,
  internal: 70,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** Something that the user must mend: all of it at once, one clear line each, and no stack trace. */
export class UserError extends Error {
  readonly lines: readonly string[];
  readonly status: number;
  constructor(lines: readonly string[], status: number) {
    super(lines.join("\n"));
    this.name = "UserError";
    this.lines = lines;
    this.status = status;
  }
}

/** Gathers what is wrong with an invocation, so that everything is told at once. The gravest kind decides the status. */
export class Complaints {
  readonly #lines: string[] = [];
  #status = 0;

  add(line: string, status: number): void {
    this.#lines.push(line);
    // A wrong word on the command line is told as such even where a file is unreadable too.
    if (this.#status === 0 || status === EXIT.usage) this.#status = status;
  }

  get any(): boolean {
    return this.#lines.length > 0;
  }

  /** All of it as one error; undefined where there is nothing to complain of. */
  get error(): UserError | undefined {
    return this.any ? new UserError(this.#lines, this.#status) : undefined;
  }

  throwIfAny(): void {
    if (this.error) throw this.error;
  }
}
