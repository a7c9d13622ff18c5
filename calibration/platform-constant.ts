import { CONSTANTS, type ConstantName } from "./constants.ts";
import type { Platform } from "./platforms.ts";

/** What a platform may have a value of its own for: "rc.amd-zen.socket_rate" beside "rc.socket_rate". */
export type RootComplexQuantity = "posted_rate" | "read_rate" | "bridge_rate" | "socket_rate";
/** The same of its last-level cache: "host.xeon-sp.llc" beside "host.llc". */
type CacheQuantity = "llc" | "ddio_share";

/** A platform's own constant; undefined where nobody is known to have measured it. */
export function platformConstant(
  platform: Platform,
  quantity: RootComplexQuantity | CacheQuantity,
): ConstantName | undefined {
  const part = quantity === "llc" || quantity === "ddio_share" ? "host" : "rc";
  const name = `${part}.${platform}.${quantity}`;
  return isConstant(name) ? name : undefined;
}

const isConstant = (name: string): name is ConstantName => name in CONSTANTS;
