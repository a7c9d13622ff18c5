import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import { Gpu, type GpuCopy } from "../../fabric/gpu.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { busAddr } from "../../sim/units.ts";
import {
  apertureOf,
  boot,
  endpoint,
  FAR_NVME,
  GPU0,
  GPU1,
  KIB,
  leftBehind,
  MIB,
  oneSwitch,
  type Rig,
} from "./machines.ts";

interface Card {
  readonly rig: Rig;
  readonly gpu: Gpu;
  readonly copy: (direction: GpuCopy["direction"], address: number, length: number) => GpuCopy;
  /** Starts a copy at a time; the answer fills in once it has ended. */
  readonly start: (copy: GpuCopy, at?: number) => { ended: number; status: string };
}

function card(): Card {
  const rig = boot(oneSwitch(), [GPU0, GPU1]);
  const { clock, fabric, topology } = rig;
  const gpu = new Gpu(clock, fabric, Parameters.typical(), endpoint(topology, GPU0));
  const memory = fabric.addresses.memory(0).base;
  return {
    rig,
    gpu,
    copy: (direction, address, length) => ({
      direction,
      address: busAddr(address),
      length,
      commands: busAddr(memory),
      semaphore: busAddr(memory + MIB),
      interrupt: busAddr(fabric.addresses.interrupts(0)),
    }),
    start: (copy, at = 0) => {
      const result = { ended: Number.NaN, status: "unfinished" };
      clock.spawn(
        "copy",
        (function* () {
          yield at;
          result.status = yield* gpu.copy(copy, fabric.node("egress 0"));
          result.ended = clock.now;
        })(),
      );
      return result;
    },
  };
}

const PEER = apertureOf(oneSwitch(), GPU1);

describe("A GPU's copy engine", () => {
  test.each(["in", "out"] as const)(
    "copying %s rings, fetches its commands, moves the data, releases a semaphore and interrupts",
    (direction) => {
      const { rig, copy, start } = card();
      const steps: string[] = [];
      rig.history.on("dma-landed", ({ initiator, length, payload, delivered }) => {
        expect(delivered).toBe(length);
        steps.push(`${initiator === GPU0 ? "GPU" : "host"} ${length} B${payload ? " payload" : ""}`);
      });
      const result = start(copy(direction, PEER, 8 * KIB));
      rig.clock.run();
      expect(result.status).toBe("ok");
      expect(steps).toEqual(["GPU 128 B", "GPU 8192 B payload", "GPU 16 B", "GPU 4 B"]);
      expect(leftBehind(rig)).toEqual([]);
    },
  );

  test("works off copies of one direction one after the other, and those of the other direction beside them", () => {
    const spanOf = (...directions: readonly GpuCopy["direction"][]): number => {
      const { rig, copy, start } = card();
      const results = directions.map((direction, place) => start(copy(direction, PEER + place * MIB, MIB)));
      rig.clock.run();
      return Math.max(...results.map(({ ended }) => ended));
    };
    const [one, other] = [spanOf("in"), spanOf("out")];
    expect(spanOf("in", "in") / one).toBeGreaterThan(1.9);
    expect(spanOf("out", "out") / other).toBeGreaterThan(1.9);
    expect(spanOf("in", "out") / Math.max(one, other)).toBeLessThan(1.15);
  });

  test("tells of a copy whose data could not be read, and not of one whose data was lost", () => {
    const { rig, copy, start } = card();
    const [read, written] = [start(copy("in", 2 ** 50, 4 * KIB)), start(copy("out", 2 ** 50, 4 * KIB))];
    rig.clock.run();
    expect([read.status, written.status]).toEqual(["unsupported-request", "ok"]);
  });

  test("has who waits for it in its state", () => {
    const { rig, gpu, copy, start } = card();
    const states = new Set<string>();
    start(copy("in", PEER, MIB));
    start(copy("in", PEER, MIB));
    rig.history.on("dma-began", () => {
      const state = new StateRecord();
      gpu.writeState(state);
      states.add(state.values.join(" "));
    });
    rig.clock.run();
    expect(states.size).toBe(3);
  });
});

describe("A GPU", () => {
  test("shows its memory through its largest BAR", () => {
    const { gpu } = card();
    expect([gpu.aperture.index, gpu.aperture.size]).toEqual([1, 16 * 2 ** 30]);
  });

  test("is nothing without a BAR", () => {
    const rig = boot(oneSwitch(), [FAR_NVME]);
    const bare = { ...endpoint(oneSwitch(), FAR_NVME), bars: [] };
    expect(() => new Gpu(rig.clock, rig.fabric, Parameters.typical(), bare)).toThrow("has no memory BAR");
  });
});
