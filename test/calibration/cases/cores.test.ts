import { describe, expect, it } from "vitest";
import { coreOf, coreSpeedIn } from "../../../calibration/cases/cores.ts";

describe("The speed of a core", () => {
  it("is its clock over 3.6 GHz, times its work per clock", () => {
    expect(coreOf("Xeon E5-2698 v4", 3.6, "Broadwell").value).toBe(1);
    expect(coreOf("Threadripper PRO", 5.3, "Zen 4").value).toBeCloseTo((5.3 / 3.6) * 1.15 * 1.19 * 1.13, 2);
  });

  it("of a year grows with the years, passes through what servers of that year had, and stops at the ends", () => {
    expect([2016, 2021, 2025].map(coreSpeedIn)).toEqual([1, 1.3, 2.06]);
    expect([1990, 2100].map(coreSpeedIn)).toEqual([0.87, 2.06]);
    expect(coreSpeedIn(2024)).toBeCloseTo((1.6 + 2.06) / 2);
    const years = Array.from({ length: 30 }, (_, index) => coreSpeedIn(2005 + index));
    expect([...years].sort((one, other) => one - other)).toEqual(years);
  });
});
