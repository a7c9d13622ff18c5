/**
 * Root complexes that pci_p2pdma trusts to forward between their ports, by the ids of the first function on the root bus: the tables
 * called pci_p2pdma_whitelist in drivers/pci/p2pdma.c. A version's table is data, so another version is another list here.
 */
export interface ListedHostBridge {
  /** Vendor and device, "8086:2030". */
  readonly identity: string;
  /** Only between devices below one host bridge (REQ_SAME_HOST_BRIDGE). */
  readonly sameHostBridge: boolean;
}

const anywhere = (identity: string): ListedHostBridge => ({ identity, sameHostBridge: false });
const withinOne = (identity: string): ListedHostBridge => ({ identity, sameHostBridge: true });

/** First-generation Zen; later kernels ask the CPU itself. */
const ZEN: readonly ListedHostBridge[] = [anywhere("1022:1450")];
/** Sandy Bridge-EP. */
const XEON_E5: readonly ListedHostBridge[] = [withinOne("8086:3c00"), withinOne("8086:3c01")];
/** Haswell-EP; Ivy Bridge-EP and Broadwell-EP never were on the list. */
const XEON_E5_V3: readonly ListedHostBridge[] = [withinOne("8086:2f00"), withinOne("8086:2f01")];
/** Skylake-SP: its root ports A to D, and its DMI registers. */
const SKYLAKE_SP: readonly ListedHostBridge[] = [
  ...["8086:2030", "8086:2031", "8086:2032", "8086:2033", "8086:2020"].map(anywhere),
];
/** Ice Lake-SP and what came after it. */
const ICE_LAKE_SP: readonly ListedHostBridge[] = [anywhere("8086:09a2")];

export const HOST_BRIDGES_5_4: readonly ListedHostBridge[] = [...ZEN, ...XEON_E5, ...XEON_E5_V3];
export const HOST_BRIDGES_5_15: readonly ListedHostBridge[] = [...XEON_E5, ...XEON_E5_V3, ...SKYLAKE_SP];
export const HOST_BRIDGES_6_12: readonly ListedHostBridge[] = [...HOST_BRIDGES_5_15, ...ICE_LAKE_SP];
