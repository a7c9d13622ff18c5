import type { InputFault } from "../machine.ts";

/** A field and where it begins; line and column count from 1. */
export interface Field {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface CsvText {
  /** Records that are not empty, the header among them. */
  readonly records: readonly (readonly Field[])[];
  /** What comes before a fault in its record. */
  readonly broken: readonly (readonly Field[])[];
  readonly faults: readonly InputFault[];
}

/** Splits CSV (RFC 4180, with LF or CRLF) into fields that know their place, so that whatever is wrong in one can be pointed at. */
export function readCsv(text: string): CsvText {
  const records: Field[][] = [];
  const broken: Field[][] = [];
  const faults: InputFault[] = [];
  let record: Field[] = [];
  let start = { line: 1, offset: 0 };
  let at = 0;
  while (at <= text.length) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    const place = { line: start.line, column: at - start.offset + 1 };
    if (match === null) {
      faults.push({ ...place, ...BAD_QUOTE });
      broken.push(record);
      record = [];
      REST_OF_LINE.lastIndex = at;
      at += REST_OF_LINE.exec(text)?.[0].length ?? 1;
      continue;
    }
    const [whole, quoted, plain = "", end] = match;
    record.push({ text: quoted?.replaceAll('""', '"') ?? plain, ...place });
    start = afterBreaks(start, whole, at);
    at += whole.length;
    if (end === ",") continue;
    if (record.length > 1 || record[0]?.text.trim() !== "") records.push(record);
    record = [];
    if (end === "") break;
  }
  return { records, broken, faults };
}

/** A field in quotes or without, and what ends it: a comma, a line's end, or the text's. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;

const REST_OF_LINE = /[^\r\n]*/y;

const BAD_QUOTE = {
  what: "a double quote stands where none may, or is never closed",
  remedy: 'put the whole field in double quotes and double those inside it: "a ""b"" c"',
} as const;

interface LineStart {
  readonly line: number;
  readonly offset: number;
}

/** Where the current line begins once `whole`, which begins at an offset, has been passed. */
function afterBreaks(before: LineStart, whole: string, offset: number): LineStart {
  const breaks = [...whole.matchAll(/\r\n|\n|\r/g)];
  const last = breaks.at(-1);
  if (last === undefined) return before;
  return { line: before.line + breaks.length, offset: offset + last.index + last[0].length };
}
