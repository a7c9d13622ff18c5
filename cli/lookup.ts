import { readFile } from "node:fs/promises";
import type { Endpoint, Topology } from "../fabric/topology.ts";
import type { Grid, PlannedForm, PlannedMachine } from "../harness/plan.ts";
import { INVARIANTS } from "../invariants/index.ts";
import { findEndpoint, isFound } from "../machines/endpoints.ts";
import { importLspci } from "../machines/lspci.ts";
import { nearest } from "../machines/nearest.ts";
import { PRESETS } from "../machines/presets.ts";
import { PROPOSALS } from "../proposals/index.ts";
import type { Proposal } from "../proposals/proposal.ts";
import { hashText } from "../sim/hash.ts";
import { WORKLOADS } from "../workloads/index.ts";
import type { Workload } from "../workloads/workload.ts";
import { type Complaints, EXIT } from "./exit-status.ts";
import { isPluginPath, loadProposal } from "./plugin-file.ts";
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

/** Looks everything up; complaints tell all that is not there. The same request gives the same comparison in every worker. */
export async function lookUp(request: RunRequest, complaints: Complaints): Promise<Comparison | undefined> {
  const machines = request.machines.flatMap((machine) => lookUpMachine(machine, request, complaints));
  const origins = new Map<string, Origin>();
  const forms: PlannedForm[] = [];
  for (const name of request.proposals) forms.push(...(await lookUpForms(name, origins, complaints)));
  const workloads = request.workloads.flatMap((name) => lookUpWorkload(name, complaints));
  checkEnds(machines, workloads, complaints);
  for (const size of request.requestBytes)
    if (size > request.totalBytes)
      complaints.add(`--request-size: ${size} bytes are more than --total, ${request.totalBytes} bytes`, EXIT.usage);
  if (complaints.any) return undefined;
  const { requestBytes, totalBytes, queueDepths, reuses, iommus, acs, kernel, seed, reps, leap } = request;
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
  { from, to }: RunRequest,
  complaints: Complaints,
): readonly PlannedMachine[] {
  const topology = readTopology(machine, complaints);
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

function readTopology(machine: MachineText, complaints: Complaints): Topology | undefined {
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

/** Named ends must be ends of what is asked: another pair in their place would answer a question that nobody put. */
function checkEnds(machines: readonly PlannedMachine[], workloads: readonly Workload[], complaints: Complaints): void {
  for (const machine of machines)
    for (const workload of workloads)
      for (const fault of endFaults(machine, workload)) complaints.add(fault, EXIT.usage);
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
  name: string,
  origins: Map<string, Origin>,
  complaints: Complaints,
): Promise<readonly PlannedForm[]> {
  const path = isPluginPath(name) ? name.replace(/(\.m?js)\/[a-z0-9-]+$/, "$1") : undefined;
  const wanted = path === undefined ? name.split("/")[1] : name.slice(path.length + 1) || undefined;
  const proposal =
    path === undefined
      ? await builtIn(name.split("/")[0] ?? "", origins, complaints)
      : await plugin(path, origins, complaints);
  if (proposal === undefined) return [];
  const known = Object.keys(proposal.forms);
  if (wanted === undefined) return known.map((form) => ({ proposal, form }));
  if (known.includes(wanted)) return [{ proposal, form: wanted }];
  complaints.add(`-p: ${proposal.name} has no form "${wanted}"; its forms: ${known.join(", ")}`, EXIT.usage);
  return [];
}

async function builtIn(
  name: string,
  origins: Map<string, Origin>,
  complaints: Complaints,
): Promise<Proposal | undefined> {
  const proposal = PROPOSALS.find((each) => each.name === name);
  if (proposal === undefined) {
    const known = PROPOSALS.map((each) => each.name);
    const near = nearest(name, known);
    if (name === "" || name === "." || name === "..") {
      complaints.add(`-p: the path of a plugin ends in .mjs or .js; known proposals: ${known.join(", ")}`, EXIT.usage);
      return undefined;
    }
    complaints.add(
      `-p: there is no proposal "${name}"; known: ${known.join(", ")}, or the path of a plugin${near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""}`,
      EXIT.usage,
    );
    return undefined;
  }
  origins.set(name, {
    hash: hashText(
      await readFile(
        new URL(`../proposals/${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
        "utf8",
      ),
    ),
  });
  return proposal;
}

async function plugin(
  path: string,
  origins: Map<string, Origin>,
  complaints: Complaints,
): Promise<Proposal | undefined> {
  const loaded = await loadProposal(path, complaints);
  if (loaded === undefined) return undefined;
  const { proposal, hash } = loaded;
  const taken =
    PROPOSALS.some(({ name }) => name === proposal.name) ||
    (origins.has(proposal.name) && origins.get(proposal.name)?.hash !== hash);
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
