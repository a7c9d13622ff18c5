import { Parameters } from "../calibration/parameters.ts";
import { type Endpoint, type Topology, withAcs } from "../fabric/topology.ts";
import type { Invariant } from "../invariants/invariant.ts";
import type { Proposal } from "../proposals/proposal.ts";
import type { AcsSetting, Cell, IommuMode } from "../record/cell.ts";
import type { Outcome } from "../record/outcome.ts";
import { hashText } from "../sim/hash.ts";
import { type Bytes, bytes } from "../sim/units.ts";
import type { Workload } from "../workloads/workload.ts";
import type { CellPlan } from "./cell-plan.ts";
import { nearestPair } from "./device-pair.ts";
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
  for (const machine of grid.machines)
    for (const workload of grid.workloads)
      for (const form of grid.forms)
        for (const setting of settings(grid, workload))
          for (let rep = 0; rep < grid.reps; rep += 1)
            cells.push(planCell(grid, machine, workload, form, setting, rep));
  return cells;
}

interface Setting {
  readonly requestBytes: Bytes;
  readonly queueDepth: number;
  readonly reuse: number;
  readonly iommu: IommuMode;
  readonly acs: AcsSetting;
}

function* settings(grid: Grid, workload: Workload): Generator<Setting> {
  for (const iommu of grid.iommus)
    for (const acs of grid.acs)
      for (const reuse of reusesOf(workload, grid))
        for (const queueDepth of depthsOf(workload, grid))
          for (const requestBytes of sizesOf(workload, grid)) yield { requestBytes, queueDepth, reuse, iommu, acs };
}

function planCell(
  grid: Grid,
  machine: PlannedMachine,
  workload: Workload,
  { proposal, form: formName }: PlannedForm,
  setting: Setting,
  rep: number,
): PlannedCell {
  const form = proposal.forms[formName];
  if (form === undefined) throw new RangeError(`${proposal.name} has no form ${formName}`);
  const pair = nearestPair(machine.topology, workload, endsFor(machine, workload));
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
    ...setting,
  };
  const cell: Cell = {
    ...identity,
    id: hashText(JSON.stringify(Object.entries(identity).map(([key, value]) => [key, String(value)]))),
    rep,
  };
  const parameters = Parameters.drawn(grid.seed, rep, proposal.constants ?? {});
  const cellPlan: CellPlan = {
    cell,
    topology: withAcs(machine.topology, setting.acs),
    form,
    workload,
    parameters,
    invariants: grid.invariants,
    leap: grid.leap,
  };
  return {
    cell,
    parameters,
    run: () => (typeof pair === "string" ? ended(cellPlan, "inapplicable", pair) : runCell(cellPlan)),
  };
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
