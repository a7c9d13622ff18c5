import type { Endpoint, PciFunction, Topology } from "../fabric/topology.ts";
import { endpointsByOrdinal, findEndpoint, isFound } from "../machines/endpoints.ts";
import { nearest } from "../machines/nearest.ts";
import { type Complaints, EXIT } from "./exit-status.ts";

/** The two devices that were named, where both are endpoints and not the same; else complaints tell all that is wrong. */
export function readEnds(
  topology: Topology,
  from: string | undefined,
  to: string | undefined,
  complaints: Complaints,
): readonly [Endpoint, Endpoint] | undefined {
  const one = readEnd(topology, "--from", from, complaints);
  const other = readEnd(topology, "--to", to, complaints);
  if (one === undefined || other === undefined) return undefined;
  if (one.id !== other.id) return [one, other];
  complaints.add(`--from and --to are the same device, ${one.id}; name two`, EXIT.usage);
  return undefined;
}

function readEnd(
  topology: Topology,
  option: string,
  name: string | undefined,
  complaints: Complaints,
): Endpoint | undefined {
  // That it is missing has been told already, whatever the machine is.
  if (name === undefined) return undefined;
  const found = findEndpoint(topology, name);
  if (isFound(found)) return found;
  const port = portCalled(topology, name);
  complaints.add(`${option}: ${port ? notAnEnd(topology, port) : unknown(topology, name, found.near)}`, EXIT.usage);
  return undefined;
}

const DOMAIN_ZERO = "0000:";

function portCalled({ functions }: Topology, name: string): PciFunction | undefined {
  const wanted = name.trim().toLowerCase();
  return functions.find(({ id, kind }) => kind !== "endpoint" && (id === wanted || id === DOMAIN_ZERO + wanted));
}

function notAnEnd(topology: Topology, { id, kind }: PciFunction): string {
  const below = [...endpointsByOrdinal(topology)].filter(([, each]) => isBelow(topology, each.id, id));
  const names = below.map(([name, each]) => `${name} (${each.id})`).slice(0, NAMED);
  const more = below.length > NAMED ? ` and ${below.length - NAMED} more` : "";
  const devices = names.length > 0 ? `below it: ${names.join(", ")}${more}` : "nothing is below it";
  return `${id} of ${topology.name} is ${ARTICLES[kind]}, no endpoint; ${devices}`;
}

const NAMED = 4;
const ARTICLES: Readonly<Record<PciFunction["kind"], string>> = {
  "root-port": "a root port",
  "upstream-port": "a switch's upstream port",
  "downstream-port": "a switch's downstream port",
  endpoint: "an endpoint",
};

function isBelow(topology: Topology, id: string, port: string): boolean {
  const parent = topology.functions.find((each) => each.id === id)?.parent;
  return parent !== undefined && (parent === port || isBelow(topology, parent, port));
}

function unknown(topology: Topology, name: string, near: readonly string[]): string {
  const others = near.length > 0 ? near : nearest(name, [...endpointsByOrdinal(topology).keys()]);
  const meant =
    others.length > 0
      ? `did you mean ${others.join(" or ")}?`
      : `its devices: p2peval list machines -m ${topology.name}`;
  return `${topology.name} has no device "${name}"; ${meant}`;
}
