import { PLATFORMS, type Reach, type RootComplexPolicy } from "../calibration/platforms.ts";
import type { Graph } from "./graph.ts";
import {
  ACS_VIOLATION,
  COMPLETION,
  CONSUME,
  OWN_INPUTS,
  POSTED,
  RELAXED_COMPLETION,
  UNSUPPORTED,
  type Wiring,
} from "./tlp/wiring.ts";
import type { Acs, Port } from "./topology.ts";
import { acsAt, type Below, type Leaf, type Root, rootOf, type Switch, upwards } from "./tree.ts";

/**
 * Where a packet goes next, port by port. Addresses route requests, requester ids route completions; on the way up, ACS control bits
 * act at the downstream port where the packet enters a switch (PCIe 6.12); the root complex forwards between its ports only as far as
 * its platform's policy reaches. Source Validation and Translation Blocking ask nothing of the way; they are guards of the channels.
 */
export function routing(graph: Graph): Wiring["next"] {
  const router = new Router(graph);
  return (at, input, translated, target, kind) =>
    router.next({ at, from: router.sender(at, input), translated, target, kind });
}

/** A packet standing at a node. */
interface Standing {
  readonly at: number;
  /** The node that it came from; undefined where this node made it. */
  readonly from: number | undefined;
  /** Its address is translated: on the way up by its maker (address type 10b), from a root complex on by an IOMMU. */
  readonly translated: boolean;
  readonly target: number;
  readonly kind: number;
}

class Router {
  readonly #graph: Graph;
  readonly #policy: RootComplexPolicy;
  readonly #leaves: ReadonlyMap<number, Leaf>;
  readonly #switches: ReadonlyMap<number, Switch>;
  /** Socket of each node inside a root complex. */
  readonly #sockets = new Map<number, number>();
  /** What stands before an egress, where there is a ceiling. */
  readonly #downward = new Set<number>();
  readonly #bridges = { up: new Map<string, number>(), down: new Map<string, number>() };
  /** What stands before a root port that has a ceiling for what others send it. */
  readonly #forwarders = new Map<string, number>();
  readonly #senders: number[][];

  constructor(graph: Graph) {
    const { tree, nodes, channels } = graph;
    this.#graph = graph;
    this.#policy = PLATFORMS[tree.topology.platform];
    this.#leaves = new Map(tree.devices.map((leaf) => [this.#node(leaf.endpoint.id), leaf]));
    this.#switches = new Map(tree.switches.map((each) => [this.#node(each.id), each]));
    for (const { id } of tree.topology.sockets)
      for (const part of ["ingress", "egress", "memory", "interrupts"])
        this.#sockets.set(this.#node(`${part} ${id}`), id);
    this.#placeBridges(graph);
    this.#placeForwarders(graph);
    this.#senders = nodes.map(() => []);
    for (const { from, to } of channels) this.#senders[to]?.push(from);
  }

  #placeBridges({ tree, nodeOf }: Graph): void {
    for (const { id, socket } of tree.topology.hostBridges)
      for (const way of ["up", "down"] as const) {
        const node = nodeOf.get(`bridge ${id} ${way}`);
        if (node === undefined) continue;
        this.#sockets.set(node, socket);
        this.#bridges[way].set(id, node);
        if (way === "down") this.#downward.add(node);
      }
  }

  #placeForwarders({ tree, nodeOf }: Graph): void {
    for (const { above } of [...tree.devices, ...tree.switches]) {
      const node = above.kind === "root" ? nodeOf.get(`forward to ${above.id}`) : undefined;
      if (node === undefined || above.kind !== "root") continue;
      this.#sockets.set(node, above.socket);
      this.#forwarders.set(above.id, node);
      this.#downward.add(node);
    }
  }

  /** The node at the far end of an input; undefined for a node's own queues. */
  sender(at: number, input: number): number | undefined {
    return this.#senders[at]?.[input - OWN_INPUTS];
  }

  next(packet: Standing): number {
    const here = this.#graph.nodes[packet.at];
    const owner = this.#switches.get(packet.at);
    if (owner) return this.#atSwitch(owner, packet);
    if (here?.kind === "ingress") return this.#atIngress(packet);
    // What a core loads comes back to where its request left.
    if (packet.target === packet.at && packet.from !== undefined) return CONSUME;
    if (here?.kind === "egress") return this.#atEgress(packet);
    if (here?.kind === "memory") return this.#fromMemory(packet.at, packet.target);
    const leaf = this.#leaves.get(packet.at);
    return packet.from === undefined && leaf ? this.#upFrom(packet.at, leaf.above) : UNSUPPORTED;
  }

  #atSwitch(here: Switch, packet: Standing): number {
    const { at, from, target, kind, translated } = packet;
    const entry = from === undefined ? undefined : this.#portBelow(here, from);
    const fromAbove = from !== undefined && entry === undefined;
    const leaf = this.#leaves.get(target);
    const exit = leaf && placeBelow(here, leaf);
    const up = this.#upFrom(at, here.above);
    if (leaf === undefined || exit === undefined) return fromAbove ? UNSUPPORTED : up;
    const turn = entry === undefined ? "direct" : acsAnswer(entry, exit, kind, translated);
    if (turn === "violation") return ACS_VIOLATION;
    return turn === "redirect" ? up : this.#channel(at, this.#childTowards(here, leaf));
  }

  #atIngress({ at, from, translated, target, kind }: Standing): number {
    const home = this.#sockets.get(target);
    if (home !== undefined) return this.#toMemory(at, home, target, from);
    const leaf = this.#leaves.get(target);
    if (leaf === undefined) return UNSUPPORTED;
    const exit = rootOf(leaf.above);
    const entry = this.#rootAbove(from);
    if (entry && !translated && refuses(entry, exit, kind)) return ACS_VIOLATION;
    if (entry && !this.#policy.returns && entry.id === exit.id) return UNSUPPORTED;
    if (entry && !reaches(kind === POSTED ? this.#policy.posted : this.#policy.nonPosted, entry, exit))
      return UNSUPPORTED;
    return this.#towards(at, exit.socket, this.#forwarders.get(exit.id) ?? this.#part("egress", exit.socket));
  }

  /** To memory or interrupts, by way of what the packet's host bridge has before them. */
  #toMemory(ingress: number, home: number, target: number, from: number | undefined): number {
    const bridge = this.#bridges.up.get(this.#rootAbove(from)?.hostBridge ?? "");
    const isMemory = this.#graph.nodes[target]?.kind === "memory";
    const passes = bridge !== undefined && isMemory && this.#socketOf(ingress) === home;
    return passes ? this.#channel(ingress, bridge) : this.#towards(ingress, home, target);
  }

  #fromMemory(memory: number, target: number): number {
    const socket = this.#socketOf(memory);
    const leaf = this.#leaves.get(target);
    const root = leaf && rootOf(leaf.above);
    const bridge = root?.socket === socket ? this.#bridges.down.get(root.hostBridge) : undefined;
    return this.#channel(memory, bridge ?? this.#part("egress", socket));
  }

  /** From an ingress to a node of its own socket, or to the ingress of the socket that has it. */
  #towards(ingress: number, socket: number, node: number): number {
    return this.#channel(ingress, this.#socketOf(ingress) === socket ? node : this.#part("ingress", socket));
  }

  #atEgress({ at, target }: Standing): number {
    const socket = this.#sockets.get(target);
    // What stands before memory: it has come up, and goes to memory or interrupts.
    if (socket !== undefined) return this.#channel(at, target);
    if (this.#downward.has(at)) return this.#channel(at, this.#part("egress", this.#socketOf(at)));
    const leaf = this.#leaves.get(target);
    if (leaf === undefined) return UNSUPPORTED;
    const root = rootOf(leaf.above);
    if (root.socket !== this.#socketOf(at)) return this.#channel(at, this.#part("egress", root.socket));
    const top = [...upwards(leaf.above)].findLast((place) => place.kind === "below");
    return this.#channel(at, top?.kind === "below" ? this.#node(top.switch.id) : target);
  }

  /** The root port through which packets of a node right below it enter; undefined for other sockets and for what is made here. */
  #rootAbove(below: number | undefined): Root | undefined {
    if (below === undefined) return undefined;
    const place = this.#leaves.get(below)?.above ?? this.#switches.get(below)?.above;
    return place?.kind === "root" ? place : undefined;
  }

  #upFrom(at: number, place: Root | Below): number {
    return this.#channel(
      at,
      place.kind === "below" ? this.#node(place.switch.id) : this.#part("ingress", place.socket),
    );
  }

  /** The downstream port through which packets from a node right below enter a switch; undefined for its upstream port. */
  #portBelow(here: Switch, from: number): Below | undefined {
    const place = this.#leaves.get(from)?.above ?? this.#switches.get(from)?.above;
    return place?.kind === "below" && place.switch.id === here.id ? place : undefined;
  }

  /** The node right below a switch on the way down to a device. */
  #childTowards(here: Switch, leaf: Leaf): number {
    let child = this.#node(leaf.endpoint.id);
    for (const place of upwards(leaf.above)) {
      if (place.kind === "root" || place.switch.id === here.id) break;
      child = this.#node(place.switch.id);
    }
    return child;
  }

  #channel(from: number, to: number): number {
    return this.#graph.channelBetween(from, to) ?? UNSUPPORTED;
  }

  #socketOf(node: number): number {
    return this.#sockets.get(node) ?? 0;
  }

  #part(part: string, socket: number): number {
    return this.#node(`${part} ${socket}`);
  }

  #node(name: string): number {
    const found = this.#graph.nodeOf.get(name);
    if (found === undefined) throw new RangeError(`the graph has no ${name}`);
    return found;
  }
}

/** What ACS says at the port where a packet enters a switch whose port `exit` leads to its target (PCIe 6.12.3). */
function acsAnswer(entry: Below, exit: Below, kind: number, translated: boolean): "direct" | "redirect" | "violation" {
  const acs = acsAt(entry);
  if (exit.port.id === entry.port.id) return acs?.upstreamForwarding ? "redirect" : "violation";
  if (kind === RELAXED_COMPLETION || acs === undefined) return "direct";
  if (kind === COMPLETION) return acs.completionRedirect ? "redirect" : "direct";
  if (translated && acs.directTranslated) return "direct";
  return requestAnswer(entry.port, acs, exit.port);
}

/** Egress Control, where it is on, says which ports Request Redirect is for; where that is off, it forbids them. */
function requestAnswer(entry: Port, acs: Acs, exit: Port): "direct" | "redirect" | "violation" {
  const meant = !acs.egressControl || entry.egressBlocked?.includes(exit.id) === true;
  if (!meant) return "direct";
  if (acs.requestRedirect) return "redirect";
  return acs.egressControl ? "violation" : "direct";
}

/**
 * A root port with ACS sends back what its own window claims only with Upstream Forwarding; an IOVA is in nobody's window. With Egress
 * Control it lets no request through to a port that its vector blocks, but up to where the root complex decides, where all meet here.
 */
function refuses(entry: Root, exit: Root, kind: number): boolean {
  const port = entry.port;
  if (port?.acs === undefined) return false;
  if (entry.id === exit.id) return !port.acs.upstreamForwarding;
  const request = kind !== COMPLETION && kind !== RELAXED_COMPLETION;
  const blocks = port.acs.egressControl && !port.acs.requestRedirect && port.egressBlocked?.includes(exit.id) === true;
  return request && blocks;
}

/** Whether a root complex's policy lets a packet cross from one root port to another. */
function reaches(reach: Reach, entry: Root, exit: Root): boolean {
  if (reach === "everywhere") return true;
  if (reach === "nowhere") return false;
  return reach === "same-socket" ? entry.socket === exit.socket : entry.hostBridge === exit.hostBridge;
}

/** The port of a switch that leads to a device, if one does. */
function placeBelow(here: Switch, leaf: Leaf): Below | undefined {
  for (const place of upwards(leaf.above)) if (place.kind === "below" && place.switch.id === here.id) return place;
  return undefined;
}
