import type { Constant, ConstantUnit, SourceKind } from "./constant.ts";

const KINDS: ReadonlySet<string> = new Set<SourceKind>(["spec", "measured", "paper", "assumed"]);
const UNITS: ReadonlySet<string> = new Set<ConstantUnit>([
  "ns",
  "ns/page",
  "ns/entry",
  "ns/By",
  "By",
  "By/s",
  "1",
  "share",
  "ratio",
  "GT/s",
  "By/page",
]);
const WHOLE: ReadonlySet<string> = new Set<ConstantUnit>(["By", "1", "By/page"]);
const SHORTEST_SOURCE = 15;
const SHORTEST_WHAT = 10;

/** Counts and sizes: a value between two of them would be no size at all. */
export function isWholeUnit(unit: ConstantUnit): boolean {
  return WHOLE.has(unit);
}

/** Everything that keeps a constant, ours or a plugin's, from being usable, one sentence each; empty where nothing does. */
export function constantFaults(name: string, constant: Constant): readonly string[] {
  return [...textFaults(name, constant), ...numberFaults(name, constant)];
}

function* textFaults(name: string, { unit, kind, source, what }: Constant): Generator<string> {
  if (!UNITS.has(unit)) yield `${name}: "${unit}" is not a unit; one of ${[...UNITS].join(", ")} would be`;
  if (!KINDS.has(kind)) yield `${name}: "${kind}" is not a kind of source; one of ${[...KINDS].join(", ")} would be`;
  if (lengthOf(source) < SHORTEST_SOURCE) yield `${name}: a number without a source; name who published it`;
  if (lengthOf(what) < SHORTEST_WHAT) yield `${name}: say in a line what it is`;
}

function* numberFaults(name: string, { unit, low, typical, high }: Constant): Generator<string> {
  for (const value of [low, typical, high]) {
    const fault = valueFault(value, unit);
    if (fault) yield `${name}: ${fault}`;
  }
  if (!(low <= typical && typical <= high))
    yield `${name}: low ${low}, typical ${typical}, high ${high} are not in ascending order`;
}

function valueFault(value: number, unit: ConstantUnit): string | undefined {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    return `${value} is not a finite number from 0 up`;
  if (WHOLE.has(unit) && !Number.isSafeInteger(value)) return `${value} ${unit} is not a whole number`;
  if (unit === "share" && value > 1) return `${value} is more than the whole`;
  if (value === 0 && unit === "By/s") return "a rate of 0 never ends";
  if (value === 0 && unit === "ratio") return "what goes at a ratio of 0 never ends";
  return undefined;
}

const lengthOf = (text: unknown): number => (typeof text === "string" ? text.trim().length : 0);
