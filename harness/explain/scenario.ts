import type { Parameters } from "../../calibration/parameters.ts";
import type { Topology } from "../../fabric/topology.ts";
import { isP2pdmaKernel } from "../../kernel/p2pdma/rules.ts";
import { verdict } from "../../kernel/p2pdma/verdict.ts";
import type { IommuMode } from "../../record/cell.ts";
import type { ExplainedDirection, ExplainedVerdict, ExplainedWire } from "../../record/explanation.ts";
import { differences } from "./difference.ts";
import { Wire } from "./trail.ts";
import { wireBetween } from "./way.ts";

/** Two devices under settings that decide what the kernel and the wire do with them. */
export interface Scenario {
  /** With the ACS bits in effect. */
  readonly topology: Topology;
  readonly iommu: IommuMode;
  readonly kernel: string;
  readonly from: string;
  readonly to: string;
}

export const isTranslating = (iommu: IommuMode): boolean => iommu === "lazy" || iommu === "strict";

/** What kernel and wire do, from one device to the other and back. */
export type Directions = readonly [ExplainedDirection, ExplainedDirection];

export function directionsOf(scenario: Scenario, parameters: Parameters): Directions {
  const { topology, from, to, iommu } = scenario;
  const wire = new Wire(topology, [from, to], parameters, isTranslating(iommu));
  return [directionOf(scenario, wire, from, to), directionOf(scenario, wire, to, from)];
}

function directionOf(scenario: Scenario, wire: Wire, initiator: string, target: string): ExplainedDirection {
  const { kernel, iommu, topology } = scenario;
  const said = verdictOf(scenario, initiator, target);
  const ways = [wireBetween(wire, initiator, target, "bus address")];
  if (isTranslating(iommu)) ways.push(wireBetween(wire, initiator, target, "IOVA"));
  return {
    initiator,
    target,
    verdict: said ?? null,
    no_verdict: said ? null : `${kernel} has no pci_p2pdma`,
    wire: ways,
    differ: said ? differences(topology, { initiator, target, verdict: said, taken: takenWay(said, ways) }) : [],
  };
}

/** ACS bits of an IOMMU driver are already in the topology, so the kernel is asked as if it added none. */
function verdictOf({ topology, kernel }: Scenario, initiator: string, target: string): ExplainedVerdict | undefined {
  if (!isP2pdmaKernel(kernel)) return undefined;
  const boot = { kernel, cpuIsZen: topology.platform === "amd-zen", iommu: false };
  const { mapType, distance, because } = verdict(topology, target, initiator, boot);
  return { map_type: mapType, distance, because };
}

/** What the initiator would put into its packets: a bus address where the kernel says so, else what the DMA API maps. */
export function takenWay(said: ExplainedVerdict | null, wire: readonly ExplainedWire[]): ExplainedWire {
  const mapped = said?.map_type === "BUS_ADDR" ? wire[0] : wire.at(-1);
  if (mapped === undefined) throw new RangeError("no way was followed");
  return mapped;
}
