import { PLATFORMS, type Reach } from "../calibration/platforms.ts";
import type { Graph } from "./graph.ts";
import { ACS_VIOLATION, COMPLETION, CONSUME, OWN_INPUTS, POSTED, RELAXED_COMPLETION, UNSUPPORTED, type Wiring } from "./tlp/wiring.ts";
import { acsAt, type Below, type Leaf, type Root, rootOf, type Switch, upwards } from "./tree.ts";

/**
 * Where a packet goes next, port by port. Addresses route requests, requester ids route completions; on the way up, ACS control bits
 * act at the downstream port where the packet enters a switch (PCIe 6.12); the root complex forwards between its ports only as far as
 * its platform's policy reaches.
 */
export function routing(graph: Graph): Wiring["next"] {
  const { tree, nodes } = graph;
  const platform = PLATFORMS[tree.topology.platform];
  const leaves = new Map(tree.devices.map((leaf) => [node(graph, leaf.endpoint.id), leaf]));
  const switches = new Map(tree.switches.map((each) => [node(graph, each.id), each]));
  const socketOf = new Map<number, number>();
  for (const { id } of tree.topology.sockets) for (const kind of ["ingress", "egress", "memory", "interrupts"]) socketOf.set(node(graph, `${kind} ${id}`), id);
  const inputs = inputsOf(graph);

  const channel = (from: number, to: number): number => graph.channelBetween(from, to) ?? UNSUPPORTED;
  const upFrom = (at: number, place: Root | Below): number =>
    channel(at, place.kind === "below" ? node(graph, place.switch.id) : node(graph, `ingress ${place.socket}`));

  const atSwitch = (here: Switch, at: number, input: number, target: number, kind: number): number => {
    const up = upFrom(at, here.above);
    const from = inputs(at, input);
    const leaf = leaves.get(target);
    const exit = leaf && placeBelow(here, leaf);
    const enteredFrom = from === undefined ? undefined : portBelow(graph, here, from);
    if (exit === undefined || leaf === undefined) return enteredFrom === undefined && input >= OWN_INPUTS ? UNSUPPORTED : up;
    const down = channel(at, childTowards(graph, here, leaf));
    if (enteredFrom === undefined) return down;
    const acs = acsAt(enteredFrom);
    if (exit.port.id === enteredFrom.port.id) return acs?.upstreamForwarding ? up : ACS_VIOLATION;
    const redirected = kind === COMPLETION ? acs?.completionRedirect : kind !== RELAXED_COMPLETION && acs?.requestRedirect;
    return redirected ? up : down;
  };

  const atIngress = (at: number, input: number, translated: boolean, target: number, kind: number): number => {
    const socket = socketOf.get(at) ?? 0;
    const home = socketOf.get(target);
    if (home !== undefined) return home === socket ? channel(at, target) : channel(at, node(graph, `ingress ${home}`));
    const leaf = leaves.get(target);
    if (leaf === undefined) return UNSUPPORTED;
    const exit = rootOf(leaf.above);
    const onwards = channel(at, exit.socket === socket ? node(graph, `egress ${socket}`) : node(graph, `ingress ${exit.socket}`));
    const entry = input < OWN_INPUTS ? undefined : rootAbove(inputs(at, input));
    if (entry === undefined) return onwards;
    if (entry.id === exit.id && !translated && entry.port?.acs && !entry.port.acs.upstreamForwarding) return ACS_VIOLATION;
    return reaches(kind === POSTED ? platform.posted : platform.nonPosted, entry, exit) ? onwards : UNSUPPORTED;
  };

  const rootAbove = (below: number | undefined): Root | undefined => {
    const place = below === undefined ? undefined : (leaves.get(below)?.above ?? switches.get(below)?.above);
    return place?.kind === "root" ? place : undefined;
  };

  const atEgress = (at: number, target: number): number => {
    const leaf = leaves.get(target);
    if (leaf === undefined) return UNSUPPORTED;
    const root = rootOf(leaf.above);
    if (root.socket !== socketOf.get(at)) return channel(at, node(graph, `egress ${root.socket}`));
    const top = [...upwards(leaf.above)].findLast((place) => place.kind === "below");
    return channel(at, top?.kind === "below" ? node(graph, top.switch.id) : target);
  };

  return (at, input, translated, target, kind) => {
    const here = nodes[at];
    if (here === undefined) return UNSUPPORTED;
    if (here.kind === "ingress") return atIngress(at, input, translated, target, kind);
    if (here.kind === "egress") return atEgress(at, target);
    if (here.kind === "memory") return target === at ? CONSUME : channel(at, node(graph, `egress ${socketOf.get(at) ?? 0}`));
    const owner = switches.get(at);
    if (owner) return atSwitch(owner, at, input, target, kind);
    if (target === at) return CONSUME;
    const leaf = leaves.get(at);
    return input < OWN_INPUTS && leaf ? upFrom(at, leaf.above) : UNSUPPORTED;
  };
}

/** Whether a root complex's policy lets a packet cross from one root port to another. */
export function reaches(reach: Reach, entry: Root, exit: Root): boolean {
  if (reach === "everywhere") return true;
  if (reach === "nowhere") return false;
  return reach === "same-socket" ? entry.socket === exit.socket : entry.hostBridge === exit.hostBridge;
}

/** The node at the far end of each input of a node: undefined for the node's own queues. */
function inputsOf(graph: Graph): (at: number, input: number) => number | undefined {
  const sources: number[][] = graph.nodes.map(() => []);
  for (const { from, to } of graph.channels) sources[to]?.push(from);
  return (at, input) => sources[at]?.[input - OWN_INPUTS];
}

const node = (graph: Graph, name: string): number => {
  const found = graph.nodeOf.get(name);
  if (found === undefined) throw new RangeError(`the graph has no ${name}`);
  return found;
};

/** The downstream port of a switch that leads to a device, if one does. */
function placeBelow(here: Switch, leaf: Leaf): Below | undefined {
  for (const place of upwards(leaf.above)) if (place.kind === "below" && place.switch.id === here.id) return place;
  return undefined;
}

/** The downstream port through which packets from the node `from` enter a switch; undefined for its upstream port. */
function portBelow(graph: Graph, here: Switch, from: number): Below | undefined {
  for (const { endpoint, above } of graph.tree.devices) if (node(graph, endpoint.id) === from && above.kind === "below" && above.switch.id === here.id) return above;
  for (const { id, above } of graph.tree.switches) if (node(graph, id) === from && above.kind === "below" && above.switch.id === here.id) return above;
  return undefined;
}

/** The node right below a switch on the way down to a device. */
function childTowards(graph: Graph, here: Switch, leaf: Leaf): number {
  let child = node(graph, leaf.endpoint.id);
  for (const place of upwards(leaf.above)) {
    if (place.kind === "root" || place.switch.id === here.id) return child;
    child = node(graph, place.switch.id);
  }
  return child;
}

