import type { HostBridge, Socket } from "../../fabric/topology.ts";
import { bytes } from "../../sim/units.ts";
import { type Buses, busOf, type Surveyed } from "./buses.ts";
import { identityOf } from "./identity.ts";
import { textOf } from "./record.ts";
import { note, type Remarks } from "./remarks.ts";

/** Assumed of every socket, and remarked on: results that depend on it are none of a dump's. */
const ASSUMED_MEMORY = bytes(64 * 2 ** 30);
const USUAL_SOCKETS = 2;

/** The sockets: one for each NUMA node that a function names or a host bridge is assumed to be on. */
export function readSockets(
  records: readonly Surveyed[],
  bridges: readonly HostBridge[],
  remarks: Remarks,
): readonly Socket[] {
  const ids = new Set([...records.flatMap(nodeOf), ...bridges.map(({ socket }) => socket)]);
  note(remarks, "memory");
  if (ids.size > USUAL_SOCKETS) note(remarks, "numa-many", `${ids.size} nodes`);
  return [...ids].sort((left, right) => left - right).map((id) => ({ id, memory: ASSUMED_MEMORY }));
}

/** The host bridges of these root buses: on the socket of the first function below that names its NUMA node, else on socket 0. */
export function readHostBridges(
  roots: readonly string[],
  records: readonly Surveyed[],
  buses: Buses,
  remarks: Remarks,
): readonly HostBridge[] {
  const nodes = new Map<string, number>();
  for (const record of records) {
    const root = buses.rootOf(busOf(record.address));
    const [node] = nodeOf(record);
    if (node !== undefined && !nodes.has(root)) nodes.set(root, node);
  }
  if (nodes.size === 0) note(remarks, "numa-silent");
  return roots.map((id) => {
    const socket = nodes.get(id);
    if (socket === undefined && nodes.size > 0) note(remarks, "numa-partial", id);
    return { id, socket: socket ?? 0, ...bridgeIdentity(records.filter(({ address }) => busOf(address) === id)) };
  });
}

/** The kernel looks at a root bus' first function, and only where that is at 00.0 or a root port (pci_host_bridge_dev in p2pdma.c). */
function bridgeIdentity([first]: readonly Surveyed[]): Pick<HostBridge, "identity" | "identityOfRootPort"> {
  const identity = first && identityOf(first);
  if (identity === undefined) return {};
  if (first?.address.devfn === 0) return { identity };
  return first?.express?.type === "root-port" ? { identity, identityOfRootPort: true } : {};
}

/** lspci prints the node only where the kernel knows it. */
function nodeOf({ fields }: Surveyed): readonly number[] {
  const node = /^\d{1,4}$/.exec(textOf(fields, "NUMA node") ?? "")?.[0];
  return node === undefined ? [] : [Number(node)];
}
