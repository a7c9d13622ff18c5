import { Parameters } from "../../calibration/parameters.ts";
import { memoryBarOf } from "../../fabric/memory-bar.ts";
import type { Endpoint, Topology } from "../../fabric/topology.ts";
import type { CellPlan } from "../../harness/cell-plan.ts";
import { nearestPairs } from "../../harness/device-pair.ts";
import { MachineVariants } from "../../harness/machine-variants.ts";
import { type Listener, runCell } from "../../harness/run-cell.ts";
import { INVARIANTS } from "../../invariants/index.ts";
import type { Invariant } from "../../invariants/invariant.ts";
import { PRESETS } from "../../machines/presets.ts";
import { PROPOSALS } from "../../proposals/index.ts";
import type { Form } from "../../proposals/proposal.ts";
import type { AcsSetting, BarSetting, IommuMode } from "../../record/cell.ts";
import type { Event, EventKind, EventOf } from "../../record/event.ts";
import type { Outcome } from "../../record/outcome.ts";
import { bytes } from "../../sim/units.ts";
import { WORKLOADS } from "../../workloads/index.ts";
import type { Workload } from "../../workloads/workload.ts";

export const KIB: number = 2 ** 10;
export const MIB: number = 2 ** 20;
export const GIB: number = 2 ** 30;

export type WorkloadName =
  | "storage-to-gpu"
  | "gpu-to-storage"
  | "gpu-to-gpu"
  | "gpu-to-gpu-pull"
  | "capture-to-gpu"
  | "capture-to-storage"
  | "nic-to-gpu";

/** A cell in few words; what is left out is the least that shows anything: 64 requests of 4 KiB, four at a time, on one-switch. */
export interface Words {
  /** A preset's name, or a machine. */
  readonly machine?: string | Topology;
  /** "zone-device/as-posted", or a form of the test's own. */
  readonly form?: string | Form;
  readonly workload?: WorkloadName;
  readonly size?: number;
  readonly total?: number;
  readonly depth?: number;
  readonly reuse?: number;
  readonly iommu?: IommuMode;
  readonly acs?: AcsSetting;
  readonly bar?: BarSetting;
  readonly leap?: boolean;
  readonly initiators?: number;
  /** In bytes per second. */
  readonly dramLoad?: number;
  /** Ends that are named: a memory is then everybody's. */
  readonly ends?: { readonly from?: string; readonly to?: string };
  /** Constants that differ from their typical values. */
  readonly constants?: Readonly<Record<string, number>>;
  readonly invariants?: readonly Invariant[];
}

/** A cell and all that it takes to run it. */
export function cellPlan(words: Words): CellPlan {
  const {
    size = 4 * KIB,
    depth = 4,
    reuse = 1,
    iommu = "off",
    acs = "as-found",
    bar = "as-found",
    leap = false,
  } = words;
  const topology = new MachineVariants(machineOf(words.machine ?? "one-switch")).under({ iommu, acs, bar });
  const workload = workloadOf(words.workload ?? "storage-to-gpu");
  const { initiators = 1, dramLoad = 0, ends = {} } = words;
  const named = (id: string | undefined): Endpoint | undefined =>
    topology.functions.find((each): each is Endpoint => each.kind === "endpoint" && each.id === id);
  const [from, to] = [named(ends.from), named(ends.to)];
  const pairs = nearestPairs(topology, workload, { ...(from && { from }), ...(to && { to }) }, initiators);
  if (typeof pairs === "string") throw new Error(pairs);
  const [pair, ...others] = pairs;
  const form = formOf(words.form ?? "zone-device/as-posted");
  return {
    cell: {
      id: "a cell",
      rep: 0,
      ...nameOf(words.form ?? "zone-device/as-posted"),
      provenance: form.provenance,
      workload: workload.name,
      machine: topology.name,
      machineHash: "",
      from: pair.from.id,
      to: pair.to.id,
      requestBytes: bytes(size),
      totalBytes: bytes(words.total ?? 64 * size),
      queueDepth: depth,
      reuse,
      iommu,
      acs,
      kernel: "4.9",
      seed: 1,
      initiators,
      dramLoad,
      bar,
      barBytes: memoryBarOf(pair[workload.exporter])?.size ?? bytes(0),
    },
    others: others.map((each) => ({ from: each.from.id, to: each.to.id })),
    topology,
    form,
    workload,
    parameters: Parameters.typical().with(words.constants ?? {}),
    invariants: words.invariants ?? INVARIANTS,
    leap,
  };
}

/** Runs a cell in few words. */
export const run = (words: Words, listen?: Listener): Outcome => runCell(cellPlan(words), listen);

/** Everything that happened in a cell, in order. */
export function historyOf(words: Words): readonly Event[] {
  const events: Event[] = [];
  run(words, ({ history }) => history.onAny((event) => events.push(event)));
  return events;
}

/** The events of one kind, in order. */
export const only = <K extends EventKind>(events: readonly Event[], kind: K): readonly EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind);

/** A number of an outcome; the test fails where it carries none of that name. */
export function measured(outcome: Outcome, metric: string, stat: string = "", subject: string = ""): number {
  const found = outcome.measures.find(
    (each) => each.metric === metric && each.subject === subject && (stat === "" || each.stat === stat),
  );
  if (found === undefined) throw new Error(`${outcome.status} (${outcome.reason}) has no ${metric} ${stat} ${subject}`);
  return found.value;
}

/** How often an operation was done between the first submission and the last completion. */
export const countOf = (outcome: Outcome, operation: string): number =>
  outcome.measures.find(({ metric, subject }) => metric === "operations" && subject === operation)?.value ?? 0;

/** The verdict of every judge, by the invariant's name. */
export const verdictsOf = (outcome: Outcome): Readonly<Record<string, string>> =>
  Object.fromEntries(outcome.verdicts.map(({ invariant, verdict }) => [invariant, verdict]));

/** The invariants that an outcome says are broken. */
export const brokenIn = (outcome: Outcome): readonly string[] =>
  outcome.verdicts.flatMap(({ invariant, verdict }) => (verdict === "broken" ? [invariant] : []));

/** What an outcome says, apart from how it was computed. */
export function result({
  method: _method,
  methodReason: _methodReason,
  ...rest
}: Outcome): Omit<Outcome, "method" | "methodReason"> {
  return rest;
}

export function machineOf(machine: string | Topology): Topology {
  if (typeof machine !== "string") return machine;
  const preset = PRESETS.get(machine);
  if (preset === undefined) throw new Error(`no preset is called ${machine}`);
  return preset.topology();
}

/** A preset whose GPUs reach as much of their memory as one is told to; their registers take 64 KiB. */
export function withAperture(name: string, size: number): Topology {
  const machine = machineOf(name);
  const resized = ({ bars }: Endpoint): Endpoint["bars"] =>
    bars.map((bar) => ({ ...bar, size: bytes(bar.index === 1 ? size : 64 * KIB) }));
  return {
    ...machine,
    functions: machine.functions.map((each) =>
      each.kind === "endpoint" && each.role === "gpu" ? { ...each, bars: resized(each) } : each,
    ),
  };
}

/** The two ends that a cell takes, and which of them has the memory. */
export function endsOf(words: Words): {
  readonly from: string;
  readonly to: string;
  readonly exporter: string;
  readonly importer: string;
} {
  const { cell, workload } = cellPlan(words);
  const { from, to } = cell;
  return workload.exporter === "to"
    ? { from, to, exporter: to, importer: from }
    : { from, to, exporter: from, importer: to };
}

/** The first endpoint of a role. */
export function endpointOf(topology: Topology, role: Endpoint["role"]): Endpoint {
  const found = topology.functions.find((each): each is Endpoint => each.kind === "endpoint" && each.role === role);
  if (found === undefined) throw new Error(`${topology.name} has no ${role}`);
  return found;
}

export function workloadOf(name: string): Workload {
  const found = WORKLOADS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no workload is called ${name}`);
  return found;
}

/** A form of ours, by "proposal/form". */
export function formOf(form: string | Form): Form {
  if (typeof form !== "string") return form;
  const [proposal, name] = form.split("/");
  const found = PROPOSALS.find((each) => each.name === proposal)?.forms[name ?? ""];
  if (found === undefined) throw new Error(`no form is called ${form}`);
  return found;
}

function nameOf(form: string | Form): { readonly proposal: string; readonly form: string } {
  const [proposal = "", name = ""] = typeof form === "string" ? form.split("/") : ["a test's own", "as-written"];
  return { proposal, form: name };
}
