import type { Acs, Endpoint, Port, Topology } from "./topology.ts";

/**
 * The part of a machine that a run involves: the devices taking part, the switches and root ports above them, and all sockets. What
 * stands idle beside them carries no packet, so leaving it out changes no tick; and since the order is that in which the devices are
 * named, bus numbers and siblings cannot matter either.
 */
export interface Tree {
  readonly topology: Topology;
  readonly roots: readonly Root[];
  readonly switches: readonly Switch[];
  readonly devices: readonly Leaf[];
}

/** A root port, or the place of a root-complex integrated endpoint. */
export interface Root {
  readonly kind: "root";
  readonly id: string;
  readonly hostBridge: string;
  readonly socket: number;
  /** Absent for a root-complex integrated endpoint. */
  readonly port?: Port;
}

export interface Switch {
  readonly kind: "switch";
  readonly id: string;
  readonly upstream: Port;
  readonly above: Root | Below;
}

/** A place below a switch: behind one of its downstream ports. */
export interface Below {
  readonly kind: "below";
  readonly switch: Switch;
  readonly port: Port;
}

export interface Leaf {
  readonly kind: "device";
  readonly endpoint: Endpoint;
  readonly above: Root | Below;
}

/** Grows the tree of the named devices. Throws where one is not an endpoint of the topology: the caller looks names up before. */
export function treeOf(topology: Topology, devices: readonly string[]): Tree {
  const grown = new Grower(topology);
  for (const id of devices) grown.device(id);
  return {
    topology,
    roots: [...grown.roots.values()],
    switches: [...grown.switches.values()],
    devices: [...grown.devices.values()],
  };
}

class Grower {
  readonly topology: Topology;
  readonly roots: Map<string, Root> = new Map();
  readonly switches: Map<string, Switch> = new Map();
  readonly devices: Map<string, Leaf> = new Map();

  constructor(topology: Topology) {
    this.topology = topology;
  }

  device(id: string): void {
    if (this.devices.has(id)) return;
    const endpoint = this.topology.functions.find((each) => each.id === id);
    if (endpoint?.kind !== "endpoint") throw new RangeError(`${id} is not an endpoint of ${this.topology.name}`);
    this.devices.set(id, { kind: "device", endpoint, above: this.#above(endpoint.parent, id) });
  }

  #above(parent: string, child: string): Root | Below {
    const bridge = this.topology.hostBridges.find(({ id }) => id === parent);
    if (bridge) return this.#root(child, bridge.id, bridge.socket);
    const port = this.topology.functions.find((each) => each.id === parent);
    if (port === undefined || port.kind === "endpoint") throw new RangeError(`${child} has no port above it`);
    if (port.kind === "root-port") return this.#rootPort(port);
    return { kind: "below", switch: this.#switch(port.parent), port };
  }

  #rootPort(port: Port): Root {
    const bridge = this.topology.hostBridges.find(({ id }) => id === port.parent);
    if (bridge === undefined) throw new RangeError(`${port.id} has no host bridge`);
    return this.#root(port.id, bridge.id, bridge.socket, port);
  }

  #root(id: string, hostBridge: string, socket: number, port?: Port): Root {
    const known = this.roots.get(id);
    if (known) return known;
    const root: Root = { kind: "root", id, hostBridge, socket, ...(port ? { port } : {}) };
    this.roots.set(id, root);
    return root;
  }

  #switch(upstreamId: string): Switch {
    const known = this.switches.get(upstreamId);
    if (known) return known;
    const upstream = this.topology.functions.find((each) => each.id === upstreamId);
    if (upstream?.kind !== "upstream-port") throw new RangeError(`${upstreamId} is not an upstream port`);
    const grown: Switch = { kind: "switch", id: upstreamId, upstream, above: this.#above(upstream.parent, upstreamId) };
    this.switches.set(upstreamId, grown);
    return grown;
  }
}

/** The way from a place up to its root, the nearest step first. */
export function* upwards(place: Root | Below): Generator<Root | Below, void, void> {
  let at = place;
  for (;;) {
    yield at;
    if (at.kind === "root") return;
    at = at.switch.above;
  }
}

export function rootOf(place: Root | Below): Root {
  let at = place;
  while (at.kind === "below") at = at.switch.above;
  return at;
}

/** ACS control bits of the port at a place, where it has the capability. */
export const acsAt = (place: Root | Below): Acs | undefined => place.port?.acs;
