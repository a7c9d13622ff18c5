import type { Command } from "commander";
import { CASE_CLASSES } from "../calibration/cases/classes.ts";
import { CONTRASTS } from "../calibration/cases/contrasts.ts";
import { MEASURED_PLATFORMS } from "../calibration/cases/measured-platforms.ts";
import { SWEPT_HOSTS, sizeSweepOf } from "../calibration/cases/pcie-bench.ts";
import { PUBLISHED_CASES, SUITE } from "../calibration/cases/published.ts";
import { UNEXPRESSED } from "../calibration/cases/unexpressed.ts";
import { readSuite } from "../harness/validate/suite.ts";
import { type Collection, type RowWork, reportOn, workOf } from "../harness/validate/validate.ts";
import type { ValidationRow } from "../record/validation.ts";
import { validationText } from "../reports/validation-text.ts";
import { Complaints, EXIT } from "./exit-status.ts";
import { readInput } from "./input-file.ts";
import { OptionReader, RANGES, rangeWords } from "./options.ts";
import { Progress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { rowsOn } from "./validation-pool.ts";

interface ValidateOptions {
  readonly suite?: string;
  readonly only?: string;
  readonly jobs?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

const HELP = `
Examples:
  p2peval validate                       the published cases that ship with p2peval
  p2peval validate --only pin,DONARD     those of a class, a platform, or whose id begins so
  p2peval validate --suite mine.yaml     your cases, YAML or JSON, in the format of docs/suite.schema.json

Each row: what was measured, what the model predicts, and what two napkin models say (0.9 x the slowest link; the
pcie-model equations). standing: independent; held out (constants from the row's source were fitted anew without it);
shared (they rest on nothing else: not scored); fitted (the platform has as many free parameters as rows: not scored).`;

export function addValidate(root: Command, terminal: Terminal, setStatus: (status: number) => void): void {
  root
    .command("validate")
    .description("hold the model against published measurements")
    .option("--suite <file>", "run the cases of this file instead, or - for stdin")
    .option("--only <list>", "a part of the cases: classes, platforms, beginnings of ids")
    .option("-j, --jobs <n>", `worker threads, ${rangeWords(RANGES.jobs)} (default: one per core where it pays)`)
    .option("--json", "one JSON document", false)
    .option("-q, --quiet", "no progress", false)
    .addHelpText("after", HELP)
    .exitOverride()
    .action(async (options: ValidateOptions) => setStatus(await validateCommand(options, terminal)));
}

async function validateCommand(options: ValidateOptions, terminal: Terminal): Promise<number> {
  const complaints = new Complaints();
  const reader = new OptionReader(complaints);
  const jobs = options.jobs === undefined ? undefined : reader.whole("-j", options.jobs, RANGES.jobs);
  const collection = options.suite === undefined ? PUBLISHED : await collectionIn(options.suite, complaints);
  const work = chosen(workOf(collection), options.only, complaints);
  complaints.throwIfAny();
  const rows = await rowsWithProgress(work, jobs, options.quiet, terminal);
  const report = reportOn(partOf(collection, options.only), rows);
  if (options.json) terminal.json("p2peval-validation/1", true, report, [], []);
  else terminal.print(validationText(report));
  return EXIT.done;
}

/** The cases that a list of classes, platforms and beginnings of ids names; a word that names none is an error. */
function chosen(work: readonly RowWork[], only: string | undefined, complaints: Complaints): readonly RowWork[] {
  if (only === undefined) return work;
  const words = wordsOf(only);
  const names = ({ subject }: RowWork, word: string): boolean =>
    subject.class.toLowerCase() === word || subject.platform === word || subject.id.toLowerCase().startsWith(word);
  const right = `a class (${CASE_CLASSES.join(", ")}), a platform, or the beginning of an id`;
  for (const word of words)
    if (word === "" || !work.some((each) => names(each, word)))
      complaints.add(`--only "${word}" names no case; ${right} would`, EXIT.usage);
  return work.filter((each) => words.some((word) => names(each, word)));
}

const wordsOf = (only: string): readonly string[] => [
  ...new Set(only.split(",").map((word) => word.trim().toLowerCase())),
];

/** A part of the cases has that part of what is no case. */
function partOf(collection: Collection, only: string | undefined): Collection {
  if (only === undefined) return collection;
  const words = wordsOf(only);
  const unexpressed = collection.unexpressed?.filter(({ id }) =>
    words.some((word) => id.toLowerCase().startsWith(word)),
  );
  return { ...collection, unexpressed: unexpressed ?? [] };
}

async function rowsWithProgress(
  work: readonly RowWork[],
  jobs: number | undefined,
  quiet: boolean,
  terminal: Terminal,
): Promise<readonly ValidationRow[]> {
  const progress = new Progress(work.length, "cases", quiet, terminal.error);
  let done = 0;
  try {
    return await rowsOn(work, jobs, (id) => progress.done(++done, id));
  } finally {
    progress.end();
  }
}

const PUBLISHED: Collection = {
  cases: PUBLISHED_CASES,
  platforms: MEASURED_PLATFORMS,
  contrasts: CONTRASTS,
  unexpressed: UNEXPRESSED,
  sets: [
    { name: "suite", ids: SUITE },
    { name: "all published cases", ids: undefined },
  ],
  sweeps: SWEPT_HOSTS.map((host) => ({ host, ids: sizeSweepOf(host) })),
};

/** The cases of a file, on its platforms and ours. */
async function collectionIn(file: string, complaints: Complaints): Promise<Collection> {
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
