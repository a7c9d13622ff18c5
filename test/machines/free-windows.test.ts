import { describe, expect, test } from "vitest";
import { FreeWindows } from "../../machines/free-windows.ts";
import { GIB, machineOf } from "../harness/cells.ts";

const TIB = 2 ** 40;

describe("Free windows", () => {
  test("are the lowest from 1 TiB up, each on a multiple of its size, and taken once", () => {
    const windows = new FreeWindows([]);
    expect([windows.take(GIB), windows.take(4 * GIB), windows.take(GIB)]).toEqual([TIB, TIB + 4 * GIB, TIB + GIB]);
  });

  test("lie beside the BARs that a machine has", () => {
    const { functions } = machineOf("one-switch");
    const base = new FreeWindows(functions).take(64 * GIB) ?? 0;
    const taken = functions.flatMap((each) => (each.kind === "endpoint" ? each.bars : []));
    for (const bar of taken) expect(bar.base >= base + 64 * GIB || bar.base + bar.size <= base).toBe(true);
  });

  test("end where physical addresses do", () => {
    const windows = new FreeWindows([]);
    expect(windows.take(2 ** 45)).toBe(2 ** 45);
    expect(windows.take(2 ** 45)).toBeUndefined();
  });
});
