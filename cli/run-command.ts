import { createHash } from "node:crypto";
import { Bug } from "../harness/bug.ts";
import { cellCount, type PlannedCell, plan } from "../harness/plan.ts";
import { type Attachment, readAttachment } from "../machines/attach.ts";
import type { Outcome } from "../record/outcome.ts";
import type { Result } from "../record/result.ts";
import { withBreakEvens } from "../reports/break-even.ts";
import { csvText } from "../reports/csv.ts";
import {
  CELL_COLUMNS,
  cellRows,
  INVARIANT_COLUMNS,
  invariantRows,
  RESULT_COLUMNS,
  resultRows,
} from "../reports/rows.ts";
import { tableText } from "../reports/table.ts";
import { blamed } from "./blame.ts";
import { CellFault, runCells } from "./cell-pool.ts";
import type { CellWork } from "./cell-worker.ts";
import { Complaints, EXIT } from "./exit-status.ts";
import { type Comparison, lookUp } from "./lookup.ts";
import { readMachines } from "./machine-list.ts";
import { type Manifest, manifestDocument, manifestOf } from "./manifest.ts";
import { acsNotes, breachLines, endNotes } from "./notes.ts";
import { OptionReader, RANGES } from "./options.ts";
import { OutputFolder } from "./output-folder.ts";
import { standIn } from "./plugin-description.ts";
import { PluginReader } from "./plugin-reader.ts";
import { Progress } from "./progress.ts";
import type { MachineText, RunRequest } from "./request.ts";
import { runPage } from "./run-page.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Options of `run` as commander hands them over. */
export interface RunOptions {
  readonly machine: readonly string[];
  readonly proposal: readonly string[];
  readonly workload: readonly string[];
  readonly attach: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly requestSize: string;
  readonly total: string;
  readonly queueDepth: string;
  readonly reuse: string;
  readonly iommu: string;
  readonly acs: string;
  readonly initiators: string;
  readonly dramLoad: string;
  readonly bar: string;
  readonly kernel: string;
  readonly seed: string;
  readonly seeds: string;
  readonly leap: boolean;
  readonly out?: string;
  readonly jobs?: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Where results go unless told otherwise: the next free out/run-NNN. */
const FRESH = "out/run";

/** More cells than anybody waits for: refused before hours are lost to a slip in a list. */
const MOST_CELLS = 100_000;

/** `reserved` are options that this version does not have yet: told together with what else is wrong. */
export async function runCommand(
  options: RunOptions,
  reserved: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const complaints = new Complaints();
  for (const each of reserved) complaints.add(`p2peval run: ${each} is reserved for a later version`, EXIT.usage);
  if (options.out?.trim() === "") complaints.add("-o: is empty; give the path of a folder", EXIT.usage);
  const { machines, notes } = await readMachines(options.machine, complaints);
  const request = readRequest(options, machines, complaints);
  const workers =
    options.jobs === undefined ? undefined : new OptionReader(complaints).whole("-j", options.jobs, RANGES.jobs);
  const plugins = new PluginReader(terminal.error);
  const comparison = await lookUp(request, complaints, async (path, told) => {
    const description = await plugins.read(path, told);
    return description && { proposal: standIn(description), hash: description.hash };
  });
  const fault =
    options.out === undefined || options.out.trim() === ""
      ? await OutputFolder.freshFault(FRESH)
      : await OutputFolder.fault(options.out, options.force);
  if (fault) complaints.add(fault, EXIT.unwritable);
  complaints.throwIfAny();
  if (comparison === undefined) return EXIT.internal;
  const count = cellCount(comparison.grid);
  if (count > MOST_CELLS) complaints.add(`${count} cells are more than ${MOST_CELLS}; shorten a list`, EXIT.usage);
  complaints.throwIfAny();
  const cells = plan(comparison.grid);
  const warnings = [...notes, ...comparison.warnings, ...endNotes(cells), ...acsNotes(comparison)];
  for (const note of warnings) terminal.note(`note: ${note}`);
  const folder =
    options.out === undefined
      ? await OutputFolder.createFresh(FRESH)
      : await OutputFolder.create(options.out, options.force);
  const began = Date.now();
  const ended = { cells: 0 };
  const release = terminal.onEarlyEnd(async (why) => {
    if (why === "signal")
      terminal.note(`interrupted after ${ended.cells} of ${cells.length} cells; ${folder.path} is not complete`);
    await folder.abandon(why === "signal");
  });
  let results: readonly Result[];
  try {
    const work = { request, plugins: plugins.described };
    results = withBreakEvens(await evaluate(cells, comparison, work, workers, folder, terminal, options.quiet, ended));
    const manifest = await writeAll(folder, results, (sha256) => manifestOf(request, comparison, warnings, sha256));
    await folder.complete(manifestDocument(manifest, results.length, Date.now() - began));
  } catch (error) {
    await folder.abandon(false);
    throw error;
  } finally {
    release();
  }
  report(results, warnings, folder.path, terminal, options.json);
  return results.some(({ outcome }) => outcome.status === "failed") ? EXIT.failed : EXIT.done;
}

function readRequest(options: RunOptions, machines: readonly MachineText[], complaints: Complaints): RunRequest {
  const read = new OptionReader(complaints);
  return {
    machines,
    proposals: options.proposal,
    workloads: [...new Set(options.workload)],
    attachments: readAttachments(options.attach, complaints),
    from: options.from,
    to: options.to,
    requestBytes: read.sizes("--request-size", options.requestSize),
    totalBytes: read.size("--total", options.total),
    queueDepths: read.queueDepths(options.queueDepth),
    reuses: read.reuses(options.reuse),
    iommus: read.iommus(options.iommu),
    acs: read.acs(options.acs),
    initiators: read.initiators(options.initiators),
    dramLoads: read.dramLoads(options.dramLoad),
    bars: read.bars(options.bar),
    kernel: read.kernel(options.kernel),
    seed: read.whole("--seed", options.seed, RANGES.seed),
    reps: read.whole("--seeds", options.seeds, RANGES.seeds),
    leap: options.leap,
  };
}

function readAttachments(texts: readonly string[], complaints: Complaints): readonly Attachment[] {
  return texts.flatMap((text) => {
    const read = readAttachment(text);
    if (typeof read !== "string") return [read];
    complaints.add(`--attach: ${read}`, EXIT.usage);
    return [];
  });
}

async function evaluate(
  cells: readonly PlannedCell[],
  { origins }: Comparison,
  work: CellWork,
  workers: number | undefined,
  folder: OutputFolder,
  terminal: Terminal,
  quiet: boolean,
  ended: { cells: number },
): Promise<readonly Result[]> {
  const progress = new Progress(cells.length, "cells", quiet, terminal.error);
  const outcomes = new Map<number, Outcome>();
  try {
    await runCells(cells, work, workers, terminal.error, (index, outcome) => {
      outcomes.set(index, outcome);
      ended.cells += 1;
      const cell = cells[index]?.cell;
      folder.journal({ cell_id: cell?.id, rep: cell?.rep, status: outcome.status, reason: outcome.reason });
      progress.done(outcomes.size, cell ? `${cell.proposal}/${cell.form} ${cell.workload} on ${cell.machine}` : "");
    });
  } catch (error) {
    throw error instanceof CellFault ? blamed(error, cells[error.index]?.cell, origins) : error;
  } finally {
    progress.end();
  }
  return cells.flatMap(({ cell, parameters }, index) => {
    const outcome = outcomes.get(index);
    return outcome
      ? [
          {
            cell,
            outcome,
            modelVersion: VERSION,
            paramsHash: parameters.hash(),
            pluginHash: origins.get(cell.proposal)?.hash ?? "",
          },
        ]
      : [];
  });
}

/** Writes every table and chart and, made of these tables, the page; answers the manifest with what each of them hashes to. */
async function writeAll(
  folder: OutputFolder,
  results: readonly Result[],
  manifest: (sha256: Readonly<Record<string, string>>) => Manifest,
): Promise<Manifest> {
  const tables = {
    "results.csv": csvText(RESULT_COLUMNS, resultRows(results)),
    "cells.csv": csvText(CELL_COLUMNS, cellRows(results)),
    "invariants.csv": csvText(INVARIANT_COLUMNS, invariantRows(results)),
  };
  const contents = new Map<string, string>(Object.entries(tables));
  // Vega takes a quarter of a second to load: not before there is something to draw.
  const { renderCharts } = await import("../reports/charts.ts");
  for (const { name, spec, svg } of await renderCharts(results)) {
    contents.set(`charts/${name}.vl.json`, spec);
    contents.set(`charts/${name}.svg`, svg);
  }
  const hashes: Record<string, string> = {};
  const write = async (name: string, content: string): Promise<void> => {
    await folder.write(name, content);
    hashes[name] = createHash("sha256").update(content).digest("hex");
  };
  for (const [name, content] of contents) await write(name, content);
  const made = await runPage(tables, manifest(hashes));
  if ("faults" in made) throw new Bug(`the tables of this run cannot be read again: ${made.faults.join("; ")}`);
  await write("report.html", made.page);
  return manifest(hashes);
}

function report(
  results: readonly Result[],
  warnings: readonly string[],
  path: string,
  terminal: Terminal,
  json: boolean,
): void {
  const failed = results.filter(({ outcome }) => outcome.status === "failed").length;
  const data = { folder: path, results: resultRows(results), invariants: invariantRows(results) };
  if (json) terminal.json("p2peval-run/1", true, data, warnings, []);
  else terminal.print([tableText(results), ...breachLines(results)].join(""));
  terminal.note(
    `wrote ${path}/results.csv, cells.csv, invariants.csv, charts/*.svg and *.vl.json, report.html, manifest.json`,
  );
  if (failed > 0)
    terminal.note(
      `${failed} of ${results.length} cells failed: their transfers reported an error (exit status ${EXIT.failed})`,
    );
}
