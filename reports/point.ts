import type { Cell } from "../record/cell.ts";
import type { Basis, Measure } from "../record/measure.ts";
import type { Status } from "../record/outcome.ts";
import type { Result } from "../record/result.ts";
import { median, plain, readableBytes } from "./numeral.ts";
import { groupBy, sortedBy } from "./order.ts";
import { rankOf } from "./palette.ts";
import { phrases, type Settings } from "./setting.ts";

/** One number of one series at one size in one panel: the median of its repetitions, and their range. */
export interface Point {
  readonly panel: string;
  readonly series: string;
  readonly proposal: string;
  readonly form: string;
  readonly size: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
  readonly outcome: "completed" | "staged" | "corrupt";
}

/** A result that has no place in a chart, and why. */
export interface Absence {
  readonly panel: string;
  readonly series: string;
  readonly proposal: string;
  readonly form: string;
  readonly size: number;
  readonly status: Status;
  readonly reason: string;
}

/** What a chart of one quantity draws, what it has to leave out, and what the drawn numbers rest on. */
export interface Drawing {
  readonly points: readonly Point[];
  readonly absences: readonly Absence[];
  readonly bases: readonly Basis[];
}

/** A quantity of a result with the measure that it comes from; undefined where the cell has none. */
export type Quantity = (result: Result) => { readonly value: number; readonly basis: Basis } | undefined;

/** Whether a result's numbers mean something: the other statuses moved nothing, or not all. */
export function moved({ outcome }: Result): boolean {
  return outcome.status === "completed" || outcome.status === "staged" || outcome.status === "corrupt";
}

/** The measure of a metric for the cell as a whole; of several statistics, the one asked for. */
export function measureOf({ outcome }: Result, metric: string, stat?: string): Measure | undefined {
  const candidates = outcome.measures.filter((measure) => measure.metric === metric && measure.subject === "");
  if (stat !== undefined) return candidates.find((measure) => measure.stat === stat);
  return sortedBy(candidates, (measure) => [measure.stat, measure.value])[0];
}

/** Payload of everybody who did the workload at once: what counts of the whole machine are divided by. */
export function payloadOf(result: Result): number {
  return measureOf(result, "aggregate_bytes")?.value ?? result.cell.totalBytes;
}

/** What a chart has on its horizontal axis, and which results share a panel. */
export interface Layout {
  /** The title of the axis; its values are bytes. */
  readonly axis: string;
  readonly size: (cell: Cell) => number;
  readonly panel: (cell: Cell, settings: Settings) => string;
}

export const BY_REQUEST: Layout = {
  axis: "Request size",
  size: ({ requestBytes }) => requestBytes,
  panel: panelName,
};

/** Collects one quantity over all results. What is drawn depends on the results alone, not on their order. */
export function drawingOf(
  results: readonly Result[],
  settings: Settings,
  quantity: Quantity,
  layout: Layout = BY_REQUEST,
): Drawing {
  const drawn: (Point & { readonly basis: Basis })[] = [];
  const absences: Absence[] = [];
  for (const result of ordered(results)) {
    const found = moved(result) ? quantity(result) : undefined;
    if (found) drawn.push({ ...pointOf(result, settings, found.value, layout), basis: found.basis });
    else absences.push(absenceOf(result, settings, layout));
  }
  const groups = groupBy(drawn, ({ panel, series, size }) => [panel, series, size].join("\u0000"));
  return { points: [...groups.values()].map(merge), absences, bases: drawn.map(({ basis }) => basis) };
}

/** What a panel shows: one workload on one machine under one choice of everything that varies. */
export function panelName(cell: Cell, settings: Settings): string {
  const where = `${plain(cell.workload)} on ${plain(cell.machine)}`;
  return settings.apart.length === 0 ? where : `${where}\n${plain(phrases(settings.apart, cell))}`;
}

/** The name of a series in legends: proposal, form, and where they come from. */
function seriesOf({ cell }: Result, settings: Settings): string {
  const extra = settings.named.length === 0 ? "" : `, ${phrases(settings.named, cell)}`;
  return plain(`${cell.proposal}/${cell.form} (${cell.provenance}${extra})`);
}

/** Results in the order of every chart and table: by place and size, then proposal and form, settings and repetition. */
export function ordered(results: readonly Result[]): readonly Result[] {
  return sortedBy(results, ({ cell, outcome }) => [
    cell.workload,
    cell.machine,
    cell.requestBytes,
    ...rankOf(cell),
    cell.iommu,
    cell.acs,
    cell.kernel,
    cell.queueDepth,
    cell.reuse,
    cell.initiators,
    cell.dramLoad,
    cell.bar,
    cell.totalBytes,
    cell.id,
    cell.rep,
    outcome.status,
    () => JSON.stringify(outcome),
  ]);
}

/** Names of sizes for a sentence: "4 KiB, 64 KiB". */
export function sizesIn(sizes: Iterable<number>): string {
  return [...new Set(sizes)]
    .sort((a, b) => a - b)
    .map(readableBytes)
    .join(", ");
}

function pointOf(result: Result, settings: Settings, value: number, layout: Layout): Point {
  const { proposal, form } = result.cell;
  const byDesign = proposal === "staging" && result.outcome.status === "staged";
  return {
    panel: layout.panel(result.cell, settings),
    series: seriesOf(result, settings),
    proposal,
    form,
    size: layout.size(result.cell),
    value,
    low: value,
    high: value,
    runs: 1,
    outcome: byDesign ? "completed" : (result.outcome.status as Point["outcome"]),
  };
}

function absenceOf(result: Result, settings: Settings, layout: Layout): Absence {
  const { status, reason } = result.outcome;
  const { proposal, form } = result.cell;
  return {
    panel: layout.panel(result.cell, settings),
    series: seriesOf(result, settings),
    proposal,
    form,
    size: layout.size(result.cell),
    status,
    reason: plain(reason),
  };
}

function merge(points: readonly (Point & { readonly basis: Basis })[]): Point {
  const [{ basis: _, ...first }] = points as [Point & { readonly basis: Basis }];
  const values = points.map(({ value }) => value);
  const outcome = (["corrupt", "staged"] as const).find((bad) => points.some((point) => point.outcome === bad));
  return {
    ...first,
    value: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
    runs: points.length,
    outcome: outcome ?? "completed",
  };
}
