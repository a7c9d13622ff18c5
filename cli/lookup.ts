import type { Endpoint, Topology } from "../fabric/topology.ts";
import type { Grid, PlannedForm, PlannedMachine } from "../harness/plan.ts";
import { INVARIANTS } from "../invariants/index.ts";
import { type Attachment, attach } from "../machines/attach.ts";
import { findEndpoint, isFound } from "../machines/endpoints.ts";
import { importLspci } from "../machines/lspci.ts";
import { nearest } from "../machines/nearest.ts";
import { PRESETS } from "../machines/presets.ts";
import { resizeBars } from "../machines/resize-bars.ts";
import { PROPOSALS } from "../proposals/index.ts";
import type { Proposal } from "../proposals/proposal.ts";
import { hashText } from "../sim/hash.ts";
import { WORKLOADS } from "../workloads/index.ts";
import type { Workload } from "../workloads/workload.ts";
import { sourceHash } from "./built-in-source.ts";
import { type Complaints, EXIT } from "./exit-status.ts";
import { readProposalName } from "./proposal-name.ts";
import type { MachineText, RunRequest } from "./request.ts";

/** The file of a proposal: what it hashes to, and its path where it is a plugin. */
export interface Origin {
  readonly hash: string;
  readonly path?: string;
}

/** A request with every name turned into what it stands for. */
export interface Comparison {
  readonly grid: Grid;
  /** Where each proposal came from, by its name. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** What was assumed while reading the machines. */
  readonly warnings: readonly string[];
}

/** Finds the proposal of a plugin: the plugin itself where cells are run, else what stands for it. */
export type OpenPlugin = (
  path: string,
  complaints: Complaints,
) => Promise<{ readonly proposal: Proposal; readonly hash: string } | undefined>;

/** Looks everything up; complaints tell all that is not there. The same request gives the same comparison in every worker. */
export async function lookUp(
  request: RunRequest,
  complaints: Complaints,
  open: OpenPlugin,
): Promise<Comparison | undefined> {
  const machines = request.machines.flatMap((machine) => lookUpMachine(machine, request, complaints));
  const origins = new Map<string, Origin>();
  const forms: PlannedForm[] = [];
  for (const name of request.proposals) forms.push(...(await lookUpForms(name, origins, complaints, open)));
  const workloads =
    request.workloads.length === 0
      ? workloadsThatJoin(machines, complaints)
      : request.workloads.flatMap((name) => lookUpWorkload(name, complaints));
  checkEnds(machines, workloads, complaints);
  checkBars(machines, request.bars, complaints);
  for (const size of request.requestBytes)
    if (size > request.totalBytes)
      complaints.add(`--request-size: ${size} bytes are more than --total, ${request.totalBytes} bytes`, EXIT.usage);
  if (complaints.any) return undefined;
  const { requestBytes, totalBytes, queueDepths, reuses, iommus, acs, bars, kernel, seed, reps, leap } = request;
  const { initiators, dramLoads } = request;
  return {
    grid: {
      machines,
      forms: unique(forms),
      workloads,
      requestBytes,
      totalBytes,
      queueDepths,
      reuses,
      iommus,
      acs,
      initiators,
      dramLoads,
      bars,
      kernel,
      seed,
      reps,
      leap,
      invariants: INVARIANTS,
    },
    origins,
    warnings: machines.flatMap(({ topology }) => topology.warnings.map((warning) => `${topology.name}: ${warning}`)),
  };
}

function lookUpMachine(
  machine: MachineText,
  { attachments, from, to }: RunRequest,
  complaints: Complaints,
): readonly PlannedMachine[] {
  const found = readTopology(machine, complaints);
  const topology = found && withAttached(found, attachments, complaints);
  if (topology === undefined) return [];
  const ends = {
    from: lookUpDevice(topology, "--from", from, complaints),
    to: lookUpDevice(topology, "--to", to, complaints),
  };
  return [
    {
      topology,
      hash: hashText(JSON.stringify(topology)),
      ...(ends.from ? { from: ends.from } : {}),
      ...(ends.to ? { to: ends.to } : {}),
    },
  ];
}

function withAttached(found: Topology, attachments: readonly Attachment[], complaints: Complaints): Topology {
  let topology = found;
  for (const attachment of attachments) {
    const widened = attach(topology, attachment);
    if (typeof widened === "string") complaints.add(`--attach: ${widened}`, EXIT.usage);
    else topology = widened;
  }
  return topology;
}

/** A preset, or what its dump describes; undefined, with complaints, where the text describes no machine. */
export function readTopology(machine: MachineText, complaints: Complaints): Topology | undefined {
  if ("preset" in machine) return PRESETS.get(machine.preset)?.topology();
  const imported = importLspci(machine.text, machine.label);
  if (!Array.isArray(imported)) return imported as Topology;
  for (const { line, column, what, remedy } of imported)
    complaints.add(`${machine.source}:${line}:${column}: ${what}; ${remedy}`, EXIT.unreadable);
  return undefined;
}

function lookUpDevice(
  topology: Topology,
  option: string,
  name: string | undefined,
  complaints: Complaints,
): Endpoint | undefined {
  if (name === undefined) return undefined;
  const found = findEndpoint(topology, name);
  if (isFound(found)) return found;
  const near =
    found.near.length > 0
      ? `; did you mean ${found.near.join(" or ")}?`
      : `; its devices: p2peval list machines -m ${topology.name}`;
  complaints.add(`${option}: ${topology.name} has no device "${name}"${near}`, EXIT.usage);
  return undefined;
}

/** Every machine must have room for its BARs at every size that is asked for. */
function checkBars(machines: readonly PlannedMachine[], bars: RunRequest["bars"], complaints: Complaints): void {
  for (const { topology } of machines)
    for (const bar of bars) {
      const sized = bar === "as-found" ? topology : resizeBars(topology, bar);
      if (typeof sized === "string") complaints.add(`--bar: ${sized}`, EXIT.usage);
    }
}

/** Named ends must be ends of what is asked: another pair in their place would answer a question that nobody put. */
function checkEnds(machines: readonly PlannedMachine[], workloads: readonly Workload[], complaints: Complaints): void {
  for (const machine of machines)
    for (const workload of workloads)
      for (const fault of endFaults(machine, workload)) complaints.add(fault, EXIT.usage);
}

/** What can be asked of the devices that were named; everything where none was. */
function workloadsThatJoin(machines: readonly PlannedMachine[], complaints: Complaints): readonly Workload[] {
  const joining = WORKLOADS.filter((workload) =>
    machines.every((machine) => [...endFaults(machine, workload)].length === 0),
  );
  if (joining.length === 0) {
    const ends = machines.flatMap(({ from, to }) =>
      [from, to].flatMap((each) => (each ? [`${each.id} (${each.role})`] : [])),
    );
    complaints.add(`no workload joins ${[...new Set(ends)].join(" and ")}; see: p2peval list workloads`, EXIT.usage);
  }
  return joining;
}

function* endFaults({ topology, from, to }: PlannedMachine, workload: Workload): Generator<string> {
  const joins = `${workload.name} joins ${workload.from} and ${workload.to}`;
  const named = [from, to].filter((each) => each !== undefined);
  const strangers = named.filter(({ role }) => role !== workload.from && role !== workload.to);
  for (const { id, role } of strangers)
    yield `${id} of ${topology.name} is of role ${role}, but ${joins}; name another device`;
  const alike = named.length === 2 && named[0]?.role === named[1]?.role && workload.from !== workload.to;
  if (alike && strangers.length === 0) yield `--from and --to are both of role ${named[0]?.role}, but ${joins}`;
}

async function lookUpForms(
  text: string,
  origins: Map<string, Origin>,
  complaints: Complaints,
  open: OpenPlugin,
): Promise<readonly PlannedForm[]> {
  const read = readProposalName(text);
  if (typeof read === "string") {
    complaints.add(`-p: ${read}; known proposals: ${KNOWN.join(", ")}`, EXIT.usage);
    return [];
  }
  const { form } = read;
  const proposal =
    read.kind === "plugin"
      ? await plugin(read.path, origins, complaints, open)
      : await builtIn(read.name, origins, complaints);
  if (proposal === undefined) return [];
  const known = Object.keys(proposal.forms);
  if (form === undefined) return known.map((each) => ({ proposal, form: each }));
  if (known.includes(form)) return [{ proposal, form }];
  complaints.add(`-p: ${proposal.name} has no form "${form}"; its forms: ${known.join(", ")}`, EXIT.usage);
  return [];
}

const KNOWN: readonly string[] = PROPOSALS.map(({ name }) => name);

async function builtIn(
  name: string,
  origins: Map<string, Origin>,
  complaints: Complaints,
): Promise<Proposal | undefined> {
  const proposal = PROPOSALS.find((each) => each.name === name);
  if (proposal === undefined) {
    const near = nearest(name, KNOWN);
    complaints.add(
      `-p: there is no proposal "${name}"; known: ${KNOWN.join(", ")}, or the path of a plugin${near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""}`,
      EXIT.usage,
    );
    return undefined;
  }
  origins.set(name, { hash: await sourceHash(name) });
  return proposal;
}

async function plugin(
  path: string,
  origins: Map<string, Origin>,
  complaints: Complaints,
  open: OpenPlugin,
): Promise<Proposal | undefined> {
  const opened = await open(path, complaints);
  if (opened === undefined) return undefined;
  const { proposal, hash } = opened;
  const taken =
    KNOWN.includes(proposal.name) || (origins.has(proposal.name) && origins.get(proposal.name)?.hash !== hash);
  if (taken) {
    complaints.add(
      `${path}: another proposal is called "${proposal.name}"; give this one a name of its own`,
      EXIT.usage,
    );
    return undefined;
  }
  origins.set(proposal.name, { hash, path });
  return proposal;
}

function lookUpWorkload(name: string, complaints: Complaints): readonly Workload[] {
  const workload = WORKLOADS.find((each) => each.name === name);
  if (workload) return [workload];
  const known = WORKLOADS.map((each) => each.name);
  const near = nearest(name, known);
  complaints.add(
    `-w: there is no workload "${name}"; known: ${known.join(", ")}${near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""}`,
    EXIT.usage,
  );
  return [];
}

const unique = (forms: readonly PlannedForm[]): readonly PlannedForm[] => [
  ...new Map(forms.map((each) => [`${each.proposal.name}/${each.form}`, each])).values(),
];
