import type { Platform } from "../calibration/platforms.ts";
import type { BusAddr, Bytes } from "../sim/units.ts";

/**
 * A machine as data: what a dump of it says, nothing computed. A flat list of functions, each naming its parent; sockets own
 * memory and host bridges.
 *
 *   socket 0 ── host bridge ── root port ══ upstream port ── downstream port ══ endpoint
 *                                   (══ a link, kept at its lower end; ── inside one piece of silicon)
 */
export interface Topology {
  /** A label, never a path. */
  readonly name: string;
  /** Decides what the root complex forwards, and how fast. */
  readonly platform: Platform;
  readonly sockets: readonly Socket[];
  readonly hostBridges: readonly HostBridge[];
  readonly functions: readonly PciFunction[];
  /** The dump names IOMMU groups, so an IOMMU driver ran when it was made, in whatever mode; silence says nothing. */
  readonly iommuGroups?: true;
  /** What was assumed or looked odd while reading it, one sentence each. */
  readonly warnings: readonly string[];
}

export interface Socket {
  readonly id: number;
  readonly memory: Bytes;
}

export interface HostBridge {
  /** "0000:15", domain and root bus. */
  readonly id: string;
  readonly socket: number;
  /** Vendor and device of the first function on the root bus, "8086:09a2", where known: the key of the kernel's whitelist. */
  readonly identity?: string;
  /** The identity is that of the first root port, for nothing answers at 00.0; older kernels look nowhere else. */
  readonly identityOfRootPort?: boolean;
}

export type PciFunction = Port | Endpoint;

export interface Port {
  readonly id: string;
  readonly kind: "root-port" | "upstream-port" | "downstream-port";
  /** A host bridge for a root port, else a function. */
  readonly parent: string;
  /** The link above an upstream port; the other ports have none of their own. */
  readonly link?: Link;
  /** Control bits, where the port has the ACS capability. */
  readonly acs?: Acs;
  /** The bits that its capability register offers, where that is known; no other bit can be set. */
  readonly acsOffered?: Acs;
  /** Ports beside it whose bits are set in its Egress Control Vector; none at reset, and lspci prints none. */
  readonly egressBlocked?: readonly string[];
  /** It adds an end-to-end CRC to packets that it makes (AER: ECRC Generation Enable); a root port's are those of its root complex. */
  readonly ecrc?: true;
  /** Max_Payload_Size in effect (Device Control). */
  readonly maxPayload: Bytes;
  readonly label: string;
}

export interface Endpoint {
  readonly id: string;
  readonly kind: "endpoint";
  /** A host bridge (root-complex integrated), a root port or a downstream port. */
  readonly parent: string;
  readonly link?: Link;
  /** As at a port; multi-function devices and integrated endpoints may have it (PCIe 6.12.1). */
  readonly acs?: Acs;
  readonly acsOffered?: Acs;
  readonly maxPayload: Bytes;
  /** Max_Read_Request_Size in effect (Device Control). */
  readonly maxReadRequest: Bytes;
  /** 32 without Extended Tags, 256 with, 768 with ten-bit tags. */
  readonly tags: number;
  readonly ecrc?: true;
  /** Address Translation Services are enabled (ATS Control): behind a translating IOMMU it keeps translations itself. */
  readonly ats?: true;
  /** Device Control lets its requests carry Relaxed Ordering; its data do. */
  readonly relaxedOrdering?: true;
  /** Device Control 2 lets its requests, and its completions, carry ID-Based Ordering. */
  readonly idOrderedRequests?: true;
  readonly idOrderedCompletions?: true;
  readonly role: "nvme" | "gpu" | "nic" | "capture" | "other";
  readonly label: string;
  readonly bars: readonly Bar[];
  /** Its memory lies behind programmable logic, which answers reads slowly. */
  readonly fpga?: boolean;
  /** This GPU also has NVLink, so real GPU to GPU traffic would not use PCIe. */
  readonly nvlink?: boolean;
}

export interface Bar {
  readonly index: number;
  readonly base: BusAddr;
  readonly size: Bytes;
  readonly prefetchable: boolean;
  /** It was given its size, as Resizable BAR does: it shows memory, even where another one is larger. */
  readonly resized?: true;
}

/** PCIe generation and lanes in effect. */
export interface Link {
  readonly generation: 1 | 2 | 3 | 4 | 5;
  readonly width: 1 | 2 | 4 | 8 | 12 | 16;
}

/** The seven ACS control bits (PCIe 6.12). */
export interface Acs {
  readonly sourceValidation: boolean;
  readonly translationBlocking: boolean;
  readonly requestRedirect: boolean;
  readonly completionRedirect: boolean;
  readonly upstreamForwarding: boolean;
  readonly egressControl: boolean;
  readonly directTranslated: boolean;
}

export const ACS_OFF: Acs = {
  sourceValidation: false,
  translationBlocking: false,
  requestRedirect: false,
  completionRedirect: false,
  upstreamForwarding: false,
  egressControl: false,
  directTranslated: false,
};

/** What Linux sets on every capable port when an IOMMU is on (pci_std_enable_acs in drivers/pci/pci.c). */
export const ACS_LINUX: Acs = {
  ...ACS_OFF,
  sourceValidation: true,
  requestRedirect: true,
  completionRedirect: true,
  upstreamForwarding: true,
};

/** What is set in both. */
export const acsBoth = (one: Acs, other: Acs): Acs => joined(one, other, (left, right) => left && right);

/** What is set in either. */
export const acsEither = (one: Acs, other: Acs): Acs => joined(one, other, (left, right) => left || right);

const joined = (one: Acs, other: Acs, join: (left: boolean, right: boolean) => boolean): Acs => ({
  sourceValidation: join(one.sourceValidation, other.sourceValidation),
  translationBlocking: join(one.translationBlocking, other.translationBlocking),
  requestRedirect: join(one.requestRedirect, other.requestRedirect),
  completionRedirect: join(one.completionRedirect, other.completionRedirect),
  upstreamForwarding: join(one.upstreamForwarding, other.upstreamForwarding),
  egressControl: join(one.egressControl, other.egressControl),
  directTranslated: join(one.directTranslated, other.directTranslated),
});

/** The same machine with ACS control bits cleared, or set as Linux sets them where the capability offers them. */
export function withAcs(topology: Topology, setting: "as-found" | "off" | "on"): Topology {
  if (setting === "as-found") return topology;
  const wanted = setting === "on" ? ACS_LINUX : ACS_OFF;
  const set = (each: PciFunction): PciFunction =>
    each.acs ? { ...each, acs: each.acsOffered ? acsBoth(wanted, each.acsOffered) : wanted } : each;
  return { ...topology, functions: topology.functions.map(set) };
}

/** Every way in which a topology is not a machine, one sentence each; empty where it is one. */
export function topologyFaults(topology: Topology): readonly string[] {
  const bridges = new Set(topology.hostBridges.map(({ id }) => id));
  const sockets = new Set(topology.sockets.map(({ id }) => id));
  const byId = new Map(topology.functions.map((each) => [each.id, each]));
  const faults: string[] = [];
  if (byId.size !== topology.functions.length) faults.push("two functions have the same id");
  for (const bridge of topology.hostBridges)
    if (!sockets.has(bridge.socket))
      faults.push(`host bridge ${bridge.id} is on socket ${bridge.socket}, which is not there`);
  for (const each of topology.functions) faults.push(...functionFaults(each, byId, bridges));
  return faults;
}

const PARENTS: Readonly<Record<PciFunction["kind"], readonly string[]>> = {
  "root-port": ["host bridge"],
  "upstream-port": ["root-port", "downstream-port"],
  "downstream-port": ["upstream-port"],
  endpoint: ["host bridge", "root-port", "downstream-port"],
};

function* functionFaults(
  each: PciFunction,
  byId: ReadonlyMap<string, PciFunction>,
  bridges: ReadonlySet<string>,
): Generator<string> {
  const parent = bridges.has(each.parent) ? "host bridge" : byId.get(each.parent)?.kind;
  if (parent === undefined) yield `${each.id} names the parent ${each.parent}, which is not there`;
  else if (!PARENTS[each.kind].includes(parent)) yield `${each.id}, a ${each.kind}, hangs below a ${parent}`;
  if ((each.kind === "upstream-port" || (each.kind === "endpoint" && parent !== "host bridge")) && !each.link)
    yield `${each.id} has no link above it`;
}
