import { PLATFORMS, type Reach } from "../../calibration/platforms.ts";
import type { Acs, Topology } from "../../fabric/topology.ts";

/**
 * What becomes of a transfer, straight from the specification's table (model A.11) and the topology: no graph, no routing table. Only
 * what is in these machines is handled: one function a device, no translation, no integrated endpoint.
 */
export type Fate = "delivered" | "lost" | "unsupported-request" | "completion-timeout";

type Kind = "posted" | "nonPosted" | "completion" | "relaxed completion";

/** Ports from a device up, the lowest first; the last is its root port. */
interface Port {
  readonly id: string;
  /** The upstream port of the switch that it belongs to; the host bridge of a root port. */
  readonly parent: string;
  readonly acs: Acs | undefined;
}

export function fateOf(topology: Topology, from: string, to: string, reads: boolean, control = false): Fate {
  if (!reads) return arrives(topology, from, to, "posted") ? "delivered" : "lost";
  if (!arrives(topology, from, to, "nonPosted")) return "unsupported-request";
  const asked = topology.functions.find(({ id }) => id === from);
  const relaxed = !control && asked?.kind === "endpoint" && asked.relaxedOrdering === true;
  const answer = relaxed ? "relaxed completion" : "completion";
  return arrives(topology, to, from, answer) ? "delivered" : "completion-timeout";
}

function arrives(topology: Topology, from: string, to: string, kind: Kind): boolean {
  if (from.startsWith("memory")) return true;
  const above = portsAbove(topology, to);
  const up = portsAbove(topology, from);
  for (const entry of up.slice(0, -1)) {
    const exit = above.find(({ parent }) => parent === entry.parent);
    if (exit === undefined) continue;
    if (exit.id === entry.id) {
      if (entry.acs?.upstreamForwarding !== true) return false;
    } else if (!redirects(entry, kind)) return true;
  }
  return to.startsWith("memory") || forwarded(topology, up.at(-1), above.at(-1), kind);
}

function redirects({ acs }: Port, kind: Kind): boolean {
  if (kind === "relaxed completion") return false;
  return (kind === "completion" ? acs?.completionRedirect : acs?.requestRedirect) === true;
}

function forwarded(topology: Topology, entry: Port | undefined, exit: Port | undefined, kind: Kind): boolean {
  if (entry === undefined || exit === undefined) return false;
  if (entry.id === exit.id && entry.acs?.upstreamForwarding === false) return false;
  const policy = PLATFORMS[topology.platform];
  if (entry.id === exit.id && !policy.returns) return false;
  return near(topology, kind === "posted" ? policy.posted : policy.nonPosted, entry, exit);
}

function near(topology: Topology, reach: Reach, entry: Port, exit: Port): boolean {
  const socketOf = ({ parent }: Port): number | undefined =>
    topology.hostBridges.find(({ id }) => id === parent)?.socket;
  switch (reach) {
    case "nowhere":
      return false;
    case "same-host-bridge":
      return entry.parent === exit.parent;
    case "same-socket":
      return socketOf(entry) === socketOf(exit);
    case "everywhere":
      return true;
  }
}

function portsAbove(topology: Topology, device: string): readonly Port[] {
  const byId = new Map(topology.functions.map((each) => [each.id, each]));
  const ports: Port[] = [];
  for (let at = byId.get(device); at !== undefined; at = byId.get(at.parent))
    if (at.kind === "downstream-port" || at.kind === "root-port")
      ports.push({ id: at.id, parent: at.parent, acs: at.acs });
  return ports;
}
