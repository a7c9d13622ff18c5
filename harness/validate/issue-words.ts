import { OPERATION_KINDS } from "../../calibration/cases/operation.ts";
import { nearest } from "../../machines/nearest.ts";

export type Path = readonly PropertyKey[];

/** What is wrong at a place of a suite file, and what would be right. */
export interface SuiteFault {
  readonly path: Path;
  readonly what: string;
  readonly remedy: string;
}

/** As zod tells it; of its fields those that words are made of. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: Path;
  readonly message: string;
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly discriminator?: string | undefined;
  readonly options?: readonly unknown[] | undefined;
}

/** "cases[3].measured.value" */
export const pathWords = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");

/** An issue of the schema in words that say what would be right. */
export function wordsFor(issue: Issue, content: unknown): readonly SuiteFault[] {
  const { path, keys, code } = issue;
  if (code === "unrecognized_keys")
    return (keys ?? []).map((key) => ({
      path: [...path, key],
      what: "this name means nothing here",
      remedy: "leave it out, or see docs/suite.schema.json for the names",
    }));
  const found = valueAt(content, path);
  const what = found === undefined ? "is missing" : `${shown(found)} is not right`;
  return [{ path, what, remedy: remedyFor(issue, found) }];
}

function remedyFor({ code, values, expected, discriminator, message }: Issue, found: unknown): string {
  if (code === "invalid_union" && discriminator === "kind") return oneOf(OPERATION_KINDS, found);
  if (code === "invalid_union") return 'a socket like {"socket": 0} or a switch like {"switch": "switch0"} is';
  if (values) return oneOf(values.map(String), found);
  if (code === "invalid_type") return `${article(String(expected))} is`;
  return message.replace(/^Invalid (\w+): /, "").replace(/^(Too (small|big): )?expected /, "expected ");
}

function oneOf(names: readonly string[], found: unknown): string {
  const [near] = typeof found === "string" ? nearest(found, names) : [];
  const list = names.length === 1 ? `${names[0]} is` : `one of ${names.join(", ")} is`;
  return near ? `${list}; did you mean ${near}?` : list;
}

const article = (type: string): string =>
  ({
    record: "a mapping",
    object: "a mapping",
    array: "a list",
    string: "a text",
    number: "a number",
    int: "a whole number",
  })[type] ?? `a ${type}`;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

function valueAt(content: unknown, path: Path): unknown {
  let at: unknown = content;
  for (const part of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.entries(at).find(([key]) => key === String(part))?.[1];
  }
  return at;
}
