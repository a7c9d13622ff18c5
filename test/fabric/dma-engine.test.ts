import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import { DmaEngine } from "../../fabric/dma-engine.ts";
import { Leaper, type Work } from "../../sim/leaper.ts";
import { StateComparison, StateRecord } from "../../sim/recurrent.ts";
import { busAddr, ticksOfNs } from "../../sim/units.ts";
import { boot, GPU0, NVME0, oneSwitch, type Rig, runMove } from "./machines.ts";

/** Round values, so that sums can be seen. */
const CONSTANTS = {
  "nfp.command": 8,
  "nfp.bus_rate": 8e9,
  "nfp.write_interval": 20,
  "nfp.request": 6,
  "nfp.read_latency": 70,
  "nfp.write_latency": 200,
  "nfp.signal_latency": 30,
};
type Access = "read" | "write";

interface Device {
  readonly rig: Rig;
  readonly engine: DmaEngine;
  readonly memory: number;
}

function device(inFlight = 32, constants: Readonly<Record<string, number>> = {}): Device {
  const topology = oneSwitch();
  const all = { ...CONSTANTS, ...constants };
  const rig = boot(topology, [NVME0, GPU0], all);
  const parameters = Parameters.typical().with(all);
  const engine = new DmaEngine(rig.clock, rig.fabric, parameters, rig.fabric.node(GPU0), inFlight);
  return { rig, engine, memory: rig.fabric.addresses.memory(0).base };
}

/** When each of some commands of one length, all given at once, is done. */
function ends({ rig, engine, memory }: Device, access: Access, length: number, count = 1): readonly number[] {
  const done: number[] = [];
  for (let index = 0; index < count; index += 1)
    rig.clock.spawn(
      "a command",
      (function* () {
        yield* engine[access](busAddr(memory + index * 4096), length);
        done.push(rig.clock.now);
      })(),
    );
  rig.clock.run();
  return done;
}

/** The same bytes by the bare fabric. */
function bare(access: Access, length: number): number {
  const { rig, memory } = device();
  return runMove(rig, { initiator: GPU0, reads: access === "read", address: memory, length }).told;
}

const last = (times: readonly number[]): number => times.at(-1) ?? Number.NaN;

describe("A command of the DMA engine", () => {
  test.each([8, 64, 256, 2048])(
    "of %i B takes what the link takes, its latencies, and its bytes once on a bus",
    (length) => {
      const bus = ticksOfNs(8 + length / 8);
      expect(last(ends(device(), "read", length))).toBe(bare("read", length) + ticksOfNs(70 + 6 + 30) + bus);
      expect(last(ends(device(), "write", length))).toBe(bare("write", length) + ticksOfNs(200) + bus);
    },
  );

  test("takes longer, the longer it is and the slower its bus", () => {
    const size = fc.integer({ min: 1, max: 4096 });
    const rate = fc.integer({ min: 1, max: 32 });
    fc.assert(
      fc.property(
        size,
        size,
        rate,
        rate,
        fc.constantFrom<Access>("read", "write"),
        (one, other, slow, fast, access) => {
          const span = (length: number, gigabytes: number): number =>
            last(ends(device(32, { "nfp.bus_rate": gigabytes * 1e9 }), access, length));
          const [short, long] = [Math.min(one, other), Math.max(one, other)];
          expect(span(short, Math.max(slow, fast))).toBeLessThanOrEqual(span(long, Math.min(slow, fast)));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("Many commands", () => {
  test("that write begin an interval apart where they are short, and a bus time where they are long", () => {
    const pace = (length: number): number => {
      const times = ends(device(), "write", length, 9);
      return (last(times) - (times[0] ?? Number.NaN)) / 8;
    };
    expect(pace(8)).toBe(ticksOfNs(20));
    expect(pace(128)).toBe(ticksOfNs(8 + 16));
  });

  test("that read share the round trip up to so many, and then wait for a place", () => {
    const alone = last(ends(device(1), "read", 64));
    const signal = ticksOfNs(30);
    expect(last(ends(device(1), "read", 64, 5)) - signal).toBe(5 * (alone - signal));
    expect(last(ends(device(5), "read", 64, 5))).toBeLessThan(2 * alone);
  });

  test("that read in both places of the bus are bound by it, not by the round trip", () => {
    const times = ends(device(64), "read", 64, 200);
    expect((last(times) - (times[100] ?? Number.NaN)) / 99).toBeCloseTo(ticksOfNs(8 + 8), 6);
  });
});

describe("Lanes of commands", () => {
  function lanes(commands: readonly [Access, number][], pieces: number, leaps: boolean): readonly number[] {
    const { rig, engine, memory } = device(3);
    const { clock, fabric } = rig;
    fabric.engine.trace = undefined;
    const work = new Commands(pieces);
    const leaper = new Leaper(
      clock,
      [clock, fabric, fabric.iommu, engine, ...fabric.caches],
      [fabric.engine, fabric.iommu],
      work,
    );
    if (leaps) clock.atRest = () => leaper.sample();
    function* command(lane: number, access: Access, length: number): Generator<number, void, void> {
      yield* engine[access](busAddr(memory + lane * 4096), length);
      clock.requestRest();
      if (work.left === 0) return;
      work.skip(1);
      clock.succeed(command(lane, access, length), [lane]);
    }
    for (const [lane, [access, length]] of commands.entries())
      clock.spawn("lane", command(lane, access, length), [lane]);
    clock.run();
    // What is mixed need not recur soon (both buses have periods of their own); what is alike does.
    if (leaps && new Set(commands.map(([access]) => access)).size === 1)
      expect(leaper.skipped).toBeGreaterThan(pieces / 2);
    return [clock.epoch + clock.now, ...fabric.engine.wireBytes];
  }

  test.each<[string, readonly [Access, number][]]>([
    ["reads that wait for a place", [...Array(5)].map(() => ["read", 64])],
    ["writes that keep their interval", [...Array(14)].map(() => ["write", 64])],
    ["reads beside writes on one bus", [...Array(3)].flatMap(() => [["read", 512] as const, ["write", 512] as const])],
  ])("%s leap to the tick", (_what, commands) => {
    expect(lanes(commands, 2000, true)).toEqual(lanes(commands, 2000, false));
  });
});

class Commands implements Work {
  begun = 0;
  left: number;
  constructor(commands: number) {
    this.left = commands;
  }
  skip(commands: number): void {
    this.begun += commands;
    this.left -= commands;
  }
}

describe("The state of the engine", () => {
  const stateOf = ({ engine }: Device): StateRecord => {
    const record = new StateRecord();
    engine.writeState(record);
    return record;
  };

  test("is that of a fresh one at rest, and another one while anything is under way", () => {
    const used = device(4);
    const fresh = stateOf(used);
    const during: boolean[] = [];
    const look = (): boolean => {
      const comparison = new StateComparison(fresh);
      used.engine.writeState(comparison);
      return comparison.equal;
    };
    used.rig.clock.spawn(
      "somebody looks",
      (function* () {
        yield ticksOfNs(90);
        during.push(look());
      })(),
    );
    ends(used, "read", 256, 9);
    expect([during, look()]).toEqual([[false], true]);
  });
});
