import { Parameters } from "../../calibration/parameters.ts";
import { type Graph, graphOf } from "../../fabric/graph.ts";
import { routing } from "../../fabric/route.ts";
import {
  ACS_VIOLATION,
  COMPLETER,
  COMPLETION,
  CONSUME,
  INJECT_DATA,
  NONPOSTED,
  OWN_INPUTS,
  POSTED,
  RELAXED_COMPLETION,
  UNSUPPORTED,
  type Wiring,
} from "../../fabric/tlp/wiring.ts";
import type { Topology } from "../../fabric/topology.ts";
import { treeOf } from "../../fabric/tree.ts";
import { GROVE } from "./machines.ts";

const KINDS = {
  write: POSTED,
  read: NONPOSTED,
  completion: COMPLETION,
  "relaxed completion": RELAXED_COMPLETION,
} as const;

export type Kind = keyof typeof KINDS;

/** Where a packet is sent to: a node, or an address that is nobody's; in the second case an IOMMU may know better. */
export type Target = string | { readonly iova: string };

/** More steps than any way in these machines has. */
const LOST = 20;

/**
 * The way of one packet from who makes it to where it ends, by the routing rules alone: "A > upper > B", or "A > upper ! ACS
 * violation" where it goes no further.
 */
export const journey = (topology: Topology, from: string, to: Target, kind: Kind): string =>
  journeys(topology, GROVE)(from, to, kind);

/** The same on any machine, for many packets; the devices are those that take part. */
export function journeys(
  topology: Topology,
  devices: readonly string[],
): (from: string, to: Target, kind: Kind) => string {
  const graph = graphOf(treeOf(topology, devices), Parameters.typical());
  const next = routing(graph);
  return (from, to, kind) => walk(graph, next, { from, to, kind });
}

interface Packet {
  readonly from: string;
  readonly to: Target;
  readonly kind: Kind;
}

function walk(graph: Graph, next: Wiring["next"], { from, to, kind }: Packet): string {
  const steps = [from];
  const meant = nodeOf(graph, typeof to === "string" ? to : to.iova);
  let at = nodeOf(graph, from);
  let input = kind === "write" || kind === "read" ? INJECT_DATA : COMPLETER;
  let translated = false;
  for (let step = 0; step < LOST; step += 1) {
    translated ||= typeof to !== "string" && graph.nodes[at]?.kind === "ingress";
    const target = typeof to === "string" || translated ? meant : graph.nodes.length;
    const channel = next(at, input, translated, target, KINDS[kind]);
    if (channel < 0) return steps.join(" > ") + (ENDS.get(channel) ?? " ! unknown");
    input = inputOf(graph, channel);
    at = graph.channels[channel]?.to ?? -1;
    const name = graph.nodes[at]?.name ?? "nowhere";
    // What stands for a port's ceiling is no place of its own.
    if (!name.startsWith("forward to ")) steps.push(name);
  }
  return `${steps.join(" > ")} ! it goes round in circles`;
}

const ENDS: ReadonlyMap<number, string> = new Map([
  [CONSUME, ""],
  [UNSUPPORTED, " ! unsupported"],
  [ACS_VIOLATION, " ! ACS violation"],
]);

/** "nobody" is the target of an address that no window claims. */
const nodeOf = (graph: Graph, name: string): number =>
  name === "nobody" ? graph.nodes.length : (graph.nodeOf.get(name) ?? Number.NaN);

/** A node's inputs are its own queues, then the channels that lead to it, in their order. */
const inputOf = (graph: Graph, channel: number): number => {
  const to = graph.channels[channel]?.to;
  return OWN_INPUTS + graph.channels.slice(0, channel).filter((each) => each.to === to).length;
};
