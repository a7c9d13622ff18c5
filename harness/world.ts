import type { Parameters } from "../calibration/parameters.ts";
import { Fabric } from "../fabric/fabric.ts";
import type { Topology } from "../fabric/topology.ts";
import { Kernel } from "../kernel/kernel.ts";
import type { IommuMode } from "../record/cell.ts";
import type { Event } from "../record/event.ts";
import { Clock } from "../sim/clock.ts";
import { Stream } from "../sim/stream.ts";
import { Tally } from "../sim/tally.ts";

/** A freshly booted machine. Made for one cell and dropped with it: nothing survives. */
export interface World {
  readonly clock: Clock;
  readonly history: Stream<Event>;
  readonly tally: Tally;
  readonly fabric: Fabric;
  readonly kernel: Kernel;
}

export function boot(topology: Topology, devices: readonly string[], iommu: IommuMode, parameters: Parameters): World {
  const clock = new Clock();
  const history = new Stream<Event>();
  const tally = new Tally();
  const fabric = new Fabric(clock, history, topology, devices, parameters);
  const kernel = new Kernel({ clock, history, tally, fabric, parameters, iommu });
  return { clock, history, tally, fabric, kernel };
}
