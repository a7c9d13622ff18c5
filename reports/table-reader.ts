/** A row of a CSV table by column name. What is wrong is told once for the table; a value that cannot be read is harmless until then. */
export interface Row {
  text(column: string): string;
  /** A table of times before the column was there has `before` in its place. */
  number(column: string, before?: number): number;
  /** Whether the table has the column: it may be older than one that was appended. */
  has(column: string): boolean;
  /** One of the keys of `choices`; what is none of them is told, and read as `otherwise`. */
  choice<Word extends string>(column: string, choices: Readonly<Record<Word, true>>, otherwise: Word): Word;
}

/** Reads a table whose first record names the columns. Further columns, and any order of them, are as good. */
export class TableReader {
  readonly rows: readonly Row[];
  readonly #name: string;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #faults: Set<string>;

  /** `faults` is added to: each a line that names the table. */
  constructor(name: string, [head = [], ...records]: readonly (readonly string[])[], faults: Set<string>) {
    this.#name = name;
    this.#columns = new Map(head.map((column, index) => [column, index]));
    this.#faults = faults;
    this.rows = records.map((record, index) => this.#row(record, index + 2));
  }

  #row(record: readonly string[], number: number): Row {
    const text = (column: string): string => this.#text(record, column, number);
    return {
      text,
      has: (column) => this.#columns.has(column),
      number: (column, before) => {
        if (before !== undefined && !this.#columns.has(column)) return before;
        const value = text(column) === "inf" ? Number.POSITIVE_INFINITY : Number(text(column));
        if (Number.isNaN(value) || text(column).trim() === "") this.#fault(number, column, text(column), "a number");
        return value;
      },
      choice: (column, choices, otherwise) => {
        const word = text(column);
        if (isKeyOf(choices, word)) return word;
        this.#fault(number, column, word, `one of ${Object.keys(choices).join(", ")}`);
        return otherwise;
      },
    };
  }

  #text(record: readonly string[], column: string, number: number): string {
    const index = this.#columns.get(column);
    if (index === undefined) this.#faults.add(`${this.#name}: has no column "${column}"`);
    else if (index >= record.length)
      this.#faults.add(`${this.#name}: record ${number} has ${record.length} fields, too few`);
    return unescaped(record[index ?? -1] ?? "");
  }

  #fault(number: number, column: string, text: string, right: string): void {
    this.#faults.add(`${this.#name}: record ${number}: ${column} "${text}" is not ${right}`);
  }
}

function isKeyOf<Word extends string>(choices: Readonly<Record<Word, true>>, word: string): word is Word {
  return Object.hasOwn(choices, word);
}

/** An apostrophe before what a spreadsheet would run as a formula was put there when the table was written. */
const unescaped = (text: string): string => text.replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, "");
