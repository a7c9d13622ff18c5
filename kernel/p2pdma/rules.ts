import { HOST_BRIDGES_5_4, HOST_BRIDGES_5_15, HOST_BRIDGES_6_12, type ListedHostBridge } from "./host-bridges.ts";

/**
 * What differs between kernels in pci_p2pdma's decision over two devices. That RR, CR and EC redirect, that the common bridge counts,
 * and what an IOMMU driver does to ACS is the same in all of them.
 */
export interface P2pdmaRules {
  /** Host bridges that forward; "never" where all that a switch does not turn is refused. */
  readonly hostBridges: readonly ListedHostBridge[] | "never";
  /** An AMD CPU of family 17h (Zen) or later forwards, whatever its host bridges are (cpu_supports_p2pdma). */
  readonly zenForwards: boolean;
  /** Where nothing answers at 00.0, a root port that comes first on the root bus stands for the host bridge. */
  readonly rootPortStandsIn: boolean;
  /** File and version that say so. */
  readonly source: string;
}

/** Kernels whose rules are known, the oldest first. */
export const P2PDMA_RULES = {
  "4.20": {
    hostBridges: "never",
    zenForwards: false,
    rootPortStandsIn: false,
    source:
      "Linux 4.20 drivers/pci/p2pdma.c, upstream_bridge_distance: -1 without a common bridge, -2 where ACS redirects",
  },
  "5.4": {
    hostBridges: HOST_BRIDGES_5_4,
    zenForwards: false,
    rootPortStandsIn: false,
    source: "Linux 5.4 drivers/pci/p2pdma.c, upstream_bridge_distance and host_bridge_whitelist",
  },
  "5.15": {
    hostBridges: HOST_BRIDGES_5_15,
    zenForwards: true,
    rootPortStandsIn: false,
    source: "Linux 5.15 drivers/pci/p2pdma.c, calc_map_type_and_dist, cpu_supports_p2pdma and host_bridge_whitelist",
  },
  "6.12": {
    hostBridges: HOST_BRIDGES_6_12,
    zenForwards: true,
    rootPortStandsIn: true,
    source: "Linux 6.12 drivers/pci/p2pdma.c, calc_map_type_and_dist, cpu_supports_p2pdma and pci_host_bridge_dev",
  },
} as const satisfies Readonly<Record<string, P2pdmaRules>>;

export type P2pdmaKernel = keyof typeof P2PDMA_RULES;

/** Whether a version's rules are known. */
export const isP2pdmaKernel = (version: string): version is P2pdmaKernel => Object.hasOwn(P2PDMA_RULES, version);

/** Whether a version is older than pci_p2pdma, which 4.20 brought. */
export function precedesP2pdma(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major !== undefined && (major < 4 || (major === 4 && minor !== undefined && minor < 20));
}
