import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StateComparison, StateRecord } from "../../../sim/recurrent.ts";
import { busAddr, iova, PAGE_BYTES, physAddr } from "../../../sim/units.ts";
import { arbitraryTraffic } from "../arbitrary-machine.ts";
import { apertureOf, boot, GPU0, KIB, type Move, NVME0, NVME1, oneSwitch, type Rig } from "../machines.ts";

const stateOf = ({ fabric }: Rig): StateRecord => {
  const record = new StateRecord();
  fabric.writeState(record);
  return record;
};

/** Whether the state equals one recorded before, as a leap would ask. */
const equals = ({ fabric }: Rig, before: StateRecord): boolean => {
  const comparison = new StateComparison(before);
  fabric.writeState(comparison);
  return comparison.equal;
};

/** Repeats a transfer without a pause, `times` times, from an instant on; tells the fabric's state each time that one is told. */
function closedLoop(rig: Rig, start: number, times: number, move: Move): readonly StateRecord[] {
  const { clock, fabric } = rig;
  const states: StateRecord[] = [];
  const transfer = {
    initiator: fabric.node(move.initiator),
    reads: move.reads,
    address: busAddr(move.address),
    length: move.length,
    payload: true,
  };
  clock.spawn(
    "closed loop",
    (function* () {
      yield start;
      for (let time = 0; time < times; time += 1) {
        yield* fabric.transfer(transfer, "told");
        states.push(stateOf(rig));
      }
    })(),
  );
  clock.run();
  return states;
}

const toGpu = (initiator: string, reads: boolean, length: number): Move => ({
  initiator,
  reads,
  address: apertureOf(oneSwitch(), GPU0),
  length,
});

/** Runs the data plane alone up to an instant. */
const runUntil = ({ fabric: { engine } }: Rig, limit: number): void => {
  while (engine.runUntil(limit));
};

/** One-switch in the middle of some traffic in both directions. */
function midway(at: number): Rig {
  const rig = boot(oneSwitch(), [NVME0, NVME1, GPU0], { "credits.posted_header": 4, "gpu.bar_write_rate": 1e9 });
  rig.fabric.iommu.attach(rig.fabric.node(NVME1)).map(iova(2 ** 24), physAddr(2 ** 32), 16 * PAGE_BYTES);
  const moves = [
    toGpu(NVME0, false, 16 * KIB),
    toGpu(NVME0, true, 16 * KIB),
    { initiator: NVME1, reads: false, address: 2 ** 24, length: 16 * KIB },
  ];
  for (const { initiator, reads, address, length } of moves)
    void rig.fabric
      .transfer(
        { initiator: rig.fabric.node(initiator), reads, address: busAddr(address), length, payload: true },
        "told",
      )
      .next();
  runUntil(rig, at);
  return rig;
}

describe("The data plane's state, relative to now", () => {
  test.each([false, true])("recurs in periodic traffic, and stays (reads: %s)", (reads) => {
    const states = closedLoop(boot(oneSwitch(), [NVME0, GPU0]), 0, 12, toGpu(NVME0, reads, 4 * KIB));
    const [third, ...later] = states.slice(3);
    expect(third?.values.length).toBeGreaterThan(20);
    for (const state of later) expect(state.values).toEqual(third?.values);
  });

  test("is the same at the same phase of two runs that began at other times", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.boolean(), fc.integer({ min: 1, max: 9000 }), (start, reads, length) => {
        const at = (begin: number): readonly StateRecord[] =>
          closedLoop(boot(oneSwitch(), [NVME0, GPU0]), begin, 4, toGpu(NVME0, reads, length));
        expect(at(start)).toEqual(at(0));
      }),
      { numRuns: 20 },
    );
  });

  test("is that of an idle machine once nothing is under way, however busy it was", () => {
    fc.assert(
      fc.property(arbitraryTraffic(3), ({ machine, moves }) => {
        const idle = (times: number): StateRecord => {
          const rig = boot(machine.topology, machine.devices, machine.constants);
          for (let time = 0; time < times; time += 1) {
            const loops = moves.map((move) => rig.clock.spawn("a move", once(rig, move)));
            rig.clock.run();
            expect(loops.every(({ done }) => done)).toBe(true);
            rig.clock.spawn("a while later", later());
            rig.clock.run();
          }
          return stateOf(rig);
        };
        // Which links were ever used, and where each round robin stands, is state; so both have seen the same kind of traffic.
        expect(idle(2).values).toEqual(idle(3).values);
      }),
      { numRuns: 15 },
    );
  });

  function* once({ fabric }: Rig, { initiator, reads, address, length }: Move): Generator<number, void, void> {
    yield 0;
    const node = fabric.node(initiator);
    yield* fabric.transfer({ initiator: node, reads, address: busAddr(address), length, payload: true }, "landed");
  }

  function* later(): Generator<number, void, void> {
    yield 2 ** 40;
  }
});

describe("The data plane's state differs", () => {
  test("at any two instants between which a packet moved", () => {
    const rig = midway(0);
    const seen: StateRecord[] = [];
    for (let at = 0; at < 4_000_000; at += 40_000) {
      runUntil(rig, at);
      expect(seen.filter((before) => equals(rig, before))).toEqual([]);
      seen.push(stateOf(rig));
    }
  });

  const HALFWAY = 2_500_000;
  type Change = (engine: Rig["fabric"]["engine"]) => void;
  const bump = (values: Float64Array | Int32Array, at: number): void => {
    values[at] = (values[at] ?? 0) + 1;
  };
  /** The first place of an array that satisfies a condition; the test would change nothing where there is none. */
  const first = (values: Float64Array | Int32Array, holds: (value: number) => boolean): number => {
    const at = values.findIndex(holds);
    if (at < 0) throw new Error("nothing of that kind is under way");
    return at;
  };

  test.each<[string, Change]>([
    [
      "a credit",
      (engine) =>
        bump(
          engine.credit,
          first(engine.credit, (credit) => credit < 4),
        ),
    ],
    [
      "a tag",
      (engine) =>
        bump(
          engine.tags,
          first(engine.tags, (tags) => tags > 0),
        ),
    ],
    [
      "the time when a link is free",
      (engine) =>
        bump(
          engine.freeAt,
          first(engine.freeAt, (at) => at > HALFWAY),
        ),
    ],
    ["the time when a link is looked at again", (engine) => bump(engine.wakeAt, first(engine.wakeAt, Number.isFinite))],
    [
      "whose turn it is",
      (engine) =>
        bump(
          engine.robin,
          first(engine.robin, (turn) => turn > 0),
        ),
    ],
    [
      "the time when a target serves the next read",
      (engine) =>
        bump(
          engine.readFreeAt,
          first(engine.readFreeAt, (at) => at > HALFWAY),
        ),
    ],
    [
      "the time when a target takes the next write",
      (engine) =>
        bump(
          engine.writeFreeAt,
          first(engine.writeFreeAt, (at) => at > HALFWAY),
        ),
    ],
    [
      "the arrival of a packet in flight",
      ({ packets, flyHead }) =>
        bump(packets.time, first(flyHead, (packet) => packet >= 0) * 0 + (flyHead.find((packet) => packet >= 0) ?? 0)),
    ],
    [
      "the length of a packet in flight",
      ({ packets, flyHead }) => bump(packets.length, flyHead.find((packet) => packet >= 0) ?? 0),
    ],
    [
      "the address of a queued packet",
      ({ packets, queueHead }) => bump(packets.address, queueHead.find((packet) => packet >= 0) ?? 0),
    ],
    [
      "the age of a queued packet",
      ({ packets, queueHead }) => bump(packets.sequence, queueHead.find((packet) => packet >= 0) ?? 0),
    ],
    [
      "the time of a held packet",
      ({ packets, heldHead }) => bump(packets.time, heldHead.find((packet) => packet >= 0) ?? 0),
    ],
    [
      "the time of a read being served",
      ({ packets, answerHead }) => bump(packets.time, answerHead.find((packet) => packet >= 0) ?? 0),
    ],
    [
      "what a transfer has still to send",
      ({ transfers, jobHead }) => bump(transfers.uncut, jobHead.find((job) => job >= 0) ?? 0),
    ],
    [
      "what a transfer has still to land",
      ({ transfers }) =>
        bump(
          transfers.unlanded,
          transfers.live.findIndex((live) => live === 1),
        ),
    ],
    [
      "what has been delivered",
      ({ transfers }) =>
        bump(
          transfers.delivered,
          transfers.live.findIndex((live) => live === 1),
        ),
    ],
    [
      "a credit on its way back",
      (engine) =>
        bump(
          engine.returnCount,
          first(engine.returnCount, (count) => count > 1),
        ),
    ],
  ])("by %s", (_what, change) => {
    const rig = midway(HALFWAY);
    const before = stateOf(rig);
    expect(equals(rig, before)).toBe(true);
    change(rig.fabric.engine);
    expect(equals(rig, before)).toBe(false);
  });
});
