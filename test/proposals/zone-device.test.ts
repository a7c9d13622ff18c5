import { describe, expect, test } from "vitest";
import { zoneDevice } from "../../proposals/zone-device.ts";
import { virtAddr } from "../../sim/units.ts";
import { countOf, GIB, historyOf, KIB, MIB, measured, only, run, withAperture } from "../harness/cells.ts";
import { describeProposal } from "./contract.ts";

describeProposal(zoneDevice);

describe("zone-device", () => {
  test.each([
    ["a BAR of 16 GiB", 16 * GIB, 16 * GIB],
    ["a BAR of one section", 128 * MIB, 128 * MIB],
    ["a BAR of 1 MiB, rounded out to a section", MIB, 128 * MIB],
  ])("takes 64 bytes of system memory a page for %s", (_what, bar, rounded) => {
    const outcome = run({ machine: withAperture("one-switch", bar), total: 4 * 4 * KIB });
    expect(measured(outcome, "struct_page_bytes")).toBe((rounded / 4096) * 64);
  });

  test("pays for its pages once, when the memory is provided, and for each page of each request after that", () => {
    const outcome = run({ size: 64 * KIB, total: 20 * 64 * KIB, depth: 2 });
    expect(countOf(outcome, "cpu.memmap_init_page")).toBe(0);
    expect(measured(outcome, "setup_time")).toBeGreaterThan(7 * ((16 * GIB) / 4096));
    for (const each of ["cpu.gup_page", "cpu.put_page", "cpu.page_map_ref"])
      expect(countOf(outcome, each)).toBe(20 * 16);
    expect(countOf(outcome, "cpu.fault_device")).toBe(2 * 16);
  });

  test("lets the drive write to the GPU's own addresses where nothing translates", () => {
    const events = historyOf({ size: 64 * KIB, total: 64 * KIB });
    const payload = only(events, "dma-landed").filter((event) => event.payload);
    expect(payload.map(({ address }) => address)).toEqual([0, 1, 2, 3].map((stripe) => 2 ** 40 + stripe * 16 * KIB));
    expect(new Set(payload.map(({ initiator }) => initiator))).toEqual(new Set(["0000:1a:00.0"]));
  });

  test("has its memory in the process's address space until the end, and not after", () => {
    const first = virtAddr(2 ** 32);
    const mapped: boolean[] = [];
    run({ total: 4 * 4 * KIB, depth: 2 }, ({ kernel, history }) => {
      const look = (): void => void mapped.push(kernel.process.vmaAt(first, 4 * KIB) !== undefined);
      history.on("served", look);
      history.on("ended", look);
    });
    expect(mapped).toEqual([true, true, true, true, false]);
  });

  test("never takes the switch's short cut with an IO virtual address", () => {
    const total = 64 * 4 * KIB;
    for (const iommu of ["lazy", "strict"] as const)
      expect(measured(run({ iommu }), "root_complex_payload_bytes")).toBe(2 * total);
  });

  test("crosses the root complex twice a byte where ACS redirects", () => {
    expect(measured(run({ acs: "on" }), "root_complex_payload_bytes")).toBe(2 * 64 * 4 * KIB);
  });
});
