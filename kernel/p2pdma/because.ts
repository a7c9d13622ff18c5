import type { PciDev, PciHostBridge } from "../../fabric/hierarchy.ts";
import type { Ground } from "./map-type.ts";
import type { ListFault, Passage } from "./passage.ts";
import type { P2pdmaKernel } from "./rules.ts";

/** One sentence for a person: the port, the device or the host bridge that decided. */
export function because({ common, redirecting, passage }: Ground, kernel: P2pdmaKernel): string {
  const [redirector] = redirecting;
  if (passage === undefined) return `no ACS bit redirects anywhere up to ${common?.id}, where both ways meet`;
  const leads = redirector
    ? `ACS redirects at ${redirector.id}${others(redirecting)}, at or below ${common?.id}, where both ways meet`
    : "no bridge is above both";
  return `${leads}; ${opinion(passage, kernel)}`;
}

const others = ({ length }: readonly PciDev[]): string => (length > 1 ? ` and at ${length - 1} more on the way` : "");

function opinion(passage: Passage, kernel: P2pdmaKernel): string {
  if (passage.by === "kernel") return `Linux ${kernel} trusts no host bridge to forward`;
  if (passage.by === "cpu") return "the CPU is a Zen or later, which forwards";
  if (passage.open) return `${passage.hostBridges.map(named).join(" and ")}, on Linux ${kernel}'s list, will forward`;
  return `${named(passage.hostBridge)} ${FAULTS[passage.fault](kernel)}`;
}

const named = ({ id, first }: PciHostBridge): string => `host bridge ${id}${first ? ` (${first.identity})` : ""}`;

const FAULTS: Readonly<Record<ListFault, (kernel: P2pdmaKernel) => string>> = {
  "no-ids": (kernel) => `shows no ids by which Linux ${kernel} would know it`,
  "not-at-00.0": (kernel) => `shows its ids elsewhere than where Linux ${kernel} looks for them`,
  "not-listed": (kernel) => `is not on Linux ${kernel}'s list of those that forward`,
  "same-host-bridge-only": (kernel) => `forwards to no other host bridge, by Linux ${kernel}'s list`,
};
