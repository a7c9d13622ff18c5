import type { Topology } from "../../fabric/topology.ts";
import { IommuGroups } from "../../kernel/iommu-groups.ts";

/** More members than this are told as devices, and a count of ports. */
const MOST = 4;

/** The groups of two devices, each told once: "{0000:18:00.0, 0000:19:00.0 and 7 ports}". */
export function groupWords(topology: Topology, ends: readonly [string, string]): readonly string[] {
  const groups = new IommuGroups(topology);
  return [...new Set(ends.map((id) => inWords(topology, groups.membersOf(id))))];
}

function inWords({ functions }: Topology, members: readonly string[]): string {
  if (members.length <= MOST) return `{${members.join(", ")}}`;
  const devices = functions.filter(({ id, kind }) => kind === "endpoint" && members.includes(id)).map(({ id }) => id);
  const ports = members.length - devices.length;
  return ports === 0 ? `{${devices.join(", ")}}` : `{${devices.join(", ")} and ${ports} port${ports === 1 ? "" : "s"}}`;
}
