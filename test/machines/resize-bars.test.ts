import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryBarOf } from "../../fabric/memory-bar.ts";
import { type Endpoint, type Topology, topologyFaults } from "../../fabric/topology.ts";
import { PRESETS } from "../../machines/presets.ts";
import { resizeBars } from "../../machines/resize-bars.ts";
import { busAddr, bytes } from "../../sim/units.ts";
import { GIB, MIB, machineOf } from "../harness/cells.ts";
import { imported, SERVER } from "./fixture.ts";

const endpointsOf = ({ functions }: Topology): readonly Endpoint[] =>
  functions.filter((each): each is Endpoint => each.kind === "endpoint");

function resized(topology: Topology, size: number): Topology {
  const answer = resizeBars(topology, bytes(size));
  if (typeof answer === "string") throw new Error(answer);
  return answer;
}

describe("A machine whose BARs are resized", () => {
  test("has that size at every GPU and capture card and nowhere else, on a multiple of it, apart from all others", () => {
    const machines = [...[...PRESETS.values()].map((preset) => preset.topology()), imported(SERVER)];
    const powers = fc.integer({ min: 20, max: 39 }).map((power) => 2 ** power);
    fc.assert(
      fc.property(fc.constantFrom(...machines), powers, (machine, size) => {
        const answer = resized(machine, size);
        expect(topologyFaults(answer)).toEqual([]);
        for (const [place, device] of endpointsOf(answer).entries()) {
          const before = endpointsOf(machine)[place];
          const shows = (device.role === "gpu" || device.role === "capture") && before && memoryBarOf(before);
          if (shows) expect(memoryBarOf(device)).toMatchObject({ index: shows.index, size });
          else expect(device).toEqual(before);
        }
        const bars = endpointsOf(answer)
          .flatMap((each) => each.bars)
          .sort((a, b) => a.base - b.base);
        for (const [place, { base, size: length }] of bars.entries()) {
          expect(base % length).toBe(0);
          expect(base + length).toBeLessThanOrEqual(bars[place + 1]?.base ?? 2 ** 46);
        }
      }),
    );
  });

  test("stays where it is when it shrinks", () => {
    const machine = machineOf("one-switch");
    const bases = (topology: Topology) => endpointsOf(topology).map((each) => memoryBarOf(each)?.base);
    expect(bases(resized(machine, 16 * MIB))).toEqual(bases(machine));
  });

  test("grows into a gap, though others lie at the top of all addresses", () => {
    const machine = machineOf("one-switch");
    const high = machine.functions.map((each) =>
      each.kind === "endpoint" && each.role === "nvme"
        ? { ...each, bars: [{ index: 0, base: busAddr(2 ** 46 - MIB), size: bytes(MIB), prefetchable: true }] }
        : each,
    );
    const [gpu] = endpointsOf(resized({ ...machine, functions: high }, 128 * GIB)).filter(({ role }) => role === "gpu");
    expect(gpu && (memoryBarOf(gpu)?.base ?? 0)).toBeLessThan(2 ** 45);
  });

  test("is none where there is no room, and says so", () => {
    const machine = machineOf("one-switch");
    const [gpu] = endpointsOf(machine).filter(({ role }) => role === "gpu");
    if (gpu === undefined) throw new Error("one-switch has changed");
    const many = Array.from({ length: 130 }, (_, place) => ({ ...gpu, id: `gpu ${place}` }));
    expect(resizeBars({ ...machine, functions: [...machine.functions, ...many] }, bytes(512 * GIB))).toBe(
      "one-switch has no room for all its memory BARs at 512GiB below 2^46, where physical addresses end",
    );
  });
});
