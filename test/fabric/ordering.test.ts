import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Task } from "../../sim/activity.ts";
import { busAddr } from "../../sim/units.ts";
import { arbitraryTraffic } from "./arbitrary-machine.ts";
import {
  amend,
  apertureOf,
  boot,
  GPU0,
  KIB,
  MIB,
  NVME0,
  oneSwitch,
  type Packet,
  type Rig,
  runMoves,
} from "./machines.ts";

/**
 * PCIe's ordering table (model A.7), at every node and between every pair of its links: what came in by one link and goes out by
 * another may pass what came in before it only where the table says so. Without relaxed ordering:
 *
 *                       earlier: posted    read       completion
 *   later posted                 no        may        may
 *   later read                   no        may        may
 *   later completion             no        may        may, but not of the same transfer here: one target, one tag order
 */
const mayPass = (later: Packet, earlier: Packet): boolean =>
  earlier.kind !== "MWr" && !(later.kind === earlier.kind && later.transfer === earlier.transfer);

/** A packet as it goes from one link to the next: where it stands among all that came, and among all that left. */
interface Step {
  readonly packet: Packet;
  readonly came: number;
  readonly left: number;
}

/**
 * The steps from each link to each next one. A packet is known again by its transfer, its kind and how many of these the link has
 * carried before: those of one transfer and kind all go one way, in order.
 */
function steps({ packets }: Rig): ReadonlyMap<string, readonly Step[]> {
  const carried = new Map<string, number>();
  const last = new Map<string, number>();
  const between = new Map<string, Step[]>();
  for (const [left, packet] of packets.entries()) {
    const kind = `${packet.transfer} ${packet.kind}`;
    const count = carried.get(`${packet.channel} ${kind}`) ?? 0;
    carried.set(`${packet.channel} ${kind}`, count + 1);
    const came = last.get(`${kind} ${count}`);
    last.set(`${kind} ${count}`, left);
    if (came === undefined) continue;
    const links = `${packets[came]?.link} > ${packet.link}`;
    between.set(links, [...(between.get(links) ?? []), { packet, came, left }]);
  }
  return between;
}

function* breaches(rig: Rig): Generator<string> {
  for (const [links, each] of steps(rig))
    for (const later of each)
      for (const earlier of each)
        if (later.came > earlier.came && later.left < earlier.left && !mayPass(later.packet, earlier.packet))
          yield `${links}: ${later.packet.kind} passed ${earlier.packet.kind}`;
}

describe("PCIe's ordering rules", () => {
  test("are never broken, at any node, whatever the machine and its traffic", () => {
    let pairs = 0;
    fc.assert(
      fc.property(arbitraryTraffic(6), ({ machine, moves }) => {
        const rig = boot(machine.topology, machine.devices, machine.constants);
        // Short ones, from the same few devices at once, so that different kinds meet.
        const short = moves.map((move) => ({
          ...move,
          length: Math.min(move.length, 3000),
          at: (move.at ?? 0) % 4096,
        }));
        runMoves(rig, short);
        pairs += rig.packets.length;
        expect([...breaches(rig)].slice(0, 3)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(pairs).toBeGreaterThan(5000);
  });

  test("let posted writes pass reads that cannot go on: or else two devices could wait for each other for ever", () => {
    fc.assert(
      fc.property(arbitraryTraffic(8), ({ machine, moves }) => {
        const scarce = { ...machine.constants, "credits.nonposted_header": 1, "credits.completion_header": 1 };
        const rig = boot(machine.topology, machine.devices, scarce);
        const results = runMoves(rig, moves);
        expect(results.filter(({ timesLanded }) => timesLanded !== 1)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("An entry that announces data", () => {
  /** Writes data, and once it has left, 16 B to memory; which of the two landed first. */
  function firstToLand(data: number): string {
    const slow = amend(oneSwitch(), { [GPU0]: { link: { generation: 1, width: 1 } } });
    const rig = boot(slow, [NVME0, GPU0]);
    const { clock, fabric, history } = rig;
    const landed: string[] = [];
    history.on("dma-landed", ({ length }) => landed.push(length === 16 ? "entry" : "data"));
    const write = (address: number, length: number, payload: boolean): Task<unknown> =>
      fabric.transfer(
        { initiator: fabric.node(NVME0), reads: false, address: busAddr(address), length, payload },
        "told",
      );
    clock.spawn(
      "drive",
      (function* () {
        yield* write(data, 64 * KIB, true);
        yield* write(2 ** 32 + MIB, 16, false);
      })(),
    );
    clock.run();
    return landed.join(", ");
  }

  test("lands behind it where both go the same way", () => {
    expect(firstToLand(2 ** 32)).toBe("data, entry");
  });

  test("overtakes it where the data goes another way, to a slow peer: only a read to the peer would tell", () => {
    expect(firstToLand(apertureOf(oneSwitch(), GPU0))).toBe("entry, data");
  });
});
