import type { Bar, Endpoint } from "./topology.ts";

/** Registers of a capture card fit into less than that; a BAR of that size and more, whose reads have no side effects, is its frame store. */
const LEAST_STORE = 2 ** 20;

/**
 * The BAR that shows a device's memory to others, where it has one: the one that was given a size, else the largest that may be
 * prefetched, since registers may not. A GPU without such a BAR shows its memory in the largest of all.
 */
export function memoryBarOf({ role, bars }: Endpoint): Bar | undefined {
  const bySize = [...bars].sort((a, b) => b.size - a.size);
  const least = role === "gpu" ? 0 : LEAST_STORE;
  return (
    bars.find(({ resized }) => resized) ??
    bySize.find(({ prefetchable, size }) => prefetchable && size >= least) ??
    (role === "gpu" ? bySize[0] : undefined)
  );
}
