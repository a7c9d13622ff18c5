import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { bytes, iova, physAddr } from "../../sim/units.ts";
import {
  amend,
  apertureOf,
  boot,
  GROVE,
  grove,
  KIB,
  leftBehind,
  type Moved,
  type Rig,
  runMove,
  runMoves,
  withBits,
} from "./machines.ts";

/** Between the windows of devices and memory; nobody answers there. */
const NOBODY = 2 ** 50;
/** A little more than one packet and not a multiple of anything, so that parts could be miscounted. */
const LENGTH = 9 * KIB + 12;
const RR = { requestRedirect: true };
const CR = { completionRedirect: true };

interface Loss {
  readonly name: string;
  readonly machine: Topology;
  readonly initiator: string;
  readonly to: (rig: Rig) => number;
  readonly fault: string;
}

const towards =
  (id: string): Loss["to"] =>
  ({ topology }) =>
    apertureOf(topology, id);

const LOSSES: readonly Loss[] = [
  {
    name: "nobody's address, below two switches",
    machine: grove(),
    initiator: "C",
    to: () => NOBODY,
    fault: "no route",
  },
  {
    name: "nobody's address, below a root port",
    machine: grove(),
    initiator: "E",
    to: () => NOBODY,
    fault: "no route",
  },
  {
    name: "nobody's address, in the root complex",
    machine: grove(),
    initiator: "F",
    to: () => NOBODY,
    fault: "no route",
  },
  {
    name: "another socket that the root complex does not forward to",
    machine: grove("xeon-ivb"),
    initiator: "A",
    to: towards("H"),
    fault: "not forwarded by the root complex",
  },
  {
    name: "a neighbour, redirected to a root port that may not turn it round",
    machine: withBits(grove(), { "above A": RR }),
    initiator: "A",
    to: towards("B"),
    fault: "ACS violation",
  },
  {
    name: "what lies behind the port that it comes through",
    machine: withBits(grove(), { "above C": RR }),
    initiator: "C",
    to: towards("D"),
    fault: "ACS violation",
  },
  { name: "itself", machine: grove(), initiator: "A", to: towards("A"), fault: "ACS violation" },
];

const one = (loss: Loss, reads: boolean, length: number = LENGTH): { readonly rig: Rig; readonly moved: Moved } => {
  const rig = boot(loss.machine, GROVE);
  return { rig, moved: runMove(rig, { initiator: loss.initiator, reads, address: loss.to(rig), length }) };
};

describe.each(LOSSES)("A packet for $name", (loss) => {
  test("vanishes if it is a posted write: the initiator is told that all is well", () => {
    const { rig, moved } = one(loss, false);
    expect(moved).toMatchObject({ status: "ok", timesLanded: 1 });
    expect(moved.landed).toMatchObject({ told: "ok", delivered: 0, length: LENGTH, fault: loss.fault });
    expect(leftBehind(rig)).toEqual([]);
  });

  test("is answered Unsupported Request if it is a read", () => {
    const { rig, moved } = one(loss, true);
    expect(moved).toMatchObject({ status: "unsupported-request", timesLanded: 1 });
    expect(moved.landed).toMatchObject({ told: "unsupported-request", delivered: 0, fault: loss.fault });
    expect(leftBehind(rig)).toEqual([]);
  });

  test("is answered without data, once for each request", () => {
    const { rig } = one(loss, true, 4 * KIB);
    const answers = rig.packets.filter(({ link, kind }) => kind === "Cpl" && link === `${loss.initiator} down`);
    expect(answers.map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 0));
  });

  test("costs nobody else a byte", () => {
    const rig = boot(loss.machine, GROVE);
    const bad = [false, true].map((reads) => ({
      initiator: loss.initiator,
      reads,
      address: loss.to(rig),
      length: LENGTH,
    }));
    const memory = rig.fabric.addresses.memory(0).base;
    const good = ["A", "C", "E"].flatMap((initiator, place) =>
      [false, true].map((reads) => ({ initiator, reads, address: memory + place * 2 ** 20, length: LENGTH })),
    );
    for (const { move, status, landed } of runMoves(rig, [...bad, ...good]))
      if (good.includes(move))
        expect({ status, delivered: landed?.delivered }).toEqual({ status: "ok", delivered: LENGTH });
    expect(leftBehind(rig)).toEqual([]);
  });
});

describe("A posted write that only writes may make", () => {
  test("crosses a client's root complex, and a read the same way does not", () => {
    const rig = boot(grove("intel-client"), GROVE);
    const address = apertureOf(rig.topology, "E");
    const [write, read] = runMoves(rig, [
      { initiator: "A", reads: false, address, length: LENGTH },
      { initiator: "A", reads: true, address, length: LENGTH },
    ]);
    expect(write?.landed).toMatchObject({ told: "ok", delivered: LENGTH, fault: "" });
    expect(read?.landed).toMatchObject({ told: "unsupported-request", delivered: 0 });
    expect(read?.landed?.fault).toBe("not forwarded by the root complex");
    expect(leftBehind(rig)).toEqual([]);
  });
});

describe("A completion that may not come back", () => {
  test("lets its requester time out, and gives its tag and its credits back", () => {
    const rig = boot(withBits(grove(), { "above B": CR }), GROVE, { "rc.completion_timeout": 50_000 });
    const address = apertureOf(rig.topology, "B");
    const moved = runMove(rig, { initiator: "A", reads: true, address, length: LENGTH });
    expect(moved.status).toBe("completion-timeout");
    expect(moved.landed).toMatchObject({ told: "completion-timeout", delivered: 0, fault: "ACS violation" });
    expect(moved.told - (moved.landed?.at ?? 0)).toBe(50_000 * 4096);
    expect(leftBehind(rig)).toEqual([]);
  });
});

describe("An address that the IOMMU does not map for its device", () => {
  /** A device behind translation with one page mapped. */
  const translated = (): Rig => {
    const rig = boot(grove(), GROVE);
    const domain = rig.fabric.iommu.attach(rig.fabric.node("A"));
    domain.map(iova(2 ** 24), physAddr(rig.fabric.addresses.memory(0).base), 4 * KIB);
    return rig;
  };

  test.each([
    [false, "ok"],
    [true, "unsupported-request"],
  ])("loses a write silently and fails a read (read: %s)", (reads, told) => {
    const rig = translated();
    const moved = runMove(rig, { initiator: "A", reads, address: 2 ** 25, length: LENGTH });
    expect(moved.landed).toMatchObject({ told, delivered: 0, fault: "IOMMU fault" });
    expect(leftBehind(rig)).toEqual([]);
    expect(rig.fabric.iommu.faults).toBeGreaterThan(0);
  });

  test.each([
    [false, "ok"],
    [true, "unsupported-request"],
  ])("that begins inside a mapping delivers what is inside (read: %s)", (reads, told) => {
    const rig = translated();
    const moved = runMove(rig, { initiator: "A", reads, address: 2 ** 24 + 4 * KIB - 512, length: 1024 });
    expect(moved.landed).toMatchObject({ told, delivered: 512, length: 1024, fault: "IOMMU fault" });
    expect(leftBehind(rig)).toEqual([]);
  });

  test("is that of another device's mapping too", () => {
    const rig = translated();
    rig.fabric.iommu.attach(rig.fabric.node("E"));
    const moved = runMove(rig, { initiator: "E", reads: false, address: 2 ** 24, length: 64 });
    expect(moved.landed).toMatchObject({ delivered: 0, fault: "IOMMU fault" });
  });

  test("does not keep its device from interrupting", () => {
    const rig = translated();
    const moved = runMove(rig, {
      initiator: "A",
      reads: false,
      address: rig.fabric.addresses.interrupts(0),
      length: 4,
    });
    expect(moved.landed).toMatchObject({ delivered: 4, fault: "" });
  });
});

describe("With the least credits and tags that a link may have", () => {
  const SCARCE = {
    "credits.posted_header": 1,
    "credits.posted_data": 8,
    "credits.nonposted_header": 1,
    "credits.completion_header": 1,
    "credits.completion_data": 8,
  };

  test.each(LOSSES)("nothing gets stuck on the way to $name", ({ machine, initiator, to }) => {
    const scarce = amend(
      machine,
      Object.fromEntries(GROVE.map((id) => [id, { tags: 1, maxReadRequest: bytes(4096) }])),
    );
    const rig = boot(scarce, GROVE, SCARCE);
    const moves = [false, true].map((reads) => ({ initiator, reads, address: to(rig), length: LENGTH }));
    for (const { timesLanded } of runMoves(rig, moves)) expect(timesLanded).toBe(1);
    expect(leftBehind(rig)).toEqual([]);
  });
});
