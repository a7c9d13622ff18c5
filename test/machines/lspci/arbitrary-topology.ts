import fc from "fast-check";
import type { Platform } from "../../../calibration/platforms.ts";
import type { Acs, Bar, Endpoint, Link, PciFunction, Topology } from "../../../fabric/topology.ts";
import { busAddr, bytes } from "../../../sim/units.ts";

/**
 * Machines of one to three host bridges, each in a domain of its own: integrated endpoints, root ports, and switches up to two
 * deep, with every link, size and bit drawn freely. No port is empty: its secondary bus is not part of a Topology.
 */
export const arbitraryTopology: fc.Arbitrary<Topology> = fc.letrec<{ below: Below }>((tie) => ({
  below: fc.oneof({ maxDepth: 2 }, fc.record({ devices: cards }), fc.record({ link, ports: ports(tie("below")) })),
})).below && machine();

type Card = Pick<Endpoint, "role" | "maxPayload" | "maxReadRequest" | "tags" | "bars"> & { readonly acs: Acs | null };
interface Device {
  readonly link: Link;
  readonly functions: readonly Card[];
}
interface Switch {
  readonly link: Link;
  readonly ports: readonly { readonly acs: Acs | null; readonly below: Below }[];
}
type Below = Device | Switch;
