import { LineCounter, parseDocument } from "yaml";
import { type CasePlatform, type Suite, SuiteSchema } from "../../calibration/cases/case.ts";
import type { InputFault } from "../../machines/machine.ts";
import { type Path, pathWords, type SuiteFault, wordsFor } from "./issue-words.ts";
import { suiteFaults } from "./suite-faults.ts";

/** A suite file as it was understood, or everything that is wrong with it. */
export interface SuiteReading {
  readonly suite: Suite | undefined;
  readonly faults: readonly InputFault[];
}

/** More of them help nobody: the file is of another kind. */
const MOST_FAULTS = 50;

/** One slip of syntax is seen as several. */
const MOST_SYNTAX_FAULTS = 3;
const MOST_ALIASES = 100;

/** Reads a suite of cases, YAML or JSON. `known` are the platforms that ship with the product. */
export function readSuite(text: string, known: Readonly<Record<string, CasePlatform>>): SuiteReading {
  try {
    return readDocument(text, known);
  } catch (error) {
    // The parser has no other word for a file that nests or repeats itself beyond its limits.
    if (!(error instanceof RangeError || error instanceof ReferenceError)) throw error;
    const what = `this nests too deeply or refers to itself too often (${error.message})`;
    return { suite: undefined, faults: [{ line: 1, column: 1, what, remedy: "write it out" }] };
  }
}

function readDocument(text: string, known: Readonly<Record<string, CasePlatform>>): SuiteReading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): Pick<InputFault, "line" | "column"> => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const placed = ({ path, what, remedy }: SuiteFault): InputFault => ({
    ...at(offsetOf(document, path)),
    what: path.length === 0 ? what : `${pathWords(path)}: ${what}`,
    remedy,
  });
  const refused = (faults: readonly InputFault[]): SuiteReading => ({ suite: undefined, faults: sorted(faults) });
  if (document.errors.length > 0)
    return refused(
      document.errors.slice(0, MOST_SYNTAX_FAULTS).map(({ pos, message }) => ({
        ...at(pos[0]),
        what: `this is no YAML or JSON: ${message.replace(/\s+/g, " ")}`,
        remedy: "mend the syntax",
      })),
    );
  if (document.contents === null)
    return refused([{ line: 1, column: 1, what: "there is nothing in it", remedy: "a suite has schema and cases" }]);
  const content: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
  if (refersToItself(content))
    return refused([{ line: 1, column: 1, what: "an alias here refers to what it stands in", remedy: "write it out" }]);
  const read = SuiteSchema.safeParse(content);
  if (!read.success) return refused(read.error.issues.flatMap((issue) => wordsFor(issue, content)).map(placed));
  const faults = suiteFaults(read.data, known).map(placed);
  return faults.length > 0 ? refused(faults) : { suite: read.data, faults: [] };
}

/** Whether data contain themselves, as an alias below its own anchor does. */
function refersToItself(content: unknown, above: readonly unknown[] = []): boolean {
  if (typeof content !== "object" || content === null) return false;
  return above.includes(content) || Object.values(content).some((each) => refersToItself(each, [...above, content]));
}

const sorted = (faults: readonly InputFault[]): readonly InputFault[] =>
  [...faults].sort((one, other) => one.line - other.line || one.column - other.column).slice(0, MOST_FAULTS);

/** Where a path begins in the text; where it is not there, where it should be. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const offset = startOf(node);
    if (offset !== undefined) return offset;
  }
  return 0;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const [start]: unknown[] = node.range;
  return typeof start === "number" ? start : undefined;
}
