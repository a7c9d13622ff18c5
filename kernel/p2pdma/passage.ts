import type { FirstFunction, PciDev, PciHostBridge } from "../../fabric/hierarchy.ts";
import type { ListedHostBridge } from "./host-bridges.ts";
import { P2PDMA_RULES, type P2pdmaKernel, type P2pdmaRules } from "./rules.ts";

/** Whether the kernel trusts a root complex to forward between two devices, and what decided that. */
export type Passage =
  | { readonly open: true; readonly by: "cpu" }
  | { readonly open: true; readonly by: "host-bridge"; readonly hostBridges: readonly PciHostBridge[] }
  | { readonly open: false; readonly by: "kernel" }
  | { readonly open: false; readonly by: "host-bridge"; readonly hostBridge: PciHostBridge; readonly fault: ListFault };

/** Why a host bridge does not count as listed. */
export type ListFault = "no-ids" | "not-at-00.0" | "not-listed" | "same-host-bridge-only";

interface Circumstances {
  readonly kernel: P2pdmaKernel;
  readonly cpuIsZen: boolean;
}

/** One host bridge above both devices is asked once, two are asked both and have to forward to others as well. */
export function passageBetween(one: PciDev, other: PciDev, { kernel, cpuIsZen }: Circumstances): Passage {
  const rules: P2pdmaRules = P2PDMA_RULES[kernel];
  if (rules.hostBridges === "never") return { open: false, by: "kernel" };
  if (cpuIsZen && rules.zenForwards) return { open: true, by: "cpu" };
  const hostBridges = [...new Set([one.hostBridge, other.hostBridge])];
  for (const hostBridge of hostBridges) {
    const fault = listFault(hostBridge, hostBridges.length === 1, rules.hostBridges, rules.rootPortStandsIn);
    if (fault) return { open: false, by: "host-bridge", hostBridge, fault };
  }
  return { open: true, by: "host-bridge", hostBridges };
}

function listFault(
  { first }: PciHostBridge,
  alone: boolean,
  listed: readonly ListedHostBridge[],
  rootPortStandsIn: boolean,
): ListFault | undefined {
  if (first === undefined) return "no-ids";
  if (!standsForHostBridge(first, rootPortStandsIn)) return "not-at-00.0";
  const entry = listed.find(({ identity }) => identity === first.identity);
  if (entry === undefined) return "not-listed";
  return entry.sameHostBridge && !alone ? "same-host-bridge-only" : undefined;
}

/** The kernel looks at the function that comes first on the root bus, and at no other (pci_host_bridge_dev). */
const standsForHostBridge = ({ at00, rootPort }: FirstFunction, rootPortStandsIn: boolean): boolean =>
  at00 || (rootPort && rootPortStandsIn);
