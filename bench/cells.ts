import { Parameters } from "../calibration/parameters.ts";
import { type PlannedCell, plan } from "../harness/plan.ts";
import { INVARIANTS } from "../invariants/index.ts";
import { PRESETS } from "../machines/presets.ts";
import { PROPOSALS } from "../proposals/index.ts";
import type { IommuMode } from "../record/cell.ts";
import { bytes } from "../sim/units.ts";
import { WORKLOADS } from "../workloads/index.ts";

/** One cell of the benchmark: zone-device, storage to GPU behind one switch, with every judge. */
export function cellOf(requestBytes: number, requests: number, leap: boolean, iommu: IommuMode = "off"): PlannedCell {
  const topology = PRESETS.get("one-switch")?.topology();
  const proposal = PROPOSALS.find(({ name }) => name === "zone-device");
  if (topology === undefined || proposal === undefined) throw new Error("the benchmark's preset or proposal is gone");
  const [cell] = plan({
    machines: [{ topology, hash: "bench" }],
    forms: [{ proposal, form: "as-posted" }],
    workloads: WORKLOADS.slice(0, 1),
    requestBytes: [bytes(requestBytes)],
    totalBytes: bytes(requestBytes * requests),
    queueDepths: [32],
    reuses: [1],
    iommus: [iommu],
    acs: ["as-found"],
    initiators: [1],
    dramLoads: [0],
    bars: ["as-found"],
    kernel: "4.9",
    seed: 1,
    reps: 1,
    leap,
    invariants: INVARIANTS,
  });
  if (cell === undefined) throw new Error("the benchmark planned no cell");
  return cell;
}

export const typical: Parameters = Parameters.typical();
