import { chainOf, type PciDev } from "../../fabric/hierarchy.ts";
import { redirects } from "./acs.ts";
import { type Passage, passageBetween } from "./passage.ts";
import { P2PDMA_RULES, type P2pdmaKernel } from "./rules.ts";

/** enum pci_p2pdma_map_type, as the kernel answers it. */
export type MapType = "BUS_ADDR" | "THRU_HOST_BRIDGE" | "NOT_SUPPORTED";

/** What a verdict depends on besides the two devices. */
export interface Boot {
  readonly kernel: P2pdmaKernel;
  /** An AMD CPU of family 17h or later. */
  readonly cpuIsZen: boolean;
  /** An IOMMU driver runs, passthrough included. */
  readonly iommu: boolean;
}

export interface Judgement {
  readonly mapType: MapType;
  /**
   * Steps from one device up to the common bridge and down to the other, or, without one, the functions on both ways up. Kernels that
   * refuse whatever leaves a switch tell why instead: -1 without a common bridge, -2 where ACS redirects.
   */
  readonly distance: number;
  readonly ground: Ground;
}

/** What decided. */
export interface Ground {
  /** The bridge, or the device itself, where both ways up meet. */
  readonly common?: PciDev;
  /** Functions on the way whose ACS bits redirect, the provider's side first. */
  readonly redirecting: readonly PciDev[];
  /** What was thought of the root complex, where the way leads there. */
  readonly passage?: Passage;
}

const NO_COMMON_BRIDGE = -1;
const ACS_REDIRECTS = -2;

/**
 * The kernel's decision over memory of `provider` that `client` is to reach. It is a rule over the tree, not over packets: a redirecting
 * bit anywhere from either end up to the common bridge, that bridge included, sends all to the host bridge, and the bridges above do
 * not matter. The kernel remembers the answer for each pair, so ACS bits that are changed later do not change it.
 */
export function mapTypeOf(provider: PciDev, client: PciDev, boot: Boot): Judgement {
  const up = chainOf(provider);
  const down = chainOf(client);
  const onWayDown = new Set(down);
  const rise = up.findIndex((each) => onWayDown.has(each));
  const common = up[rise];
  if (common === undefined) {
    const around = { redirecting: [], passage: passageBetween(provider, client, boot) };
    return throughHostBridge(around, boot.kernel, up.length + down.length);
  }
  const fall = down.indexOf(common);
  const way = [...up.slice(0, rise + 1), ...down.slice(0, fall)];
  const redirecting = way.filter((each) => redirects(each, boot.iommu));
  if (redirecting.length === 0) return { mapType: "BUS_ADDR", distance: rise + fall, ground: { common, redirecting } };
  const ground = { common, redirecting, passage: passageBetween(provider, client, boot) };
  return throughHostBridge(ground, boot.kernel, rise + fall);
}

function throughHostBridge(
  ground: Ground & { readonly passage: Passage },
  kernel: P2pdmaKernel,
  steps: number,
): Judgement {
  if (ground.passage.open) return { mapType: "THRU_HOST_BRIDGE", distance: steps, ground };
  const code = ground.common ? ACS_REDIRECTS : NO_COMMON_BRIDGE;
  const distance = P2PDMA_RULES[kernel].hostBridges === "never" ? code : steps;
  return { mapType: "NOT_SUPPORTED", distance, ground };
}
