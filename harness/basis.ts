import { CONSTANTS, type ConstantName } from "../calibration/constants.ts";
import { type MeasuredOperation, type Measurement, nearestMeasurement } from "../calibration/measurements.ts";
import type { Parameters } from "../calibration/parameters.ts";
import type { Basis } from "../record/measure.ts";
import type { PathClass } from "../record/outcome.ts";
import type { Workload } from "../workloads/workload.ts";

/** Counts follow from routing and protocol rules alone: no calibrated constant enters them. */
const COUNTED: Basis = { basis: "assumed", nearest: "none", sourceKind: "spec" };

/** What the numbers of one cell rest on, by metric. */
export function basisFor(path: PathClass, workload: Workload, parameters: Parameters): (metric: string) => Basis {
  const sourceKind = weakestSource(parameters);
  const measured = (metric: "throughput" | "latency"): Basis => {
    const nearest = nearestTo(path, workload, metric);
    return nearest
      ? { basis: "extrapolated", nearest: inWords(nearest), sourceKind }
      : { basis: "assumed", nearest: "none", sourceKind };
  };
  const throughput = measured("throughput");
  const latency = measured("latency");
  const timed: Basis = { basis: "assumed", nearest: "none", sourceKind };
  return (metric) => {
    if (metric === "throughput") return throughput;
    if (metric === "latency") return latency;
    return metric.endsWith("_time") || metric.startsWith("cpu_time") ? timed : COUNTED;
  };
}

function nearestTo(path: PathClass, workload: Workload, metric: "throughput" | "latency"): Measurement | undefined {
  if (path === "none") return undefined;
  const at = path === "same-root-port" ? "same-host-bridge" : path;
  for (const operation of comparable(workload)) {
    const found = nearestMeasurement(at, operation, metric);
    if (found) return found;
  }
  return undefined;
}

/**
 * What has been measured that a workload may be held against, likest first. Of capture cards nothing has been published; what a network
 * adapter does to a peer is like what a GPU does to one, a staged copy of its data like one between GPUs.
 */
function comparable({ from, to, access }: Workload): readonly MeasuredOperation[] {
  if (from === "capture" || to === "capture") return [];
  const peer: MeasuredOperation = access === "read" ? "write" : "read";
  const drive: MeasuredOperation = access === "read" ? "storage read" : "storage write";
  return from === "nvme" || to === "nvme" ? [drive, peer] : [peer, "copy"];
}

const inWords = ({ id, platform, year, operation, path, value, unit, source }: Measurement): string =>
  `${id}: ${operation}, ${path}, ${unit === "By/s" ? `${value / 1e9} GB/s` : `${value} ns`} on ${platform} (${year}; ${source})`;

const WEAKNESS = ["spec", "measured", "paper", "assumed"] as const;

/** The weakest kind among the constants that the run read. */
function weakestSource(parameters: Parameters): string {
  let weakest = 0;
  for (const name of parameters.used()) {
    const constant = isOurs(name) ? CONSTANTS[name] : undefined;
    weakest = Math.max(weakest, constant ? WEAKNESS.indexOf(constant.kind) : WEAKNESS.length - 1);
  }
  return WEAKNESS[weakest] ?? "assumed";
}

const isOurs = (name: string): name is ConstantName => name in CONSTANTS;
