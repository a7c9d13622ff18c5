import type { AcsSetting, Cell, IommuMode, Provenance } from "../record/cell.ts";
import type { Basis, Measure } from "../record/measure.ts";
import type { Outcome, PathClass, Status } from "../record/outcome.ts";
import type { Result } from "../record/result.ts";
import type { Verdict } from "../record/verdict.ts";
import { type Bytes, bytes } from "../sim/units.ts";
import { type Row, TableReader } from "./table-reader.ts";

/** The three tables of a run, split into records; the first record of each names its columns. */
export interface Tables {
  readonly results: Records;
  readonly cells: Records;
  readonly invariants: Records;
}

type Records = readonly (readonly string[])[];

/** The results that tables were made of, or what is wrong with the tables, one line each. */
export type Reading = { readonly results: readonly Result[] } | { readonly faults: readonly string[] };

/** More faults than these help nobody. */
const MOST_FAULTS = 10;

/** Makes results of the tables that `reports/rows.ts` writes: what both say of a cell is taken from cells.csv. */
export function readResults(tables: Tables): Reading {
  const faults = new Set<string>();
  const cells = new TableReader("cells.csv", tables.cells, faults);
  const measures = new Map<string, Measure[]>();
  const verdicts = new Map<string, Verdict[]>();
  for (const row of new TableReader("results.csv", tables.results, faults).rows)
    if (row.text("metric") !== "") gather(measures, keyOf(row), measureOf(row));
  for (const row of new TableReader("invariants.csv", tables.invariants, faults).rows)
    gather(verdicts, keyOf(row), verdictOf(row));
  const seen = new Set<string>();
  const results = cells.rows.map((row) => {
    const key = keyOf(row);
    if (seen.has(key)) faults.add(`cells.csv: cell ${row.text("cell_id")} has two rows for one repetition`);
    seen.add(key);
    return resultOf(row, measures.get(key) ?? [], verdicts.get(key) ?? []);
  });
  for (const key of [...measures.keys(), ...verdicts.keys()])
    if (!seen.has(key)) faults.add(`cells.csv: has no row for cell ${key}, which other tables have`);
  return faults.size > 0 ? { faults: [...faults].slice(0, MOST_FAULTS) } : { results };
}

const keyOf = (row: Row): string => `${row.text("cell_id")}, repetition ${row.text("rep")}`;

function gather<T>(into: Map<string, T[]>, key: string, item: T): void {
  const group = into.get(key);
  if (group) group.push(item);
  else into.set(key, [item]);
}

function resultOf(row: Row, measures: readonly Measure[], verdicts: readonly Verdict[]): Result {
  return {
    cell: cellOf(row),
    outcome: outcomeOf(row, measures, verdicts),
    modelVersion: row.text("model_version"),
    paramsHash: row.text("params_hash"),
    pluginHash: row.text("plugin_hash"),
  };
}

function cellOf(row: Row): Cell {
  return {
    id: row.text("cell_id"),
    rep: row.number("rep"),
    proposal: row.text("proposal"),
    form: row.text("form"),
    provenance: row.choice("provenance", PROVENANCES, "control"),
    workload: row.text("workload"),
    machine: row.text("machine"),
    machineHash: row.text("machine_hash"),
    from: row.text("from"),
    to: row.text("to"),
    requestBytes: sizeOf(row, "request_bytes"),
    totalBytes: sizeOf(row, "total_bytes"),
    queueDepth: row.number("queue_depth"),
    reuse: row.number("reuse"),
    iommu: row.choice("iommu", IOMMUS, "off"),
    acs: row.choice("acs", ACS, "as-found"),
    kernel: row.text("kernel"),
    seed: row.number("seed"),
    initiators: row.number("initiators", 1),
    dramLoad: row.number("dram_load", 0),
    bar: !row.has("bar") || row.text("bar") === "as-found" ? "as-found" : sizeOf(row, "bar"),
    barBytes: row.has("bar_bytes") ? sizeOf(row, "bar_bytes") : bytes(0),
  };
}

function outcomeOf(row: Row, measures: readonly Measure[], verdicts: readonly Verdict[]): Outcome {
  return {
    status: row.choice("status", STATUSES, "failed"),
    reason: row.text("reason"),
    path: row.choice("path", PATHS, "none"),
    direction: row.text("direction"),
    measures,
    verdicts,
    method: row.choice("method", METHODS, "full"),
    methodReason: row.text("method_reason"),
  };
}

const measureOf = (row: Row): Measure => ({
  metric: row.text("metric"),
  subject: row.text("subject"),
  stat: row.text("stat"),
  value: row.number("value"),
  n: row.number("n"),
  basis: {
    basis: row.choice("basis", BASES, "assumed"),
    nearest: row.text("nearest_measurement"),
    sourceKind: row.text("source_kind"),
  },
});

const verdictOf = (row: Row): Verdict => ({
  invariant: row.text("invariant"),
  verdict: row.choice("verdict", VERDICTS, "unknown"),
  because: row.text("because"),
});

/** A size that is none is told by `number`; it must not throw before. */
function sizeOf(row: Row, column: string): Bytes {
  const value = row.number(column);
  return bytes(Number.isSafeInteger(value) && value >= 0 ? value : 0);
}

// Each lists every word of a type: one that is missing or too many does not compile.
const PROVENANCES: Readonly<Record<Provenance, true>> = {
  control: true,
  posted: true,
  reconstructed: true,
  hypothetical: true,
  merged: true,
};
const IOMMUS: Readonly<Record<IommuMode, true>> = { off: true, lazy: true, strict: true, passthrough: true };
const ACS: Readonly<Record<AcsSetting, true>> = { "as-found": true, linux: true, off: true, on: true };
const STATUSES: Readonly<Record<Status, true>> = {
  completed: true,
  staged: true,
  refused: true,
  corrupt: true,
  hung: true,
  failed: true,
  inapplicable: true,
};
const PATHS: Readonly<Record<PathClass, true>> = {
  "same-switch": true,
  "same-root-port": true,
  "same-host-bridge": true,
  "same-socket": true,
  "cross-socket": true,
  "through-memory": true,
  none: true,
};
const METHODS: Readonly<Record<Outcome["method"], true>> = { full: true, leapt: true };
const BASES: Readonly<Record<Basis["basis"], true>> = { checked: true, extrapolated: true, assumed: true };
const VERDICTS: Readonly<Record<Verdict["verdict"], true>> = { holds: true, broken: true, unknown: true };
