import type { Parameters } from "../../calibration/parameters.ts";
import type { PciFunction, Topology } from "../../fabric/topology.ts";
import type { Bottleneck, ExplainedWay, Reach } from "../../record/explanation.ts";
import { ancestry, linkOf, meetingPort } from "./path.ts";
import { Wire } from "./trail.ts";

/**
 * How far apart two devices are and what the narrowest link between them carries: the links up to the port where both ways meet, and
 * those above it where packets climb on.
 */
export function reachOf(
  topology: Topology,
  ends: readonly [string, string],
  ways: readonly ExplainedWay[],
  parameters: Parameters,
): Reach {
  const meeting = meetingPort(topology, ...ends);
  const climbs = ways.some(({ steps }) => steps.some((step) => step.startsWith("ingress ")));
  const below = ends.flatMap((id) => upTo(ancestry(topology, id), meeting));
  const above = climbs && meeting ? ancestry(topology, meeting.id) : [];
  const crossed = new Map([...below, ...above].map((each) => [each.id, each]));
  const links = [...crossed.values()].filter(hasLink);
  const [from, to] = ends;
  const { graph } = new Wire(topology, ends, parameters, false);
  const payload = graph.maxPayload(graph.nodeOf.get(from) ?? 0, graph.nodeOf.get(to) ?? 0);
  const sizes = new Set([...crossed.values(), ...portsAbove(topology, crossed)].map(({ maxPayload }) => maxPayload));
  return {
    links: linksOf(below),
    links_crossed_twice: linksOf(above),
    switches: [...crossed.values(), ...(meeting && !climbs ? [meeting] : [])].filter(isUpstream).length,
    max_payload_bytes: payload,
    max_payload_note:
      sizes.size > 1
        ? `ports on the way are set to ${[...sizes].sort((a, b) => a - b).join(", ")} B; a packet larger than the least is malformed there`
        : null,
    bottleneck: narrowest(links, payload, parameters),
  };
}

/** A chain up to a port, which is left out; all of it where there is no such port. */
const upTo = (chain: readonly PciFunction[], port: PciFunction | undefined): readonly PciFunction[] =>
  port ? chain.slice(0, chain.indexOf(port)) : chain;

const hasLink = ({ link }: PciFunction): boolean => link !== undefined;
/** Functions of one device share the link below their port. */
const linksOf = (functions: readonly PciFunction[]): number =>
  new Set(functions.filter(hasLink).map(({ parent }) => parent)).size;
const isUpstream = ({ kind }: PciFunction): boolean => kind === "upstream-port";

/** The upper ends of links that are crossed. */
const portsAbove = (topology: Topology, crossed: ReadonlyMap<string, PciFunction>): readonly PciFunction[] =>
  [...crossed.values()].flatMap(({ link, parent }) =>
    link ? topology.functions.filter(({ id }) => id === parent && !crossed.has(id)) : [],
  );

/** Every packet of a posted write above 4 GiB has framing and a header of four double words. */
function narrowest(links: readonly PciFunction[], payload: number, parameters: Parameters): Bottleneck | null {
  const overhead = parameters.amount("tlp.framing") + parameters.amount("tlp.header_4dw");
  const rates = links.flatMap(({ id, link }) => (link ? [{ at: id, ...linkOf(link) }] : []));
  const least = Math.min(...rates.map(({ raw_bytes_per_s }) => raw_bytes_per_s));
  const found = rates.find(({ raw_bytes_per_s }) => raw_bytes_per_s === least);
  return found
    ? {
        ...found,
        packet_overhead_bytes: overhead,
        payload_bytes_per_s: (found.raw_bytes_per_s * payload) / (payload + overhead),
      }
    : null;
}
