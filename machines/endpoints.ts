import type { Endpoint, Topology } from "../fabric/topology.ts";
import { nearest } from "./nearest.ts";

/** Names that a mistyped one may have meant, likeliest first. */
export interface NotFound {
  readonly near: readonly string[];
}

/** Every endpoint of a machine, in its order. */
export function endpoints(topology: Topology): readonly Endpoint[] {
  return topology.functions.filter((each) => each.kind === "endpoint");
}

/** What each endpoint may be called besides its address: its role, counted in the machine's order. */
export function endpointsByOrdinal(topology: Topology): ReadonlyMap<string, Endpoint> {
  const seen = new Map<Endpoint["role"], number>();
  return new Map(
    endpoints(topology).map((endpoint) => {
      const ordinal = seen.get(endpoint.role) ?? 0;
      seen.set(endpoint.role, ordinal + 1);
      return [`${endpoint.role}${ordinal}`, endpoint];
    }),
  );
}

/** The endpoint called "0000:19:00.0", "19:00.0" (domain 0) or "gpu0"; case does not matter. */
export function findEndpoint(topology: Topology, name: string): Endpoint | NotFound {
  const wanted = name.trim().toLowerCase();
  const byOrdinal = endpointsByOrdinal(topology);
  const byAddress = endpoints(topology).flatMap((each) => addressesOf(each).map((address) => [address, each] as const));
  const named = new Map([...byOrdinal, ...byAddress]);
  return named.get(wanted) ?? { near: nearest(wanted, [...named.keys()]) };
}

/** Tells the two answers of findEndpoint apart. */
export const isFound = (answer: Endpoint | NotFound): answer is Endpoint => !("near" in answer);

const DOMAIN_ZERO = "0000:";

const addressesOf = ({ id }: Endpoint): readonly string[] =>
  id.startsWith(DOMAIN_ZERO) ? [id, id.slice(DOMAIN_ZERO.length)] : [id];
