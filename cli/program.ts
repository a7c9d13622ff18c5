import { Command, type CommanderError, Option } from "commander";
import { PROPOSALS } from "../proposals/index.ts";
import { EXIT } from "./exit-status.ts";
import { addExplain } from "./explain-command.ts";
import { addKernel } from "./kernel-command.ts";
import { LISTABLE, listCommand } from "./list-command.ts";
import { RANGES, rangeWords } from "./options.ts";
import { type ReportOptions, reportCommand } from "./report-command.ts";
import { type RunOptions, runCommand } from "./run-command.ts";
import type { Terminal } from "./terminal.ts";
import { addValidate } from "./validate-command.ts";
import { VERSION } from "./version.ts";
import { visible } from "./visible.ts";

/** Names that the contract reserves and later versions fill. */
const RESERVED: readonly string[] = [
  "check",
  "replay",
  "compare",
  "merge",
  "crossover",
  "claims",
  "overlay",
  "calibrate",
  "topo",
  "submit",
  "status",
];

const EXAMPLES = `
Examples:
  p2peval run                                              all proposals on the preset one-switch
  p2peval run -m host.lspci.txt -p zone-device -p staging  your machine: sudo lspci -Dnnvvv > host.lspci.txt
  p2peval run -m host.lspci.txt --attach capture:gen3x8:64MiB@0000:17:02.0 -w capture-to-gpu
  p2peval run -m zen-root-ports -w gpu-to-storage --iommu off,lazy,strict --request-size 4KiB,1MiB
  p2peval list machines
  p2peval explain -m host.lspci.txt --from nvme0 --to gpu0  the path, the kernel's verdict, the wire, remedies
  p2peval report out/run-001                               its page again, from its tables
  p2peval validate                                         the model against published measurements
  p2peval kernel verdicts hierarchies.csv                  what Linux 6.12 says to every pair of PCI functions

Results go to -o DIR (default: a fresh out/run-NNN). No network, no telemetry.`;

const gather = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(",").map((each) => each.trim()),
];
const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** The command line; `setStatus` is told how the command ended. */
export function program(terminal: Terminal, setStatus: (status: number) => void): Command {
  const root = new Command("p2peval")
    .description("Compares the Linux proposals for PCIe peer-to-peer DMA on one simulated machine.")
    .version(VERSION)
    .addHelpText("after", EXAMPLES)
    .showSuggestionAfterError()
    .configureOutput({
      writeErr: (text) => terminal.error.write(text),
      writeOut: (text) => terminal.output.write(text),
      outputError: (text, write) => write(complaint(text)),
    })
    .exitOverride();
  addRun(root, terminal, setStatus);
  root
    .command("list")
    .description(`what there is to choose from: ${LISTABLE.join(", ")}`)
    .argument("<what>", LISTABLE.join("|"))
    .option("-m, --machine <machine>", "the devices of this machine (with: list machines)")
    .option("--json", "one JSON document", false)
    .exitOverride()
    .action(async (what: string, options: { machine?: string; json: boolean }) =>
      setStatus(await listCommand(what, options, terminal)),
    );
  addExplain(root, terminal, setStatus);
  addKernel(root, terminal, setStatus);
  addValidate(root, terminal, setStatus);
  root
    .command("report")
    .description("make the page of a finished run again")
    .argument("<dir>", "the folder of a run")
    .option("-o, --out <file>", "where the page goes, - for stdout (default: report.html in that folder)")
    .option("--force", "replace an existing file", false)
    .exitOverride()
    .action(async (folder: string, options: ReportOptions) =>
      setStatus(await reportCommand(folder, options, terminal)),
    );
  for (const name of RESERVED)
    root
      .command(name, { hidden: true })
      .allowUnknownOption()
      .argument("[rest...]")
      .action(() => {
        terminal.note(
          `p2peval: "${name}" is reserved for a later version; this one has run, report, explain, validate, list and kernel verdicts`,
        );
        setStatus(EXIT.usage);
      });
  return root;
}

/** Commander's error in our words: what was typed, made visible, and on a line of its own what may have been meant. */
function complaint(text: string): string {
  const [, what = "", hint = ""] = /^(.*?)(\n\(Did you mean [^\n]*\))?\n?$/s.exec(text) ?? [];
  return `${visible(what.replace(/^error: /, "p2peval: "))}${hint}\n`;
}

function addRun(root: Command, terminal: Terminal, setStatus: (status: number) => void): void {
  const later = (flags: string): Option => new Option(flags).hideHelp();
  const run = root
    .command("run")
    .description("run proposals x workloads x machines and write CSV, charts and a manifest")
    .option(
      "-m, --machine <machine>",
      "a preset's name, an lspci -vvv dump (plain or gzip), or - for stdin; repeatable",
      collect,
    )
    .option(
      "-p, --proposal <proposal[/form]>",
      "a proposal, one of its forms, or a plugin's path (./mine.mjs); repeatable",
      gather,
    )
    .option("-w, --workload <workload>", "repeatable (default: all that join the devices)", gather)
    .option("--from <device>", "an end of the transfer: 0000:19:00.0, 19:00.0 or gpu0 (default: the nearest pair)")
    .option("--to <device>", "the other end")
    .option("--attach <device@port>", "a device that is not there: capture:gen3x8:64MiB@17:02.0; repeatable", collect)
    .option("--request-size <sizes>", `${RANGES.size}; comma-separated`, "4KiB,64KiB,1MiB")
    .option("--total <size>", "payload per cell, no less than a request", "32MiB")
    .option("--queue-depth <depths>", `requests at a time: ${RANGES.queueDepth}; comma-separated`, "32")
    .option("--reuse <counts>", `requests that one mapping serves: ${RANGES.reuse}; comma-separated`, "1");
  addSurroundings(run)
    .option("--kernel <version>", "kernel that the proposals are installed in", "4.9")
    .option("--seed <n>", `seed of everything drawn, ${rangeWords(RANGES.seed)}`, "1")
    .option(
      "--seeds <n>",
      `repetitions, ${rangeWords(RANGES.seeds)}: the first at typical constants, the others drawn from their ranges`,
      "1",
    )
    .option("--no-leap", "simulate every request, skip no recurring period")
    .option("-o, --out <dir>", "output folder (default: a fresh out/run-NNN)")
    .option("-j, --jobs <n>", `worker threads, ${rangeWords(RANGES.jobs)} (default: one per core where it pays)`)
    .option("--force", "replace the run in an existing output folder", false)
    .option("--json", "print one JSON document instead of the table", false)
    .option("-q, --quiet", "no progress", false)
    .addOption(later("--resume"))
    .addOption(later("--shard <i/n>"))
    .argument("[suite]", "a suite file (reserved for a later version)")
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .action(async (suite: string | undefined, given: GivenOptions) => {
      setStatus(await runCommand(withDefaults(given), reservedIn(suite, given), terminal));
    });
}

/** How the machine is set up, and what goes on beside the pair that is measured. */
const addSurroundings = (run: Command): Command =>
  run
    .option("--iommu <modes>", "off, lazy, strict, passthrough; comma-separated", "off")
    .option(
      "--acs <settings>",
      "linux (as it sets the bits for the IOMMU mode), as-found, off, on; comma-separated",
      "linux",
    )
    .option(
      "--bar <sizes>",
      `of what shows the memory of GPUs and capture cards: ${RANGES.bar}; comma-separated`,
      "as-found",
    )
    .option(
      "--initiators <counts>",
      "devices that do the workload at once; the first pair is measured; comma-separated",
      "1",
    )
    .option(
      "--dram-load <rates>",
      "CPU traffic in memory meanwhile, half reads, per socket: 0,40GB/s; comma-separated",
      "0",
    );

type GivenOptions = Partial<RunOptions> & {
  readonly resume?: boolean;
  readonly shard?: string;
};

/** What the contract names and this version cannot do. */
function reservedIn(suite: string | undefined, { resume, shard }: GivenOptions): readonly string[] {
  const named: readonly (readonly [string, boolean])[] = [
    [`the suite ${suite}`, suite !== undefined],
    ["--resume", resume === true],
    ["--shard", shard !== undefined],
  ];
  return named.flatMap(([what, given]) => (given ? [what] : []));
}

/** Commander fills in every option that has a default; the lists default to everything there is. */
const withDefaults = (given: GivenOptions): RunOptions =>
  ({
    ...given,
    machine: given.machine ?? ["one-switch"],
    proposal: given.proposal ?? PROPOSALS.map(({ name }) => name),
    workload: given.workload ?? [],
    attach: given.attach ?? [],
  }) as RunOptions;

/** What commander found wrong is a usage error; help and version are not. */
export const usageStatus = (error: CommanderError): number => (error.exitCode === 0 ? EXIT.done : EXIT.usage);
