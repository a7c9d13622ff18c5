import type { Parameters } from "../../calibration/parameters.ts";
import type { Topology } from "../../fabric/topology.ts";
import { endpoints } from "../../machines/endpoints.ts";
import type { Candidate } from "./candidate.ts";
import { groupWords } from "./group-words.ts";
import { ancestry } from "./path.ts";
import { isTranslating, type Scenario } from "./scenario.ts";
import { Wire } from "./trail.ts";
import { wireBetween } from "./way.ts";

/** What isolation a change costs: IOMMU groups, and who then reaches whom below the root complex, where no IOMMU sees it. */
export function priceOf(
  present: Scenario,
  { scenario: after, gives_up, base }: Candidate,
  parameters: Parameters,
): readonly string[] {
  const before = base ?? present;
  const sameMachine = before.from === after.from && before.to === after.to && before.iommu === after.iommu;
  if (!sameMachine || !isAcsChanged(before.topology, after.topology)) return gives_up;
  const losses = [...groupLines(before, after), ...exposures(before, after, parameters)];
  if (before.iommu !== "off" || losses.length === 0) return [...gives_up, ...losses];
  return [...gives_up, `nothing now, since no IOMMU runs; under one: ${losses.join("; ")}`];
}

/** Cards that move bring other groups, but no bit is given up for it. */
const isAcsChanged = (one: Topology, other: Topology): boolean =>
  one.functions.some(({ acs }, place) => JSON.stringify(acs) !== JSON.stringify(other.functions[place]?.acs));

function groupLines(before: Scenario, after: Scenario): readonly string[] {
  const [old, fresh] = [before, after].map(({ topology, from, to }) => groupWords(topology, [from, to]));
  if (old === undefined || fresh === undefined || old.join() === fresh.join()) return [];
  const joined = fresh.length < old.length ? "one group: " : "";
  return [`IOMMU groups ${old.join(" and ")} become ${joined}${fresh.join(" and ")}`];
}

function exposures(before: Scenario, after: Scenario, parameters: Parameters): readonly string[] {
  return [before.from, before.to].flatMap((id) => {
    const others = neighbours(before.topology, id);
    const known = turnedBelow(before, id, others, parameters);
    const fresh = turnedBelow(after, id, others, parameters).filter((each) => !known.includes(each));
    return fresh.length > 0 ? [`${id} reaches ${fresh.join(", ")} without passing the IOMMU`] : [];
  });
}

/** The other endpoints below a device's root port. */
function neighbours(topology: Topology, id: string): readonly string[] {
  const root = ancestry(topology, id).at(-1)?.id;
  return endpoints(topology)
    .map((each) => each.id)
    .filter((each) => each !== id && ancestry(topology, each).at(-1)?.id === root);
}

/** Those whose memory a device's writes reach without climbing to the root complex. */
function turnedBelow(
  { topology, iommu }: Scenario,
  id: string,
  others: readonly string[],
  parameters: Parameters,
): readonly string[] {
  if (others.length === 0) return [];
  const wire = new Wire(topology, [id, ...others], parameters, isTranslating(iommu));
  return others.filter((other) => wireBetween(wire, id, other, "bus address").write.turn === "switch");
}
