import { memoryBarOf } from "../fabric/memory-bar.ts";
import type { Endpoint, Topology } from "../fabric/topology.ts";
import type { Workload } from "../workloads/workload.ts";

/** The two ends of a workload on a machine. */
export interface DevicePair {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/**
 * The ends that nobody named: of all devices with the roles that the workload wants, the two that are nearest to each other, and of
 * equally near ones the first in the machine's order. A sentence where the machine lacks an end.
 */
export function nearestPair(topology: Topology, workload: Workload, fixed: Partial<DevicePair>): DevicePair | string {
  const ranked = nearestOf(topology, workload, fixed, () => 0);
  return typeof ranked === "string" ? ranked : (ranked.pair ?? `${topology.name} has no two ends for ${workload.name}`);
}

/**
 * As many pairs as are asked for, each with an initiator of its own (the device that reaches for the other's memory): the first is the
 * nearest pair, each further one the nearest of those that are left, of equally near ones the one whose memory the fewest use, then the
 * first in the machine's order. So drives share a GPU where there are more of them than GPUs. A memory that was named is everybody's; an
 * initiator that was named is the first pair's. A sentence where the machine lacks initiators.
 */
export function nearestPairs(
  topology: Topology,
  workload: Workload,
  fixed: Partial<DevicePair>,
  wanted: number,
): readonly [DevicePair, ...DevicePair[]] | string {
  const first = nearestPair(topology, workload, fixed);
  if (typeof first === "string") return first;
  const pairs: [DevicePair, ...DevicePair[]] = [first];
  const exporter = workload.exporter;
  const importer = exporter === "to" ? "from" : "to";
  const named = fixed[exporter];
  while (pairs.length < wanted) {
    const taken = new Set(pairs.map((pair) => pair[importer].id));
    const rank = (pair: DevicePair): number | undefined =>
      taken.has(pair[importer].id) ? undefined : pairs.filter((each) => each[exporter].id === pair[exporter].id).length;
    const next = nearestOf(topology, workload, named ? { [exporter]: named } : {}, rank);
    if (typeof next === "string" || next.pair === undefined)
      return `${topology.name} has ${pairs.length} ${pairs.length === 1 ? "initiator" : "initiators"} for ${workload.name} (${workload[importer]}), not ${wanted}; --attach puts another device below a free port`;
    pairs.push(next.pair);
  }
  return pairs;
}

/** The nearest pair, of equally near ones that of the least rank; a pair without a rank does not count. */
function nearestOf(
  topology: Topology,
  workload: Workload,
  fixed: Partial<DevicePair>,
  rank: (pair: DevicePair) => number | undefined,
): { readonly pair: DevicePair | undefined } | string {
  const froms = candidates(topology, workload.from, workload.exporter === "from", fixed.from);
  const tos = candidates(topology, workload.to, workload.exporter === "to", fixed.to);
  const missing = missingEnds(workload, froms, tos);
  if (missing !== "") return `${topology.name} has no ${missing}, which ${workload.name} needs`;
  let best: { readonly pair: DevicePair; readonly steps: number; readonly rank: number } | undefined;
  for (const from of froms)
    for (const to of tos) {
      const ranked = to.id === from.id ? undefined : rank({ from, to });
      if (ranked === undefined) continue;
      const steps = stepsBetween(topology, from, to);
      if (best === undefined || steps < best.steps || (steps === best.steps && ranked < best.rank))
        best = { pair: { from, to }, steps, rank: ranked };
    }
  return { pair: best?.pair };
}

function missingEnds(workload: Workload, froms: readonly Endpoint[], tos: readonly Endpoint[]): string {
  const missing = [...(froms.length === 0 ? [workload.from] : []), ...(tos.length === 0 ? [workload.to] : [])];
  const bars = workload[workload.exporter] === "capture" ? "BARs that show memory" : "memory BARs";
  return missing.length === 0 ? "" : `${missing.join(" and no ")} with ${bars}`;
}

function candidates(
  topology: Topology,
  role: Endpoint["role"],
  exports: boolean,
  fixed: Endpoint | undefined,
): readonly Endpoint[] {
  const all = fixed ? [fixed] : topology.functions.filter((each) => each.kind === "endpoint");
  return all.filter((each) => each.role === role && each.bars.length > 0 && (!exports || showsMemory(each)));
}

/** A capture card's memory can be read by others only where a BAR shows its frame store. */
const showsMemory = (endpoint: Endpoint): boolean => endpoint.role !== "capture" || memoryBarOf(endpoint) !== undefined;

/** Bridges between two devices over their nearest common one; far apart where only the root complexes join them. */
function stepsBetween(topology: Topology, from: Endpoint, to: Endpoint): number {
  const above = ancestors(topology, from);
  const below = ancestors(topology, to);
  const common = above.findIndex((id) => below.includes(id));
  if (common >= 0) return common + below.indexOf(above[common] ?? "");
  const socketOf = (chain: readonly string[]): number | undefined =>
    topology.hostBridges.find(({ id }) => id === chain.at(-1))?.socket;
  return above.length + below.length + (socketOf(above) === socketOf(below) ? 100 : 1000);
}

function ancestors(topology: Topology, endpoint: Endpoint): readonly string[] {
  const chain: string[] = [];
  const byId = new Map(topology.functions.map((each) => [each.id, each]));
  for (let at: string | undefined = endpoint.parent; at !== undefined; at = byId.get(at)?.parent) chain.push(at);
  return chain;
}
