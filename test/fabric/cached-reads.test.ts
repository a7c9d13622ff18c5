import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import type { Topology } from "../../fabric/topology.ts";
import { ONE_SWITCH } from "../../machines/presets/one-switch.ts";
import { busAddr, ticksOfNs } from "../../sim/units.ts";
import { boot, GPU0, NVME0, type Rig } from "./machines.ts";

const LINE = 64;

/** When reads of these offsets, all begun at once, are done; lines 0 to 7 of memory have been written by the device before. */
function readsOf(platform: Topology["platform"], offsets: readonly number[]): readonly number[] {
  const rig: Rig = boot({ ...ONE_SWITCH.topology(), platform }, [NVME0, GPU0]);
  const { clock, fabric } = rig;
  const initiator = fabric.node(GPU0);
  const base = fabric.addresses.memory(0).base;
  const move = (reads: boolean, offset: number, length: number) =>
    fabric.transfer({ initiator, reads, address: busAddr(base + offset), length, payload: true }, "landed");
  const done: number[] = [];
  clock.spawn(
    "a device",
    (function* () {
      yield* move(false, 0, 8 * LINE);
      const start = clock.now;
      for (const [index, offset] of offsets.entries())
        clock.spawn(
          "a read",
          (function* () {
            yield* move(true, offset, LINE);
            done[index] = clock.now - start;
          })(),
        );
    })(),
  );
  clock.run();
  return done;
}

describe("A device's read of what a device has written", () => {
  const parameters = Parameters.typical();
  const saved = parameters.span("host.dram_latency") - parameters.span("host.llc_latency");

  test.each(["xeon-snb", "xeon-ivb", "xeon-sp"] as const)(
    "is sooner than DRAM by what the cache saves, on %s",
    (platform) => {
      const [hit = 0] = readsOf(platform, [0]);
      const [miss = 0] = readsOf(platform, [1 << 20]);
      expect(miss - hit).toBe(saved);
    },
  );

  test.each(["amd-zen", "intel-client", "unknown"] as const)(
    "is DRAM's where devices write to DRAM, on %s",
    (platform) => {
      expect(readsOf(platform, [0])).toEqual(readsOf(platform, [1 << 20]));
    },
  );

  test("overtakes reads that wait for DRAM, and leaves those as they are", () => {
    const [alone = 0] = readsOf("xeon-sp", [0]);
    const [miss = 0, hit = 0, again = 0] = readsOf("xeon-sp", [1 << 20, 0, (1 << 20) + 4096]);
    expect(hit).toBeLessThan(miss);
    expect(hit - alone).toBeLessThan(ticksOfNs(10));
    expect(again).toBeGreaterThan(miss);
    const far = readsOf("xeon-sp", [1 << 20, (1 << 20) + 8192, (1 << 20) + 4096]);
    expect(Math.abs(miss - (far[0] ?? 0))).toBeLessThan(ticksOfNs(10));
    expect(Math.abs(again - (far[2] ?? 0))).toBeLessThan(ticksOfNs(10));
  });
});
