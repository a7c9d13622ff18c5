import type { Endpoint, Topology } from "../../fabric/topology.ts";
import type { Invariant } from "../../invariants/invariant.ts";
import type { IommuMode } from "../../record/cell.ts";
import type { ExplainedMechanism } from "../../record/explanation.ts";
import type { Measure } from "../../record/measure.ts";
import { type Bytes, bytes } from "../../sim/units.ts";
import type { Workload } from "../../workloads/workload.ts";
import { type Grid, type PlannedCell, type PlannedForm, plan } from "../plan.ts";

/** What is run between two devices, and how. */
export interface Trial {
  readonly forms: readonly PlannedForm[];
  readonly workloads: readonly Workload[];
  readonly invariants: readonly Invariant[];
  readonly requestBytes: Bytes;
  readonly iommu: IommuMode;
  /** The kernel that the mechanisms run in. */
  readonly kernel: string;
}

/** Enough to fill the pipeline and see it run, and little enough to wait for. */
export const QUEUE_DEPTH = 4;
const ABOUT_BYTES = 2 * 2 ** 20;
const LEAST_REQUESTS = 4;
const MOST_REQUESTS = 64;

/** Payload of one cell: whole requests, about as much whatever their size. */
export function totalBytes(request: Bytes): Bytes {
  const requests = Math.min(MOST_REQUESTS, Math.max(LEAST_REQUESTS, Math.floor(ABOUT_BYTES / request)));
  return bytes(requests * request);
}

/** The workloads that two devices can play, in either direction. */
export const fitting = (workloads: readonly Workload[], from: Endpoint, to: Endpoint): readonly Workload[] =>
  workloads.filter((each) => fits(each, from, to) || fits(each, to, from));

const fits = (workload: Workload, from: Endpoint, to: Endpoint): boolean =>
  workload.from === from.role && workload.to === to.role;

/**
 * Cells of all forms in every workload that fits. Data go from the one device to the other where both have the role for it: who wants
 * to know the way back names them the other way round.
 */
export function planTrial(
  topology: Topology,
  [one, other]: readonly [Endpoint, Endpoint],
  trial: Trial,
): readonly PlannedCell[] {
  return trial.workloads.flatMap((workload) => {
    if (fits(workload, one, other)) return plan(gridOf(topology, one, other, workload, trial));
    return fits(workload, other, one) ? plan(gridOf(topology, other, one, workload, trial)) : [];
  });
}

function gridOf(topology: Topology, from: Endpoint, to: Endpoint, workload: Workload, trial: Trial): Grid {
  const { forms, invariants, requestBytes, iommu, kernel } = trial;
  return {
    machines: [{ topology, hash: "", from, to }],
    forms,
    workloads: [workload],
    requestBytes: [requestBytes],
    totalBytes: totalBytes(requestBytes),
    queueDepths: [QUEUE_DEPTH],
    reuses: [1],
    iommus: [iommu],
    // The topology carries the bits that are in effect.
    acs: ["as-found"],
    initiators: [1],
    dramLoads: [0],
    bars: ["as-found"],
    kernel,
    seed: 1,
    reps: 1,
    leap: true,
    invariants,
  };
}

/** Runs a cell and keeps what a review asks first. */
export function runMechanism({ cell, run }: PlannedCell): ExplainedMechanism {
  const { status, reason, path, measures } = run();
  const found = (metric: string, stat: string): Measure | undefined =>
    measures.find((each) => each.metric === metric && each.subject === "" && each.stat === stat);
  const throughput = found("throughput", "mean");
  const { basis } = throughput ?? {};
  return {
    proposal: cell.proposal,
    form: cell.form,
    provenance: cell.provenance,
    workload: cell.workload,
    from: cell.from,
    to: cell.to,
    status,
    reason,
    path,
    throughput_bytes_per_s: throughput?.value ?? null,
    latency_p50_ns: found("latency", "p50")?.value ?? null,
    basis: basis?.basis ?? null,
    source_kind: basis?.sourceKind ?? null,
    nearest_measurement: basis?.nearest ?? null,
  };
}
