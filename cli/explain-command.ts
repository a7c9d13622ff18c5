import type { Command } from "commander";
import { explain } from "../harness/explain/explain.ts";
import { INVARIANTS } from "../invariants/index.ts";
import { isP2pdmaKernel, P2PDMA_RULES, precedesP2pdma } from "../kernel/p2pdma/rules.ts";
import { PROPOSALS } from "../proposals/index.ts";
import { explanationText } from "../reports/explanation-text.ts";
import { printBytes } from "../sim/units.ts";
import { WORKLOADS } from "../workloads/index.ts";
import { Complaints, EXIT } from "./exit-status.ts";
import { readEnds } from "./explain-ends.ts";
import { readTopology } from "./lookup.ts";
import { readMachine } from "./machine-source.ts";
import { OptionReader, RANGES } from "./options.ts";
import type { Terminal } from "./terminal.ts";

interface ExplainOptions {
  readonly machine?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly iommu: string;
  readonly kernel: string;
  readonly requestSize: string;
  readonly acs: string;
  readonly json: boolean;
}

/** The kernel that the mechanisms run in, as `run` has it. */
const MECHANISM_KERNEL = "4.9";
/** No device takes or gives more at once. */
const LARGEST_REQUEST = 64 * 2 ** 20;

const HELP = `
Examples:
  p2peval explain -m host.lspci.txt --from nvme0 --to gpu0 --iommu strict
  p2peval explain -m acs-redirect --from 1a:00.0 --to 1b:00.0 --kernel 5.15 --json

Prints the path port by port, what pci_p2pdma says to the pair and what the wire does with its packets, how every proposal
ends between the two, and what would help. Devices of a machine: p2peval list machines -m MACHINE. Proposals run in Linux
${MECHANISM_KERNEL}, whatever kernel is asked for its verdict.`;

/** Adds `explain`. */
export function addExplain(root: Command, terminal: Terminal, setStatus: (status: number) => void): void {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  root
    .command("explain")
    .description("what lies between two devices of a machine, and what kernel and wire make of it")
    .option("-m, --machine <machine>", "a preset's name, an lspci -vvv dump (plain or gzip), or - for stdin", collect)
    .option("--from <device>", "0000:19:00.0, 19:00.0 or gpu0")
    .option("--to <device>", "the other one")
    .option("--iommu <mode>", "off, lazy, strict, passthrough", "off")
    .option(
      "--kernel <version>",
      `whose verdict: 4.9 (which has none), ${Object.keys(P2PDMA_RULES).join(", ")}`,
      "6.12",
    )
    .option(
      "--request-size <size>",
      `of the requests that are tried: ${RANGES.size}, up to ${printBytes(LARGEST_REQUEST)}`,
      "256KiB",
    )
    .option("--acs <setting>", "linux (as it sets the bits for the IOMMU mode), as-found, off, on", "linux")
    .option("--json", "one JSON document", false)
    .addHelpText("after", HELP)
    .exitOverride()
    .action(async (options: ExplainOptions) => setStatus(await explainCommand(options, terminal)));
}

async function explainCommand(options: ExplainOptions, terminal: Terminal): Promise<number> {
  const complaints = new Complaints();
  const read = new OptionReader(complaints);
  const iommu = theOne("--iommu", read.iommus(options.iommu), complaints);
  const acs = theOne("--acs", read.acs(options.acs), complaints);
  const requestBytes = read.size("--request-size", options.requestSize);
  if (requestBytes > LARGEST_REQUEST)
    complaints.add(`--request-size: ${requestBytes} bytes are more than ${LARGEST_REQUEST}`, EXIT.usage);
  checkKernel(options.kernel, complaints);
  for (const [option, name] of [
    ["--from", options.from],
    ["--to", options.to],
  ] as const)
    if (name === undefined) complaints.add(`${option}: names no device; give one, like gpu0 or 19:00.0`, EXIT.usage);
  const topology = await readTheMachine(options.machine ?? [], complaints);
  const ends = topology && readEnds(topology, options.from, options.to, complaints);
  complaints.throwIfAny();
  if (!topology || !ends || !iommu || !acs) return EXIT.internal;
  const forms = PROPOSALS.flatMap((proposal) => Object.keys(proposal.forms).map((form) => ({ proposal, form })));
  const [from, to] = ends;
  const explanation = explain({
    topology,
    from,
    to,
    kernel: options.kernel,
    acs,
    trial: { forms, workloads: WORKLOADS, invariants: INVARIANTS, requestBytes, iommu, kernel: MECHANISM_KERNEL },
  });
  for (const warning of topology.warnings) terminal.note(`note: ${warning}`);
  if (options.json) terminal.json("p2peval-explain/1", true, explanation, topology.warnings, []);
  else terminal.print(explanationText(explanation));
  return EXIT.done;
}

async function readTheMachine(
  named: readonly string[],
  complaints: Complaints,
): Promise<ReturnType<typeof readTopology>> {
  const [source, ...more] = new Set(named);
  if (source === undefined)
    complaints.add("-m: names no machine; give a preset or a dump (sudo lspci -Dnnvvv > host.lspci.txt)", EXIT.usage);
  if (more.length > 0) complaints.add(`-m: takes one machine, not ${more.length + 1}`, EXIT.usage);
  const machine = source === undefined ? undefined : await readMachine(source, complaints);
  return machine && readTopology(machine, complaints);
}

function checkKernel(version: string, complaints: Complaints): void {
  if (isP2pdmaKernel(version) || (/^\d+\.\d+$/.test(version) && precedesP2pdma(version))) return;
  const known = Object.keys(P2PDMA_RULES).join(", ");
  complaints.add(`--kernel: the rules of "${version}" are not known; known: 4.9, ${known}`, EXIT.usage);
}

function theOne<T>(option: string, values: readonly T[], complaints: Complaints): T | undefined {
  if (values.length > 1) complaints.add(`${option}: takes one value, not ${values.length}`, EXIT.usage);
  return values[0];
}
