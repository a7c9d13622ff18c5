import { memoryBarOf } from "../fabric/memory-bar.ts";
import type { Bar, Endpoint, Topology } from "../fabric/topology.ts";
import { type Bytes, printBytes } from "../sim/units.ts";
import { FreeWindows } from "./free-windows.ts";

/** Sizes of the Resizable BAR capability, powers of two (PCIe 7.8.6); a request for more is a matter of its second register. */
export const LEAST_BAR: number = 2 ** 20;
export const LARGEST_BAR: number = 2 ** 39;

/**
 * The machine with every GPU's memory and every capture card's frame store behind a BAR of this size. One that shrinks stays where it
 * is; one that grows moves to where no other is, for what lies behind it seldom is free. A sentence where there is no room.
 */
export function resizeBars(topology: Topology, size: Bytes): Topology | string {
  const windows = new FreeWindows(topology.functions);
  const functions = topology.functions.map((each) =>
    each.kind === "endpoint" && (each.role === "gpu" || each.role === "capture") ? resized(each, size, windows) : each,
  );
  const fitting = functions.filter((each) => each !== undefined);
  if (fitting.length === functions.length) return { ...topology, functions: fitting };
  return `${topology.name} has no room for all its memory BARs at ${printBytes(size)} below 2^46, where physical addresses end`;
}

/** Undefined where it does not fit anywhere. */
function resized(device: Endpoint, size: Bytes, windows: FreeWindows): Endpoint | undefined {
  const shown = memoryBarOf(device);
  if (shown === undefined) return device;
  const base = size <= shown.size ? shown.base : windows.take(size);
  if (base === undefined) return undefined;
  const bars = device.bars.map((each): Bar => (each === shown ? { ...each, base, size, resized: true } : each));
  return { ...device, bars };
}
