import { describe, expect, it } from "vitest";
import type { Constant } from "../../calibration/constant.ts";
import { constantFaults } from "../../calibration/constant-faults.ts";
import { DEVICES } from "../../calibration/constants/devices.ts";
import { DMA_BUF } from "../../calibration/constants/dma-buf.ts";
import { DRIVERS } from "../../calibration/constants/drivers.ts";
import { FILE_SYSTEM } from "../../calibration/constants/file-system.ts";
import { HOST } from "../../calibration/constants/host.ts";
import { IOMMU } from "../../calibration/constants/iommu.ts";
import { KERNEL } from "../../calibration/constants/kernel.ts";
import { LINK } from "../../calibration/constants/link.ts";
import { MIGRATION } from "../../calibration/constants/migration.ts";
import { NFP } from "../../calibration/constants/nfp.ts";
import { ROOT_COMPLEX } from "../../calibration/constants/root-complex.ts";
import { STREAMERS } from "../../calibration/constants/streamers.ts";
import { CONSTANTS, type ConstantName } from "../../calibration/constants.ts";
import { linkTicksPerByte } from "../../calibration/link-rate.ts";
import { TICKS_PER_NS } from "../../sim/units.ts";

const named = Object.entries(CONSTANTS) as [ConstantName, Constant][];
const typical = (name: ConstantName): number => CONSTANTS[name].typical;

describe("the table of constants", () => {
  it("has for every number an ordered range, a unit, a kind, a source and a line that says what it is", () => {
    expect(named.flatMap(([name, constant]) => constantFaults(name, constant))).toEqual([]);
  });

  it("has no name twice: no part hides an entry of another", () => {
    const parts = [
      LINK,
      ROOT_COMPLEX,
      HOST,
      IOMMU,
      KERNEL,
      MIGRATION,
      FILE_SYSTEM,
      DRIVERS,
      DMA_BUF,
      DEVICES,
      STREAMERS,
      NFP,
    ];
    const names = parts.flatMap((part) => Object.keys(part));
    expect(names.toSorted()).toEqual(Object.keys(CONSTANTS).toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  it("names public origins, not files of this machine", () => {
    for (const [, { source, what }] of named) expect(`${source} ${what}`).not.toMatch(/\/work\b|\.\.\/|shared\//);
  });

  it("says of every assumption that it is one, or what it was derived from", () => {
    for (const [name, { kind, source }] of named)
      if (kind === "assumed")
        expect(source, name).toMatch(/assumed|derived|default of|default;|split of|memory|simulator's default/);
  });
});

describe("a constant that may not enter the table", () => {
  const sound: Constant = {
    unit: "ns",
    low: 1,
    typical: 2,
    high: 3,
    kind: "measured",
    source: "somebody's benchmark, 2016",
    what: "What one thing takes",
  };

  it("is none if it is sound", () => {
    expect(constantFaults("a/b", sound)).toEqual([]);
  });

  it.each([
    ["a number without a source", { source: "" }, /a number without a source/],
    ["a number whose source is a word", { source: "folklore" }, /a number without a source/],
    ["a number whose source is blank", { source: " ".repeat(40) }, /a number without a source/],
    ["a number that nobody explains", { what: "x" }, /say in a line/],
    ["a range in the wrong order", { low: 3, high: 1 }, /ascending order/],
    ["a typical value outside its range", { typical: 9 }, /ascending order/],
    ["a negative time", { low: -1 }, /finite number from 0/],
    ["an endless time", { high: Number.POSITIVE_INFINITY }, /finite number from 0/],
    ["no number at all", { typical: Number.NaN }, /finite number from 0/],
    ["half a byte", { unit: "By", typical: 2.5 }, /not a whole number/],
    ["a rate that never ends", { unit: "By/s", low: 0 }, /never ends/],
  ] as const)("is %s", (_title, mutation, complaint) => {
    expect(constantFaults("a/b", { ...sound, ...mutation }).join("\n")).toMatch(complaint);
  });

  it("is what a plugin without types brings: missing fields, unknown units and kinds", () => {
    const untyped = JSON.parse('{ "unit": "us", "low": 1, "typical": 2, "high": "3", "kind": "guess" }') as Constant;
    const faults = constantFaults("a/b", untyped).join("\n");
    for (const complaint of [/"us" is not a unit/, /"guess" is not a kind/, /without a source/, /finite number/])
      expect(faults).toMatch(complaint);
  });
});

describe("numbers derived from measured ones", () => {
  const port = typical("link.port_delay");
  const wire = (bytes: number, generation: 3 | 5, width: number): number =>
    (bytes * linkTicksPerByte(generation, width)) / TICKS_PER_NS;

  it("add up to the 490 ns of a 64 B DMA read of DRAM on gen3 x8", () => {
    const link = 4 * port + wire(24, 3, 8) + wire(84, 3, 8);
    const inside = typical("rc.request_latency") + typical("host.dram_latency") + typical("rc.response_latency");
    expect(link + inside).toBeCloseTo(490, 1);
  });

  it("add up, at their ends, to the shortest and longest of those reads", () => {
    const link = 4 * port + wire(24, 3, 8) + wire(84, 3, 8);
    const [request, response, dram] = [
      CONSTANTS["rc.request_latency"],
      CONSTANTS["rc.response_latency"],
      CONSTANTS["host.dram_latency"],
    ];
    expect(link + request.low + response.low + dram.high).toBeCloseTo(480, 1);
    expect(link + request.high + response.high + dram.low).toBeCloseTo(527, 1);
  });

  it("leave a peer read behind one gen5 switch, and a CPU's read of a BAR, within the range of the GPU's share", () => {
    const { low, high } = CONSTANTS["gpu.bar_read_latency"];
    const switched = 720 - 8 * port - 2 * typical("switch.latency") - wire(24, 5, 16) - wire(148, 5, 16);
    expect(switched / 2).toBeGreaterThan(low);
    expect(switched).toBeLessThan(high);
    const fromCpu = 900 - typical("rc.request_latency") - typical("rc.response_latency") - 4 * port;
    expect(fromCpu).toBeGreaterThan(low);
    expect(fromCpu).toBeLessThan(high);
  });

  it("put the cost of lazy and of strict protection near what one x86 core was seen to pay for one page", () => {
    const lazy =
      typical("iommu.map_fixed") +
      typical("iommu.map_page") +
      typical("iommu.unmap_fixed") +
      typical("iommu.unmap_page");
    const seen = (requestsPerSecond: number): number => 1e9 / requestsPerSecond - 1e9 / 5.01e6;
    expect(Math.abs(lazy / seen(1.93e6) - 1)).toBeLessThan(0.05);
    expect(Math.abs((lazy + typical("iommu.invalidate")) / seen(570e3) - 1)).toBeLessThan(0.2);
  });

  it("add up to the 6.5 us that a small cudaMemcpy costs, a fetch over the link included", () => {
    const parts = typical("cpu.gpu_copy_submit") + typical("gpu.copy_latency") + typical("cpu.gpu_copy_complete");
    const fetch = 2 * typical("rc.request_latency") + typical("host.dram_latency") + 4 * port;
    expect(parts + fetch).toBeGreaterThan(6000);
    expect(parts + fetch).toBeLessThan(7000);
  });

  it("keep one block request within the 1.0 to 4.0 us of CPU that it is known to take", () => {
    const parts = (["cpu.bio_submit", "cpu.nvme_submit", "cpu.nvme_complete", "cpu.bio_complete"] as const).map(
      (name) => CONSTANTS[name],
    );
    const withCall = parts.reduce((sum, each) => sum + each.typical, typical("cpu.syscall"));
    expect(withCall).toBeGreaterThan(1000);
    expect(parts.reduce((sum, each) => sum + each.high, CONSTANTS["cpu.syscall"].high)).toBeLessThan(4000);
  });
});
