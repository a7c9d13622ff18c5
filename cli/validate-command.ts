import { setImmediate } from "node:timers/promises";
import type { Command } from "commander";
import { CONTRASTS } from "../calibration/cases/contrasts.ts";
import { MEASURED_PLATFORMS } from "../calibration/cases/measured-platforms.ts";
import { SWEPT_HOSTS, sizeSweepOf } from "../calibration/cases/pcie-bench.ts";
import { PUBLISHED_CASES, SUITE } from "../calibration/cases/published.ts";
import { readSuite } from "../harness/validate/suite.ts";
import { type Collection, reportOn, rowsOf } from "../harness/validate/validate.ts";
import { staging } from "../proposals/staging.ts";
import type { ValidationRow } from "../record/validation.ts";
import { validationText } from "../reports/validation-text.ts";
import { Complaints, EXIT } from "./exit-status.ts";
import { readInput } from "./input-file.ts";
import type { Terminal } from "./terminal.ts";

interface ValidateOptions {
  readonly suite?: string;
  readonly json: boolean;
}

const HELP = `
Examples:
  p2peval validate                       the published cases that ship with p2peval
  p2peval validate --suite mine.yaml     your cases, YAML or JSON, in the format of docs/suite.schema.json

Each row: what was measured, what the model predicts, and what two napkin models say (0.9 x the slowest link; the
pcie-model equations). standing: independent; held out (constants from the row's source were fitted anew without it);
shared (they rest on nothing else: not scored); fitted (the platform has as many free parameters as rows: not scored).`;

export function addValidate(root: Command, terminal: Terminal, setStatus: (status: number) => void): void {
  root
    .command("validate")
    .description("hold the model against published measurements")
    .option("--suite <file>", "run the cases of this file instead, or - for stdin")
    .option("--json", "one JSON document", false)
    .addHelpText("after", HELP)
    .exitOverride()
    .action(async (options: ValidateOptions) => setStatus(await validateCommand(options, terminal)));
}

async function validateCommand({ suite, json }: ValidateOptions, terminal: Terminal): Promise<number> {
  const collection = suite === undefined ? PUBLISHED : await collectionIn(suite);
  const rows: ValidationRow[] = [];
  for (const row of rowsOf(collection, { staging })) {
    rows.push(row);
    // A signal, or a pipe that was closed, is answered between two cases.
    await setImmediate();
  }
  const report = reportOn(collection, rows);
  if (json) terminal.json("p2peval-validation/1", true, report, [], []);
  else terminal.print(validationText(report));
  return EXIT.done;
}

const PUBLISHED: Collection = {
  cases: PUBLISHED_CASES,
  platforms: MEASURED_PLATFORMS,
  contrasts: CONTRASTS,
  sets: [
    { name: "suite", ids: SUITE },
    { name: "all published cases", ids: undefined },
  ],
  sweeps: SWEPT_HOSTS.map((host) => ({ host, ids: sizeSweepOf(host) })),
};

/** The cases of a file, on its platforms and ours. */
async function collectionIn(file: string): Promise<Collection> {
  const complaints = new Complaints();
  const input = await readInput(file, "a suite of cases, YAML or JSON (p2peval validate --help)", complaints);
  const reading = input && readSuite(input.text, MEASURED_PLATFORMS);
  for (const { line, column, what, remedy } of reading?.faults ?? [])
    complaints.add(`${input?.source}:${line}:${column}: ${what}; ${remedy}`, EXIT.unreadable);
  complaints.throwIfAny();
  return {
    cases: reading?.suite?.cases ?? [],
    platforms: { ...MEASURED_PLATFORMS, ...reading?.suite?.platforms },
    contrasts: reading?.suite?.contrasts ?? [],
    sets: [{ name: "your suite", ids: undefined }],
    sweeps: [],
  };
}
