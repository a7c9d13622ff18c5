import { BREAK_EVEN_REUSE } from "../record/metric.ts";
import type { Result } from "../record/result.ts";
import { printBytes } from "../sim/units.ts";
import { basisOf } from "./basis.ts";
import { median, numeral, plain } from "./numeral.ts";
import { groupBy, sortedBy } from "./order.ts";
import { measureOf, moved, ordered, payloadOf } from "./point.ts";
import { phrases, type Setting, type Settings, settingsOf } from "./setting.ts";
import { isShort, SETTLED } from "./short-run.ts";
import { wrap } from "./text-width.ts";

/** Terminals are this wide at least where tables are read. */
const WIDTH = 120;

interface Column {
  /** One word per line of the header. */
  readonly head: readonly [string, string];
  readonly align: "left" | "right";
  readonly text: (line: Line) => string;
}

/** The repetitions of one cell that ended in the same way. */
type Line = readonly [Result, ...Result[]];

/**
 * The results for a terminal: one line per cell (medians, where it was run several times), then why cells did not complete. Plain
 * text, ends with a newline; what does not fit into `width` columns is only ever spacing.
 */
export function tableText(results: readonly Result[], width: number = WIDTH): string {
  const settings = settingsOf(results.map(({ cell }) => cell));
  if (results.length === 0) return "No cells.\n";
  // What does not apply to a machine has no numbers; the notes say why.
  const lines = linesOf(results).filter(([{ outcome }]) => outcome.status !== "inapplicable");
  const table = lines.length === 0 ? ["No cell applies."] : tableOf(columnsFor(settings, lines), lines, width);
  return [...table, "", ...notes(settings, results, width)].map((line) => `${line}\n`).join("");
}

function linesOf(results: readonly Result[]): readonly Line[] {
  const groups = groupBy(ordered(results), ({ cell, outcome }) => `${cell.id}\u0000${outcome.status}`);
  return [...groups.values()].flatMap(([first, ...rest]): Line[] => (first ? [[first, ...rest]] : []));
}

function columnsFor({ apart, named }: Settings, lines: readonly Line[]): readonly Column[] {
  const runs: Column = { head: ["", "runs"], align: "right", text: (line) => `${line.length}` };
  return [
    { head: ["", "proposal/form"], align: "left", text: ([{ cell }]) => plain(`${cell.proposal}/${cell.form}`) },
    { head: ["", "workload"], align: "left", text: ([{ cell }]) => plain(cell.workload) },
    { head: ["", "machine"], align: "left", text: ([{ cell }]) => plain(cell.machine) },
    ...[...apart, ...named].map(settingColumn),
    { head: ["", "size"], align: "right", text: ([{ cell }]) => printBytes(cell.requestBytes) },
    ...(lines.some((line) => line.length > 1) ? [runs] : []),
    { head: ["", "status"], align: "left", text: ([{ outcome }]) => outcome.status },
    { head: ["", "GB/s"], align: "right", text: number((result) => scaled(result, "throughput", "mean", 1e-9)) },
    { head: ["p50", "us"], align: "right", text: number((result) => scaled(result, "latency", "p50", 1e-3)) },
    {
      head: ["CPU", "ns/KiB"],
      align: "right",
      text: number((result) => scaled(result, "cpu_time_per_byte", "mean", 1024)),
    },
    ...(lines.some((line) => line.some((result) => evenOf(result) !== undefined)) ? [EVEN] : []),
    { head: ["root", "By/By"], align: "right", text: number(rootComplex) },
    { head: ["DRAM", "By/By"], align: "right", text: number(dram) },
    {
      head: ["", "basis"],
      align: "left",
      text: ([first]) => (moved(first) && basisOf(first.outcome.measures)?.basis) || "-",
    },
  ];
}

const evenOf = ({ outcome }: Result): number | undefined =>
  outcome.measures.find(({ metric }) => metric === BREAK_EVEN_REUSE)?.value;

/** From how many uses on it is no dearer than the control: written to the line with the fewest. */
const EVEN: Column = {
  head: ["even", "from"],
  align: "right",
  text: (line) => {
    const uses = line.map(evenOf).filter((value) => value !== undefined);
    if (uses.length === 0) return "-";
    const middle = Math.ceil(median(uses));
    return Number.isFinite(middle) ? numeral(middle) : "never";
  },
};

const settingColumn = ({ name, value }: Setting): Column => ({
  head: ["", name],
  align: "left",
  text: ([{ cell }]) => plain(value(cell)),
});

const number =
  (quantity: (result: Result) => number | undefined) =>
  (line: Line): string => {
    const values = line
      .filter(moved)
      .map(quantity)
      .filter((value) => value !== undefined);
    return values.length === 0 ? "-" : numeral(median(values));
  };

function scaled(result: Result, metric: string, stat: string, factor: number): number | undefined {
  const measure = measureOf(result, metric, stat);
  return measure && measure.value * factor;
}

const rootComplex = (result: Result): number | undefined =>
  scaled(result, "root_complex_payload_bytes", "total", 1 / payloadOf(result));

function dram(result: Result): number | undefined {
  const read = scaled(result, "dram_read_per_byte", "mean", 1);
  const written = scaled(result, "dram_write_per_byte", "mean", 1);
  return read === undefined || written === undefined ? undefined : read + written;
}

function tableOf(columns: readonly Column[], lines: readonly Line[], width: number): readonly string[] {
  const rows = [
    columns.map(({ head }) => head[0]),
    columns.map(({ head }) => head[1]),
    ...lines.map((line) => columns.map(({ text }) => text(line))),
  ];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
  const all = widths.reduce((sum, one) => sum + one, 0);
  const gap = all + 2 * (columns.length - 1) <= width ? "  " : " ";
  return rows.map((row) =>
    row
      .map((text, column) => padded(text, widths[column] ?? 0, columns[column]?.align))
      .join(gap)
      .trimEnd(),
  );
}

function padded(text: string, width: number, align: Column["align"] | undefined): string {
  const space = " ".repeat(Math.max(0, width - [...text].length));
  return align === "right" ? space + text : text + space;
}

function notes(settings: Settings, results: readonly Result[], width: number): readonly string[] {
  const fits = (line: string) => [...line].length <= width - 2;
  const legend =
    "root: payload through root ports, DRAM: read and written, both per byte of payload; basis: of the throughput.";
  const even = results.some((result) => evenOf(result) !== undefined)
    ? ["even from: uses of one mapping from which on a form costs no more CPU time than staging/pipelined."]
    : [];
  const same =
    results[0] && settings.same.length > 0 ? [`All cells: ${plain(phrases(settings.same, results[0].cell))}.`] : [];
  const paragraphs = [legend, ...even, ...same, ...cautions(results), ...outcomes(results)].map((text) =>
    wrap(text, fits),
  );
  return paragraphs.flatMap((lines) => lines.map((line, index) => (index === 0 ? line : `  ${line}`)));
}

/** What a reader of the numbers must know: whether they are medians, and whether a run was long enough to say what lasts. */
function cautions(results: readonly Result[]): readonly string[] {
  const reps = new Set(results.map(({ cell }) => cell.rep)).size;
  const short = results.filter(moved).filter(({ cell }) => isShort(cell));
  const sizes = [...new Set(short.map(({ cell }) => printBytes(cell.requestBytes)))].join(", ");
  return [
    ...(reps > 1 ? [`Numbers are medians of ${reps} runs; results.csv has each of them, the charts their range.`] : []),
    ...(short.length > 0
      ? [
          `Short runs (${sizes}): fewer than ${SETTLED} requests for each place of the queue, so filling it and the first touch of memory weigh; a larger --total shows what lasts.`,
        ]
      : []),
  ];
}

/** Why cells did not complete: one paragraph per status and reason. */
function outcomes(results: readonly Result[]): readonly string[] {
  const others = ordered(results).filter(({ outcome }) => outcome.status !== "completed");
  const groups = groupBy(others, ({ outcome }) => `${outcome.status}\u0000${outcome.reason}`);
  return sortedBy([...groups.values()], ([first]) => [SEVERITY.indexOf(first?.outcome.status ?? "")]).map((group) => {
    const outcome = group[0]?.outcome;
    const names = new Set(group.map(({ cell }) => `${cell.proposal}/${cell.form}`));
    const share = group.length === results.length ? "" : ` (${group.length} of ${results.length})`;
    return plain(`${outcome?.status}: ${[...names].join(", ")}${share}: ${outcome?.reason}`);
  });
}

const SEVERITY: readonly string[] = ["failed", "corrupt", "hung", "refused", "inapplicable", "staged"];
