import type { ParameterName } from "../../calibration/parameters.ts";
import type { Device } from "../../kernel/device.ts";
import { nsOfTicks } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";

/** Nanoseconds that a device's core spends beyond the wire; of a GPU only they are known. */
export function coreTime(bench: Bench, { endpoint }: Device, ...names: readonly ParameterName[]): number {
  if (endpoint.role !== "gpu" || endpoint.fpga) return 0;
  return names.reduce((sum, name) => sum + nsOfTicks(bench.parameters.span(name)), 0);
}
