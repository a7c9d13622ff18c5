import { setImmediate } from "node:timers/promises";
import type { Command } from "commander";
import { type Hierarchy, hierarchyOfMachine, type PciDev } from "../fabric/hierarchy.ts";
import { type Boot, type MapType, mapTypeOf } from "../kernel/p2pdma/map-type.ts";
import { isP2pdmaKernel, P2PDMA_RULES, type P2pdmaKernel, precedesP2pdma } from "../kernel/p2pdma/rules.ts";
import { importHierarchies } from "../machines/hierarchies.ts";
import { importLspci } from "../machines/lspci.ts";
import type { InputFault } from "../machines/machine.ts";
import { nearest } from "../machines/nearest.ts";
import { recognise } from "../machines/recognise.ts";
import { csvText } from "../reports/csv.ts";
import { Complaints, EXIT } from "./exit-status.ts";
import { readInput } from "./input-file.ts";
import { labelOf } from "./machine-source.ts";
import type { Terminal } from "./terminal.ts";

const CPUS = ["generic", "amd-zen"] as const;
const IOMMUS = ["off", "on"] as const;

interface VerdictOptions {
  readonly kernel: string;
  readonly cpu?: readonly string[];
  readonly iommu?: readonly string[];
  readonly json: boolean;
}

/** One boot of a machine, as the options name it. */
interface Configuration {
  readonly cpu: (typeof CPUS)[number];
  readonly iommu: (typeof IOMMUS)[number];
}

/** A row of what is printed; columns in this order. */
interface VerdictRow extends Configuration {
  readonly topology: string;
  /** A node of CSV, or the address of a function of a dump. */
  readonly provider: number | string;
  readonly client: number | string;
  readonly map_type: MapType;
  readonly distance: number;
}

const COLUMNS = ["topology", "cpu", "iommu", "provider", "client", "map_type", "distance"] as const;

const HELP = `
Example:
  p2peval kernel verdicts hierarchies.csv --kernel 6.12 --cpu amd-zen --iommu on

FILE is a machine (sudo lspci -Dnnvvv), of which every pair of endpoints is judged, by their addresses and, unless --cpu
says otherwise, with the machine's own CPU; or it has a row for each PCI function. - reads standard input. Columns, by name:
  topology        the hierarchy that the row belongs to
  node, parent    numbers; a parent is a node, or -1, -2 ... for host bridge 1, 2 ...
  kind            H first device of the root bus, R root port, U and D a switch's upstream and downstream port, E endpoint,
                  I integrated endpoint, B PCIe-to-PCI bridge, C conventional device
  devfn, vendor, device   hexadecimal
  acs_ctl         the ACS control register, hexadecimal (SV 01, TB 02, RR 04, CR 08, UF 10, EC 20, DT 40); empty: no ACS
Prints ${COLUMNS.join(",")} for each ordered pair of endpoints. A distance below 0
is 4.20's way to say why not: -1 no common bridge, -2 ACS redirects.`;

/** Adds `kernel verdicts`, and the name of what is to come. */
export function addKernel(root: Command, terminal: Terminal, setStatus: (status: number) => void): void {
  const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(",")];
  const kernel = root.command("kernel").description("what a Linux kernel decides about peer-to-peer").exitOverride();
  kernel
    .command("verdicts")
    .description("pci_p2pdma's map type and distance for every pair of endpoints in FILE, as CSV")
    .argument("<file>", "an lspci -vvv dump or PCI hierarchies as CSV, plain or gzip, or - for stdin")
    .option("--kernel <version>", Object.keys(P2PDMA_RULES).join(", "), "6.12")
    .option("--cpu <cpus>", `${CPUS.join(", ")}; repeatable (default: both)`, gather)
    .option("--iommu <settings>", `${IOMMUS.join(", ")}; repeatable (default: both)`, gather)
    .option("--json", "one JSON document", false)
    .addHelpText("after", HELP)
    .exitOverride()
    .action(async (file: string, options: VerdictOptions) => setStatus(await verdictsCommand(file, options, terminal)));
  kernel
    .command("counts", { hidden: true })
    .allowUnknownOption()
    .argument("[rest...]")
    .action(() => {
      terminal.note(`p2peval: "kernel counts" is reserved for a later version; this one has kernel verdicts`);
      setStatus(EXIT.usage);
    });
}

async function verdictsCommand(file: string, options: VerdictOptions, terminal: Terminal): Promise<number> {
  const complaints = new Complaints();
  const kernel = readKernel(options.kernel, complaints);
  const named = chosen("--cpu", options.cpu, CPUS, complaints);
  const iommus = chosen("--iommu", options.iommu, IOMMUS, complaints);
  const input = await readInput(
    file,
    "an lspci dump or CSV of PCI hierarchies (p2peval kernel verdicts --help)",
    complaints,
  );
  const { hierarchies, faults, ...dump } = input ? judged(input) : NOTHING;
  for (const { line, column, what, remedy } of faults)
    complaints.add(`${input?.source}:${line}:${column}: ${what}; ${remedy}`, EXIT.unreadable);
  complaints.throwIfAny();
  if (kernel === undefined) return EXIT.usage;
  for (const warning of dump.warnings) terminal.note(`note: ${warning}`);
  const cpus = options.cpu === undefined && dump.cpu ? [dump.cpu] : named;
  const configurations = iommus.flatMap((iommu) => cpus.map((cpu) => ({ cpu, iommu })));
  const rows = verdictRows(hierarchies, configurations, kernel);
  if (options.json)
    terminal.json("p2peval-kernel-verdicts/1", true, { kernel, verdicts: [...rows] }, dump.warnings, []);
  else await printCsv(rows, terminal);
  return EXIT.done;
}

/** What is to be judged, or what is wrong with it; of a dump, also its CPU and what was assumed of it. */
interface Judged {
  readonly hierarchies: readonly Hierarchy[];
  readonly faults: readonly InputFault[];
  readonly warnings: readonly string[];
  readonly cpu?: Configuration["cpu"];
}

const NOTHING: Judged = { hierarchies: [], faults: [], warnings: [] };

function judged({ text, source }: { readonly text: string; readonly source: string }): Judged {
  if (recognise(text) !== "lspci") return { ...importHierarchies(text), warnings: [] };
  const machine = importLspci(text, labelOf(source));
  if ("length" in machine) return { ...NOTHING, faults: machine };
  const { platform, warnings } = machine;
  return {
    hierarchies: [hierarchyOfMachine(machine)],
    faults: [],
    warnings,
    cpu: platform === "amd-zen" ? "amd-zen" : "generic",
  };
}

/** Pairs grow with the square of endpoints, so rows are printed as they are judged, until nobody reads them any more. */
async function printCsv(rows: Iterable<VerdictRow>, terminal: Terminal): Promise<void> {
  let gone = false;
  terminal.output.once("error", () => {
    gone = true;
  });
  const header = csvText(COLUMNS, []);
  terminal.print(header);
  let batch: VerdictRow[] = [];
  const flush = (): void => {
    if (batch.length > 0) terminal.print(csvText(COLUMNS, batch).slice(header.length));
    batch = [];
  };
  for (const row of rows) {
    batch.push(row);
    if (batch.length < ROWS_AT_A_TIME) continue;
    flush();
    await setImmediate();
    if (gone) return;
  }
  flush();
}

const ROWS_AT_A_TIME = 10_000;

/** Boots outermost, then hierarchies, then providers, then clients. */
function* verdictRows(
  hierarchies: readonly Hierarchy[],
  configurations: readonly Configuration[],
  kernel: P2pdmaKernel,
): Generator<VerdictRow> {
  for (const configuration of configurations)
    for (const hierarchy of hierarchies)
      for (const provider of hierarchy.endpoints) yield* verdictsOn(provider, hierarchy, configuration, kernel);
}

function* verdictsOn(
  provider: PciDev,
  { name, endpoints }: Hierarchy,
  { cpu, iommu }: Configuration,
  kernel: P2pdmaKernel,
): Generator<VerdictRow> {
  const boot: Boot = { kernel, cpuIsZen: cpu === "amd-zen", iommu: iommu === "on" };
  for (const client of endpoints) {
    if (client === provider) continue;
    const { mapType, distance } = mapTypeOf(provider, client, boot);
    const pair = { provider: nodeOf(provider), client: nodeOf(client) };
    yield { topology: name, cpu, iommu, ...pair, map_type: mapType, distance };
  }
}

/** CSV names nodes by numbers, a dump by addresses, in which there are colons. */
const nodeOf = ({ id }: PciDev): number | string => (id.includes(":") ? id : Number(id));

function readKernel(version: string, complaints: Complaints): P2pdmaKernel | undefined {
  if (isP2pdmaKernel(version)) return version;
  const known = Object.keys(P2PDMA_RULES).join(", ");
  if (/^\d+\.\d+$/.test(version) && precedesP2pdma(version))
    complaints.add(`--kernel: ${version} has no pci_p2pdma: it was merged in 4.20; known: ${known}`, EXIT.usage);
  else complaints.add(`--kernel: the rules of "${version}" are not known; known: ${known}`, EXIT.usage);
  return undefined;
}

/** What was named of a few words, in their own order; all of them where nothing was. */
function chosen<T extends string>(
  option: string,
  given: readonly string[] | undefined,
  all: readonly T[],
  complaints: Complaints,
): readonly T[] {
  const named = given?.map((each) => each.trim());
  for (const each of named ?? [])
    if (!all.some((word) => word === each)) {
      const near = nearest(each, all);
      const meant = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
      complaints.add(`${option}: "${each}" is not one of ${all.join(", ")}${meant}`, EXIT.usage);
    }
  return all.filter((word) => named?.includes(word) ?? true);
}
