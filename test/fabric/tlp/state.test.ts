import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Flight } from "../../../fabric/fabric.ts";
import { StateComparison, StateRecord } from "../../../sim/recurrent.ts";
import { busAddr, iova, PAGE_BYTES, physAddr, ticks, ticksOfNs } from "../../../sim/units.ts";
import { arbitraryTraffic } from "../arbitrary-machine.ts";
import { apertureOf, boot, GPU0, GPU1, KIB, type Move, NVME0, NVME1, oneSwitch, type Rig } from "../machines.ts";

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

/** One-switch amid some traffic in both directions, whose slow parts keep something waiting everywhere. */
function busy(): Rig {
  const rig = boot(oneSwitch(), [NVME0, NVME1, GPU0, GPU1], {
    "credits.posted_header": 4,
    "gpu.bar_write_rate": 1e9,
    "gpu.bar_read_rate": 1e9,
  });
  rig.fabric.iommu.attach(rig.fabric.node(NVME1)).map(iova(2 ** 24), physAddr(2 ** 32), 16 * PAGE_BYTES);
  const moves = [
    toGpu(NVME0, false, 16 * KIB),
    toGpu(NVME0, true, 16 * KIB),
    { initiator: NVME1, reads: false, address: 2 ** 24, length: 16 * KIB },
    { initiator: GPU0, reads: true, address: apertureOf(oneSwitch(), GPU1), length: 16 * KIB },
  ];
  for (const move of moves) rig.clock.spawn("a move", once(rig, move));
  return rig;
}

/** Lets time pass up to an instant, with everything at rest there. */
function passUntil({ clock }: Rig, instant: number): void {
  const watch = clock.spawn("watch", pause(instant - clock.now));
  clock.run(() => watch.done);
}

function* once({ fabric }: Rig, { initiator, reads, address, length }: Move): Generator<number, void, void> {
  const node = fabric.node(initiator);
  yield* fabric.transfer({ initiator: node, reads, address: busAddr(address), length, payload: true }, "landed");
}

function* pause(span: number): Generator<number, void, void> {
  yield span;
}

const HALFWAY = 2_500_000;

const TOLD_AT_ONCE = { "dllp.ack_every": 1, "dllp.update_every": 1, "dllp.update_every_request": 1 };

type Engine = Rig["fabric"]["engine"];
type Numbers = Float64Array | Int32Array;

/** Adds 1 at the first place where something is under way; the test would show nothing where nothing is. */
function bump(values: Numbers, holds: (value: number) => boolean): void {
  bumpAt(values, values.findIndex(holds));
}

function bumpAt(values: Numbers, at: number | undefined): void {
  if (at === undefined || at < 0) throw new Error("nothing of that kind is under way");
  values[at] = (values[at] ?? 0) + 1;
}

function flip(flags: Uint8Array, at: number | undefined): void {
  if (at === undefined) throw new Error("nothing of that kind is under way");
  flags[at] = (flags[at] ?? 0) ^ 16;
}

/** The first packet or transfer in any of some queues. */
const headOf = (heads: Int32Array): number | undefined => heads.find((head) => head >= 0);
const live = ({ transfers }: Engine): number => transfers.live.indexOf(1);
const later = (at: number): boolean => at > HALFWAY && at < Infinity;

/** Everything that the future depends on. */
const CHANGES: readonly (readonly [string, (engine: Engine) => void])[] = [
  ["a credit", ({ credit }) => bump(credit, (left) => left < 4)],
  ["a credit on its way back", ({ returnCount }) => bump(returnCount, (count) => count > 1)],
  ["a tag", ({ tags }) => bump(tags, (left) => left > 0)],
  ["when a link is free", ({ freeAt }) => bump(freeAt, later)],
  ["when a link is looked at again", ({ wakeAt }) => bump(wakeAt, later)],
  ["a packet that waits for its Ack", ({ unacknowledged }) => bump(unacknowledged, (count) => count > 0)],
  ["a credit that no UpdateFC has told of", ({ untold }) => bump(untold, (count) => count > 0)],
  ["whose turn it is", ({ robin }) => bump(robin, (turn) => turn > 0)],
  ["when a target serves the next read", ({ readFreeAt }) => bump(readFreeAt, later)],
  ["when a target takes the next write", ({ writeFreeAt }) => bump(writeFreeAt, later)],
  ["the arrival of a packet in flight", ({ packets, flyHead }) => bumpAt(packets.time, headOf(flyHead))],
  ["the length of a packet in flight", ({ packets, flyHead }) => bumpAt(packets.length, headOf(flyHead))],
  ["the target of a packet in flight", ({ packets, flyHead }) => bumpAt(packets.target, headOf(flyHead))],
  ["the address of a queued packet", ({ packets, queueHead }) => bumpAt(packets.address, headOf(queueHead))],
  ["the age of a queued packet", ({ packets, queueHead }) => bumpAt(packets.sequence, headOf(queueHead))],
  ["the buffer that a queued packet is in", ({ packets, queueHead }) => bumpAt(packets.input, headOf(queueHead))],
  ["the sender of a queued packet", ({ packets, queueHead }) => bumpAt(packets.sender, headOf(queueHead))],
  ["the attributes of a queued packet", ({ packets, queueHead }) => flip(packets.flags, headOf(queueHead))],
  ["whose id a transfer bears", (engine) => bumpAt(engine.transfers.requester, live(engine))],
  [
    "the attributes of what a transfer has still to send",
    ({ transfers, jobHead }) => flip(transfers.marks, headOf(jobHead)),
  ],
  ["an error on a link", (engine) => engine.disturb(0, "bad LCRC")],
  ["the time of a held packet", ({ packets, heldHead }) => bumpAt(packets.time, headOf(heldHead))],
  ["what a held packet was translated to", ({ packets, heldHead }) => bumpAt(packets.physical, headOf(heldHead))],
  ["the time of a read being served", ({ packets, answerHead }) => bumpAt(packets.time, headOf(answerHead))],
  ["what a transfer has still to send", ({ transfers, jobHead }) => bumpAt(transfers.uncut, headOf(jobHead))],
  ["where a transfer sends its next packet", ({ transfers, jobHead }) => bumpAt(transfers.cursor, headOf(jobHead))],
  ["where a transfer was meant to end", (engine) => bumpAt(engine.transfers.physical, live(engine))],
  ["what a transfer has still to land", (engine) => bumpAt(engine.transfers.unlanded, live(engine))],
  ["what has been delivered of a transfer", (engine) => bumpAt(engine.transfers.delivered, live(engine))],
];

describe("The data plane's state, relative to now", () => {
  test.each([false, true])("recurs in periodic traffic, and stays (reads: %s)", (reads) => {
    const states = closedLoop(boot(oneSwitch(), [NVME0, GPU0]), 0, 12, toGpu(NVME0, reads, 4 * KIB));
    // Eight requests a transfer, and one UpdateFC for 32 of them.
    const period = reads ? 4 : 1;
    expect(states[3]?.values.length).toBeGreaterThan(20);
    for (let at = 3; at + period < states.length; at += 1)
      expect(states[at + period]?.values).toEqual(states[at]?.values);
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

  test("is that of an idle machine once nothing is under way, however often it was busy", () => {
    fc.assert(
      fc.property(arbitraryTraffic(3), ({ machine, moves }) => {
        const idle = (times: number): StateRecord => {
          const rig = boot(machine.topology, machine.devices, { ...machine.constants, ...TOLD_AT_ONCE });
          for (let time = 0; time < times; time += 1) {
            for (const move of moves) rig.clock.spawn("a move", once(rig, move));
            rig.clock.run();
            passUntil(rig, rig.clock.now + 2 ** 40);
          }
          return stateOf(rig);
        };
        // Which links were ever used, and where each round robin stands, is state; so both have seen the same kind of traffic. So is
        // how many packets wait for their Ack, which none does here.
        expect(idle(2).values).toEqual(idle(3).values);
      }),
      { numRuns: 15 },
    );
  });
});

describe("The data plane's state differs", () => {
  test("at any two instants while packets are under way", () => {
    const rig = busy();
    const seen: StateRecord[] = [];
    for (let instant = 10_000; instant < 5_000_000; instant += 50_000) {
      passUntil(rig, instant);
      expect(seen.some((before) => equals(rig, before))).toBe(false);
      seen.push(stateOf(rig));
    }
  });

  test.each(CHANGES)("by %s", (_what, change) => {
    const rig = busy();
    passUntil(rig, HALFWAY);
    const before = stateOf(rig);
    expect(equals(rig, before)).toBe(true);
    change(rig.fabric.engine);
    expect(equals(rig, before)).toBe(false);
  });

  test("by when a credit comes back", () => {
    const beforeReturn = (ns: number): StateRecord => {
      const rig = boot(oneSwitch(), [NVME0, GPU0], { "link.credit_latency": ns });
      rig.clock.spawn("a move", once(rig, toGpu(NVME0, false, 256)));
      // Out of the switch's buffer after 280 B x 1040 and 120 ns, so not yet back.
      passUntil(rig, 280 * 1040 + ticksOfNs(140));
      return stateOf(rig);
    };
    const differences = beforeReturn(90).values.filter((value, place) => value !== beforeReturn(91).values[place]);
    expect(beforeReturn(90).values).toHaveLength(beforeReturn(91).values.length);
    expect(differences).not.toEqual([]);
  });

  test.each(["bad LCRC", "lost Ack"] as const)("by what is known of a %s that is not over", (error) => {
    const rig = busy();
    rig.fabric.disturb(`${GPU1} up`, ticks(HALFWAY), error);
    passUntil(rig, HALFWAY + 1);
    const channel = rig.fabric.graph.channels.findIndex(({ label }) => label === `${GPU1} up`);
    const retry = rig.fabric.engine.retries[channel];
    for (let step = 1; retry?.phase === "armed" && step < 400; step += 1) passUntil(rig, HALFWAY + step * 5000);
    if (retry === undefined || retry.phase === "armed") throw new Error("no packet came by");
    for (const change of [
      () => (retry.at += 1),
      () => (retry.acks += 1),
      () => retry.packets.push(0),
      () => retry.arrived.push({ wire: 1, busy: 1 }),
    ]) {
      const before = stateOf(rig);
      expect(equals(rig, before)).toBe(true);
      change();
      expect(equals(rig, before)).toBe(false);
    }
  });

  test("by how the transfers of a flight ended that are over already", () => {
    const rig = boot(oneSwitch(), [NVME0, GPU0]);
    const { fabric } = rig;
    const flight = new Flight("told");
    const common = { initiator: fabric.node(NVME0), reads: true, payload: true };
    fabric.begin({ ...common, address: busAddr(2 ** 50), length: 1 }, flight);
    fabric.begin({ ...common, address: busAddr(apertureOf(oneSwitch(), GPU0)), length: 64 * KIB }, flight);
    passUntil(rig, 3 * HALFWAY);
    expect([flight.left, flight.worst]).toEqual([1, 1]);
    const before = stateOf(rig);
    flight.worst = 0;
    expect(equals(rig, before)).toBe(false);
  });
});
