import type { Link, PciFunction, Topology } from "../../../fabric/topology.ts";

/** Two functions of a machine, each with what is above it up to its root port, and the first that both share. */
export interface Pair {
  readonly topology: Topology;
  readonly left: readonly PciFunction[];
  readonly right: readonly PciFunction[];
  readonly common?: PciFunction;
}

export function pairOf(topology: Topology, one: string, other: string): Pair {
  const left = chainOf(topology, one);
  const right = chainOf(topology, other);
  const common = left.find((each) => right.includes(each));
  return { topology, left, right, ...(common && { common }) };
}

/** A function and all above it. */
export function chainOf(topology: Topology, id: string): readonly PciFunction[] {
  const found = topology.functions.find((each) => each.id === id);
  return found ? [found, ...chainOf(topology, found.parent)] : [];
}

/** As truth.csv calls it. */
export function relationOf({ topology, left, right, common }: Pair): string {
  const [one, other] = [left[0], right[0]];
  if (common && (common === one || common === other)) return "ancestor";
  if (common) return one?.parent === other?.parent ? "same_device_functions" : "same_switch";
  const bridgeOf = (chain: readonly PciFunction[]) =>
    topology.hostBridges.find(({ id }) => id === chain.at(-1)?.parent);
  const [here, there] = [bridgeOf(left), bridgeOf(right)];
  if (here === there) return "same_host_bridge";
  if (topology.warnings.some((each) => each.startsWith("no function names its NUMA node")))
    return "cross_host_bridge_numa_unknown";
  return here?.socket === there?.socket ? "cross_host_bridge_same_numa" : "cross_numa_or_socket";
}

/** Functions on the way whose ACS redirects, the common one included: the rule of Linux's calc_map_type_and_dist. */
export function redirectsOf({ left, right, common }: Pair): string {
  const way = [...upTo(left, common), ...upTo(right, common), ...(common ? [common] : [])];
  const ids = way.filter(({ acs }) => acs?.requestRedirect || acs?.completionRedirect || acs?.egressControl);
  return ids.length === 0 ? "no" : `yes:${ids.map(({ id }) => id).join("|")}`;
}

/** GB/s of the slowest link on the way, its line code taken off; undefined where there is none. */
export function bottleneckOf({ left, right, common }: Pair): number | undefined {
  const rates = [...upTo(left, common), ...upTo(right, common)].flatMap(({ link }) => (link ? [rateOf(link)] : []));
  return rates.length === 0 ? undefined : Math.min(...rates);
}

const upTo = (chain: readonly PciFunction[], common: PciFunction | undefined): readonly PciFunction[] =>
  common ? chain.slice(0, chain.indexOf(common)) : chain;

const LANE_GBPS: Readonly<Record<Link["generation"], number>> = {
  1: 0.25,
  2: 0.5,
  3: (8 / 8) * (128 / 130),
  4: (16 / 8) * (128 / 130),
  5: (32 / 8) * (128 / 130),
};

const rateOf = ({ generation, width }: Link): number => LANE_GBPS[generation] * width;
