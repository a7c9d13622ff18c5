import type { Cell } from "../record/cell.ts";
import type { Basis, Measure } from "../record/measure.ts";
import { BREAK_EVEN_REUSE, METRICS } from "../record/metric.ts";
import type { Result } from "../record/result.ts";
import { basisOf } from "./basis.ts";
import { sortedBy } from "./order.ts";

/** Raised only when a column changes its meaning; new columns are appended and leave it as it is. */
const SCHEMA_VERSION = 1;

/** What a cell of a table may hold before it becomes text. */
export type Value = string | number | boolean;

/** Columns of results.csv, in order. Readers go by name; columns are only ever appended. */
export const RESULT_COLUMNS = [
  "schema_version",
  "cell_id",
  "rep",
  "proposal",
  "form",
  "provenance",
  "workload",
  "machine",
  "machine_hash",
  "from",
  "to",
  "path",
  "direction",
  "request_bytes",
  "total_bytes",
  "queue_depth",
  "reuse",
  "iommu",
  "acs",
  "kernel",
  "seed",
  "status",
  "metric",
  "subject",
  "stat",
  "value",
  "unit",
  "better",
  "n",
  "reason",
  "evidence",
  "basis",
  "nearest_measurement",
  "source_kind",
  "method",
  "model_version",
  "params_hash",
  "plugin_hash",
  "initiators",
  "dram_load",
  "bar",
  "bar_bytes",
] as const;

/** Columns of cells.csv: one row per cell and repetition; `basis` is that of its throughput. */
export const CELL_COLUMNS = [
  "schema_version",
  "cell_id",
  "rep",
  "proposal",
  "form",
  "provenance",
  "workload",
  "machine",
  "machine_hash",
  "from",
  "to",
  "path",
  "direction",
  "request_bytes",
  "total_bytes",
  "queue_depth",
  "reuse",
  "iommu",
  "acs",
  "kernel",
  "seed",
  "status",
  "reason",
  "evidence",
  "basis",
  "nearest_measurement",
  "source_kind",
  "method",
  "model_version",
  "params_hash",
  "plugin_hash",
  "method_reason",
  "initiators",
  "dram_load",
  "bar",
  "bar_bytes",
] as const;

/** Columns of invariants.csv: one row per cell, repetition and invariant. */
export const INVARIANT_COLUMNS = [
  "cell_id",
  "rep",
  "proposal",
  "form",
  "workload",
  "machine",
  "request_bytes",
  "iommu",
  "acs",
  "invariant",
  "verdict",
  "because",
] as const;

/** A row of results.csv. */
export type ResultRow = Readonly<Record<(typeof RESULT_COLUMNS)[number], Value>>;
/** A row of cells.csv. */
export type CellRow = Readonly<Record<(typeof CELL_COLUMNS)[number], Value>>;
/** A row of invariants.csv. */
export type InvariantRow = Readonly<Record<(typeof INVARIANT_COLUMNS)[number], Value>>;

/** One row per number. A cell without numbers keeps one row, with an empty metric, so that no outcome is ever lost. */
export function resultRows(results: readonly Result[]): readonly ResultRow[] {
  const rows = results.flatMap((result) => {
    const { measures } = result.outcome;
    return measures.length === 0 ? [emptyRow(result)] : measures.map((measure) => measureRow(result, measure));
  });
  return sortedBy(rows, (row) => [
    row.cell_id as string,
    row.rep as number,
    row.metric as string,
    row.subject as string,
    row.stat as string,
    everything(RESULT_COLUMNS, row),
  ]);
}

/** One row per cell and repetition, sorted by both. */
export function cellRows(results: readonly Result[]): readonly CellRow[] {
  const rows = results.map((result) => ({
    ...cellColumns(result.cell),
    ...outcomeColumns(result),
    ...basisColumns(basisOf(result.outcome.measures)),
    method_reason: result.outcome.methodReason,
  }));
  return sortedBy(rows, (row) => [row.cell_id, row.rep, everything(CELL_COLUMNS, row)]);
}

/** One row per verdict, `unknown` included, sorted by cell, repetition and invariant. */
export function invariantRows(results: readonly Result[]): readonly InvariantRow[] {
  const rows = results.flatMap(({ cell, outcome }) =>
    outcome.verdicts.map(({ invariant, verdict, because }) => ({
      cell_id: cell.id,
      rep: cell.rep,
      proposal: cell.proposal,
      form: cell.form,
      workload: cell.workload,
      machine: cell.machine,
      request_bytes: cell.requestBytes,
      iommu: cell.iommu,
      acs: cell.acs,
      invariant,
      verdict,
      because,
    })),
  );
  return sortedBy(rows, (row) => [row.cell_id, row.rep, row.invariant, everything(INVARIANT_COLUMNS, row)]);
}

/** How uses of a mapping are written wherever a person or a program reads them: all requests, or never enough, is "inf". */
export function printReuse(reuse: number): Value {
  return reuse === Number.POSITIVE_INFINITY ? "inf" : reuse;
}

function measureRow(result: Result, { metric, subject, stat, value, n, basis }: Measure): ResultRow {
  const known = METRICS[metric];
  if (!known)
    throw new Error(`cell ${result.cell.id} carries the metric "${metric}", which record/metric.ts does not define`);
  return {
    ...cellColumns(result.cell),
    ...outcomeColumns(result),
    ...basisColumns(basis),
    metric,
    subject,
    stat,
    value: metric === BREAK_EVEN_REUSE ? printReuse(value) : value,
    unit: known.unit,
    better: known.better,
    n,
  };
}

function emptyRow(result: Result): ResultRow {
  const nothing = { metric: "", subject: "", stat: "", value: "", unit: "", better: "", n: 0 };
  return { ...cellColumns(result.cell), ...outcomeColumns(result), ...basisColumns(undefined), ...nothing };
}

function cellColumns(cell: Cell) {
  return {
    schema_version: SCHEMA_VERSION,
    cell_id: cell.id,
    rep: cell.rep,
    proposal: cell.proposal,
    form: cell.form,
    provenance: cell.provenance,
    workload: cell.workload,
    machine: cell.machine,
    machine_hash: cell.machineHash,
    from: cell.from,
    to: cell.to,
    request_bytes: cell.requestBytes,
    total_bytes: cell.totalBytes,
    queue_depth: cell.queueDepth,
    reuse: printReuse(cell.reuse),
    iommu: cell.iommu,
    acs: cell.acs,
    kernel: cell.kernel,
    seed: cell.seed,
    initiators: cell.initiators,
    dram_load: cell.dramLoad,
    bar: cell.bar,
    bar_bytes: cell.barBytes,
  };
}

function outcomeColumns({ outcome, modelVersion, paramsHash, pluginHash }: Result) {
  const { path, direction, status, reason, method } = outcome;
  return {
    path,
    direction,
    status,
    reason,
    evidence: "",
    method,
    model_version: modelVersion,
    params_hash: paramsHash,
    plugin_hash: pluginHash,
  };
}

function basisColumns(basis: Basis | undefined) {
  return { basis: basis?.basis ?? "", nearest_measurement: basis?.nearest ?? "", source_kind: basis?.sourceKind ?? "" };
}

/** The last key of every order: rows that differ at all are ordered by it, whatever order they came in. */
function everything<Column extends string>(columns: readonly Column[], row: Readonly<Record<Column, Value>>) {
  return () => columns.map((column) => row[column]).join("\u0000");
}
