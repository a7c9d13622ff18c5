import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { machineOf, measured, result, run, type Words } from "./cells.ts";

const HD = 1920 * 1080 * 2;
const UHD = 4 * HD;
const stream = (words: Words): Words => ({ workload: "capture-to-gpu", size: HD, total: 40 * HD, depth: 4, ...words });
/** Frames that are not late take a sixtieth of a second each. */
const PACE = 60;

describe("A stream of frames", () => {
  test("delivers as fast as the pictures come, and no faster, where the way is wide enough", () => {
    const outcome = run(stream({}));
    expect(outcome.status).toBe("completed");
    expect(measured(outcome, "late_frames")).toBe(0);
    expect(measured(outcome, "throughput") / (PACE * HD)).toBeCloseTo(40 / 39, 1);
    expect(measured(outcome, "latency", "max")).toBeLessThan(1e9 / PACE);
  });

  test("has late frames where a frame takes longer than the next one waits, and lost ones where no buffer is free", () => {
    const slow = { "capture.memory_rate": (PACE * HD) / 1.5 };
    const late = run(stream({ constants: slow, depth: 2 }));
    expect(measured(late, "late_frames")).toBeGreaterThanOrEqual(40 - 2);
    const lost = 40 - (late.measures.find(({ metric }) => metric === "latency")?.n ?? 0);
    expect(lost).toBeGreaterThan(8);
    expect(lost).toBeLessThan(18);
  });

  test("counts a lost frame once, and loses fewer with more buffers only until the way is full", () => {
    const slow = { "capture.memory_rate": (PACE * HD) / 1.5 };
    const lostWith = (depth: number): number =>
      40 -
      (run(stream({ constants: slow, depth })).measures.find(({ metric }) => metric === "latency")?.n ?? Number.NaN);
    expect(lostWith(1)).toBeGreaterThan(lostWith(2));
    expect(lostWith(2) - lostWith(16)).toBeLessThanOrEqual(16);
  });

  test.each(["off", "strict"] as const)("is leapt over exactly, with the IOMMU %s", (iommu) => {
    const cell = stream({ iommu, total: 60 * HD });
    const leapt = run({ ...cell, leap: true });
    expect(result(leapt)).toEqual(result(run(cell)));
    expect(leapt.method).toBe("leapt");
  });

  test("is not leapt over where frames are lost at a beat that never comes round to the tick", () => {
    const cell = stream({ constants: { "capture.memory_rate": (PACE * HD) / 1.5 } });
    expect(result(run({ ...cell, leap: true }))).toEqual(result(run(cell)));
    expect(run({ ...cell, leap: true }).method).toBe("full");
  });

  test("goes through system memory twice a byte when it is staged, and is not late for it", () => {
    const machine: Topology = { ...machineOf("one-switch"), platform: "amd-zen" };
    const outcome = run(stream({ form: "staging/pipelined", machine, size: UHD, total: 3 * UHD }));
    expect(outcome.status).toBe("staged");
    expect(measured(outcome, "dram_write_per_byte")).toBeCloseTo(1, 2);
    expect(measured(outcome, "dram_read_per_byte")).toBeCloseTo(1, 2);
    expect(measured(outcome, "late_frames")).toBe(0);
    const inCache = run(stream({ form: "staging/pipelined", size: UHD, total: 3 * UHD }));
    expect(inCache.status).toBe("staged");
    expect(measured(inCache, "root_complex_payload_bytes")).toBe(measured(outcome, "root_complex_payload_bytes"));
    expect(measured(inCache, "dram_write_per_byte")).toBeLessThan(0.01);
  });
});
