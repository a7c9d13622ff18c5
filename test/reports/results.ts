import type { Cell } from "../../record/cell.ts";
import type { Basis, Measure } from "../../record/measure.ts";
import type { Outcome } from "../../record/outcome.ts";
import type { Result } from "../../record/result.ts";
import { bytes } from "../../sim/units.ts";

/** A basis without a published measurement, as most numbers have. */
const ASSUMED: Basis = { basis: "assumed", nearest: "none", sourceKind: "assumed" };

/** One number of a cell. */
export function measure(metric: string, value: number, more: Partial<Measure> = {}): Measure {
  return { metric, subject: "", stat: "total", value, n: 1, basis: ASSUMED, ...more };
}

/** A result written by hand; its cell's id is made of what differs, so that two unlike cells never share one. */
export function result(cell: Partial<Cell> = {}, outcome: Partial<Outcome> = {}): Result {
  const whole = { ...PLAIN_CELL, ...cell };
  const { proposal, form, workload, machine, requestBytes, iommu, acs, queueDepth, reuse, kernel, bar } = whole;
  const id =
    cell.id ?? [workload, machine, proposal, form, requestBytes, iommu, acs, queueDepth, reuse, kernel, bar].join("|");
  return {
    cell: { ...whole, id },
    outcome: { ...PLAIN_OUTCOME, ...outcome },
    modelVersion: "0.1.0",
    paramsHash: "1111aaaa",
    pluginHash: "2222bbbb",
  };
}

const PLAIN_CELL: Cell = {
  id: "",
  rep: 0,
  proposal: "zone-device",
  form: "as-posted",
  provenance: "posted",
  workload: "storage-to-gpu",
  machine: "one-switch",
  machineHash: "0123456789abcdef",
  from: "nvme0",
  to: "gpu0",
  requestBytes: bytes(65536),
  totalBytes: bytes(67108864),
  queueDepth: 32,
  reuse: 1,
  iommu: "off",
  acs: "as-found",
  kernel: "4.9",
  seed: 1,
  initiators: 1,
  dramLoad: 0,
  bar: "as-found",
  barBytes: bytes(17179869184),
};

const PLAIN_OUTCOME: Outcome = {
  status: "completed",
  reason: "all requests were served",
  path: "same-switch",
  direction: "write",
  measures: [measure("throughput", 3e9, { stat: "mean" })],
  verdicts: [],
  method: "full",
  methodReason: "",
};
