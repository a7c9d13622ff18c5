import { describe, expect, test } from "vitest";
import { memoryBarOf } from "../../fabric/memory-bar.ts";
import type { Bar, Endpoint } from "../../fabric/topology.ts";
import { busAddr, bytes } from "../../sim/units.ts";
import { endpointOf, KIB, MIB, machineOf } from "../harness/cells.ts";

const bar = (index: number, size: number, prefetchable: boolean): Bar => ({
  index,
  base: busAddr(2 ** 40 + index * 2 ** 36),
  size: bytes(size),
  prefetchable,
});
const device = (role: Endpoint["role"], ...bars: readonly Bar[]): Endpoint => ({
  ...endpointOf(machineOf("one-switch"), "gpu"),
  role,
  bars,
});

describe("The BAR that shows a device's memory", () => {
  test("is the largest that may be prefetched, though registers take more", () => {
    expect(memoryBarOf(device("gpu", bar(0, 16 * MIB, false), bar(1, MIB, true)))?.index).toBe(1);
    expect(memoryBarOf(device("gpu", bar(0, 16 * MIB, true), bar(2, 256 * MIB, true)))?.index).toBe(2);
  });

  test("is a GPU's largest where none may be prefetched, and nobody's else", () => {
    const registers = [bar(0, 16 * MIB, false), bar(2, 32 * MIB, false)];
    expect(memoryBarOf(device("gpu", ...registers))?.index).toBe(2);
    expect(memoryBarOf(device("capture", ...registers))).toBeUndefined();
    expect(memoryBarOf(device("capture", bar(0, 64 * KIB, true)))).toBeUndefined();
    expect(memoryBarOf(device("gpu"))).toBeUndefined();
  });

  test("is the one that was given its size, however large the others are", () => {
    const resized: Bar = { ...bar(1, MIB, true), resized: true };
    expect(memoryBarOf(device("gpu", bar(0, 16 * MIB, false), resized, bar(3, 32 * MIB, true)))).toBe(resized);
  });
});
