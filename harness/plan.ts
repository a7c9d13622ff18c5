import { Parameters } from "../calibration/parameters.ts";
import { memoryBarOf } from "../fabric/memory-bar.ts";
import type { Endpoint, Topology } from "../fabric/topology.ts";
import type { Invariant } from "../invariants/invariant.ts";
import type { Proposal } from "../proposals/proposal.ts";
import type { AcsSetting, BarSetting, Cell, IommuMode } from "../record/cell.ts";
import type { Outcome } from "../record/outcome.ts";
import { hashText } from "../sim/hash.ts";
import { type Bytes, bytes } from "../sim/units.ts";
import type { Workload } from "../workloads/workload.ts";
import type { CellPlan, PairOfNames } from "./cell-plan.ts";
import { type DevicePair, nearestPair, nearestPairs } from "./device-pair.ts";
import { MachineVariants } from "./machine-variants.ts";
import { ended, runCell } from "./run-cell.ts";

/** A machine taking part, with the ends that the user fixed on it. */
export interface PlannedMachine {
  readonly topology: Topology;
  readonly hash: string;
  readonly from?: Endpoint;
  readonly to?: Endpoint;
}

export interface PlannedForm {
  readonly proposal: Proposal;
  readonly form: string;
}

/** Everything that a comparison varies: the cells are all combinations. */
export interface Grid {
  readonly machines: readonly PlannedMachine[];
  readonly forms: readonly PlannedForm[];
  readonly workloads: readonly Workload[];
  readonly requestBytes: readonly Bytes[];
  readonly totalBytes: Bytes;
  readonly queueDepths: readonly number[];
  readonly reuses: readonly number[];
  readonly iommus: readonly IommuMode[];
  readonly acs: readonly AcsSetting[];
  /** How many devices do the workload at once. */
  readonly initiators: readonly number[];
  /** What CPUs do to memory meanwhile, in bytes per second. */
  readonly dramLoads: readonly number[];
  readonly bars: readonly BarSetting[];
  readonly kernel: string;
  readonly seed: number;
  /** Repetitions: 0 at typical constants, the others drawn. */
  readonly reps: number;
  readonly leap: boolean;
  readonly invariants: readonly Invariant[];
}

/** A cell, and either what it takes to run it or why it cannot be run on this machine. */
export interface PlannedCell {
  readonly cell: Cell;
  /** The pairs that do the same beside the cell's own. */
  readonly others: readonly PairOfNames[];
  readonly parameters: Parameters;
  readonly run: () => Outcome;
}

/** How many cells a grid has, told without making them. */
export const cellCount = (grid: Grid): number =>
  grid.workloads.reduce(
    (sum, workload) =>
      sum +
      [
        grid.machines,
        grid.forms,
        grid.iommus,
        grid.acs,
        grid.initiators,
        grid.dramLoads,
        grid.bars,
        reusesOf(workload, grid),
        depthsOf(workload, grid),
        sizesOf(workload, grid),
      ].reduce((product, axis) => product * axis.length, grid.reps),
    0,
  );

/** A registration that is made once serves every request. */
const reusesOf = ({ registration }: Workload, { reuses }: Grid): readonly number[] =>
  registration === "once" ? [Number.POSITIVE_INFINITY] : reuses;

const depthsOf = ({ ring }: Workload, { queueDepths }: Grid): readonly number[] =>
  ring === undefined ? queueDepths : [ring];

/** A stream has whole frames, and one at least. */
const totalOf = ({ formats }: Workload, requestBytes: Bytes, { totalBytes }: Grid): Bytes =>
  formats ? bytes(Math.max(1, Math.floor(totalBytes / requestBytes)) * requestBytes) : totalBytes;

/** A stream's requests are its frames. */
const sizesOf = ({ formats }: Workload, { requestBytes }: Grid): readonly Bytes[] =>
  formats?.map((format) => bytes(format.bytes)) ?? requestBytes;

/** All cells of a grid, in a fixed order. */
export function plan(grid: Grid): readonly PlannedCell[] {
  const cells: PlannedCell[] = [];
  for (const machine of grid.machines) {
    const variants = new MachineVariants(machine.topology);
    for (const workload of grid.workloads)
      for (const form of grid.forms)
        for (const setting of settings(grid, workload))
          for (let rep = 0; rep < grid.reps; rep += 1)
            cells.push(planCell(grid, { machine, variants, workload }, form, setting, rep));
  }
  return cells;
}

/** Where a cell runs, and what is asked there. */
interface Place {
  readonly machine: PlannedMachine;
  readonly variants: MachineVariants;
  readonly workload: Workload;
}

interface Setting {
  readonly requestBytes: Bytes;
  readonly queueDepth: number;
  readonly reuse: number;
  readonly iommu: IommuMode;
  readonly acs: AcsSetting;
  readonly bar: BarSetting;
  readonly initiators: number;
  readonly dramLoad: number;
}

function* settings(grid: Grid, workload: Workload): Generator<Setting> {
  for (const variant of variantsIn(grid))
    for (const background of backgroundsIn(grid))
      for (const reuse of reusesOf(workload, grid))
        for (const queueDepth of depthsOf(workload, grid))
          for (const requestBytes of sizesOf(workload, grid))
            yield { requestBytes, queueDepth, reuse, ...variant, ...background };
}

/** What changes the machine itself. */
function* variantsIn({ iommus, acs, bars }: Grid): Generator<Pick<Setting, "iommu" | "acs" | "bar">> {
  for (const iommu of iommus) for (const each of acs) for (const bar of bars) yield { iommu, acs: each, bar };
}

/** What goes on beside the pair that is measured. */
function* backgroundsIn({ initiators, dramLoads }: Grid): Generator<Pick<Setting, "initiators" | "dramLoad">> {
  for (const each of initiators) for (const dramLoad of dramLoads) yield { initiators: each, dramLoad };
}

function planCell(
  grid: Grid,
  { machine, variants, workload }: Place,
  { proposal, form: formName }: PlannedForm,
  setting: Setting,
  rep: number,
): PlannedCell {
  const form = proposal.forms[formName];
  if (form === undefined) throw new RangeError(`${proposal.name} has no form ${formName}`);
  const topology = variants.under(setting);
  const { initiators, dramLoad, ...rest } = setting;
  const pairs = nearestPairs(machine.topology, workload, endsFor(machine, workload), initiators);
  const pair =
    typeof pairs === "string" ? nearestPair(machine.topology, workload, endsFor(machine, workload)) : pairs[0];
  const others = typeof pairs === "string" ? [] : pairs.slice(1).map(({ from, to }) => ({ from: from.id, to: to.id }));
  const identity = {
    proposal: proposal.name,
    form: formName,
    provenance: form.provenance,
    workload: workload.name,
    machine: machine.topology.name,
    machineHash: machine.hash,
    from: typeof pair === "string" ? "" : pair.from.id,
    to: typeof pair === "string" ? "" : pair.to.id,
    totalBytes: totalOf(workload, setting.requestBytes, grid),
    kernel: grid.kernel,
    seed: grid.seed,
    barBytes: typeof pair === "string" ? bytes(0) : windowOf(topology, pair[workload.exporter]),
    ...rest,
  };
  const cell: Cell = {
    ...identity,
    initiators,
    dramLoad,
    id: identifierOf({ ...identity, ...backgroundOf(setting, others) }),
    rep,
  };
  const parameters = Parameters.drawn(grid.seed, rep, proposal.constants ?? {});
  const cellPlan: CellPlan = {
    cell,
    others,
    topology,
    form,
    workload,
    parameters,
    invariants: grid.invariants,
    leap: grid.leap,
  };
  return {
    cell,
    others,
    parameters,
    run: () => (typeof pairs === "string" ? ended(cellPlan, "inapplicable", pairs) : runCell(cellPlan)),
  };
}

const identifierOf = (identity: object): string =>
  hashText(JSON.stringify(Object.entries(identity).map(([key, value]) => [key, String(value)])));

/** What a cell's id says of its background: nothing where there is none, so that ids are those of times without. */
const backgroundOf = ({ initiators, dramLoad }: Setting, others: readonly PairOfNames[]): object => ({
  ...(initiators === 1 ? {} : { initiators, others: others.map(({ from, to }) => `${from} to ${to}`).join(", ") }),
  ...(dramLoad === 0 ? {} : { dramLoad }),
});
/** How much of its memory a device shows in this variant of its machine. */
function windowOf({ functions }: Topology, device: DevicePair["from"]): Bytes {
  const there = functions.find((each): each is Endpoint => each.kind === "endpoint" && each.id === device.id);
  return (there && memoryBarOf(there)?.size) ?? bytes(0);
}

/** `--from` and `--to` name two devices; each takes the end whose role it has, so that one pair serves both directions. */
function endsFor(
  { from, to }: PlannedMachine,
  workload: Workload,
): { readonly from?: Endpoint; readonly to?: Endpoint } {
  const named = [from, to].filter((each) => each !== undefined);
  const source = named.find(({ role }) => role === workload.from);
  const target = named.find(({ role, id }) => role === workload.to && id !== source?.id);
  return { ...(source ? { from: source } : {}), ...(target ? { to: target } : {}) };
}
