import { type PciDev, pciDevsOf } from "../../fabric/hierarchy.ts";
import type { Topology } from "../../fabric/topology.ts";
import { because } from "./because.ts";
import { type Boot, type MapType, mapTypeOf } from "./map-type.ts";

export interface Verdict {
  readonly mapType: MapType;
  /** As in map-type.ts. */
  readonly distance: number;
  /** One sentence that names the port or the host bridge that decided. */
  readonly because: string;
}

/**
 * The kernel's verdict over two endpoints of a machine, by their ids: may `client` reach memory of `provider`, and by which address.
 * Without an IOMMU, ACS bits are as the machine was found, which is what firmware left only if the dump was made without one too.
 * Throws a RangeError where an id is no endpoint's: the caller looks names up before.
 */
export function verdict(topology: Topology, provider: string, client: string, boot: Boot): Verdict {
  const devs = pciDevsOf(topology);
  const endpoint = (id: string): PciDev => {
    const dev = topology.functions.some((each) => each.id === id && each.kind === "endpoint")
      ? devs.get(id)
      : undefined;
    if (dev === undefined) throw new RangeError(`${id} is not an endpoint of ${topology.name}`);
    return dev;
  };
  const { mapType, distance, ground } = mapTypeOf(endpoint(provider), endpoint(client), boot);
  return { mapType, distance, because: because(ground, boot.kernel) };
}
