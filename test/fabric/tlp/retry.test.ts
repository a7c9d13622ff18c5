import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LinkError } from "../../../fabric/tlp/retry.ts";
import { ticks, ticksOfNs } from "../../../sim/units.ts";
import { arbitraryTraffic } from "../arbitrary-machine.ts";
import {
  apertureOf,
  boot,
  GPU0,
  leftBehind,
  type Move,
  type Moved,
  NVME0,
  oneSwitch,
  type Rig,
  runMoves,
} from "../machines.ts";

/** Links that carry packets and nothing else, one after the other; nothing is ever the limit but the drive's link. */
const BARE = { "link.skp_share": 0, "link.efficiency": 1, "credits.posted_header": 1024, "credits.posted_data": 65536 };
/** A packet of 256 B on the drive's gen3 x4; a data link layer packet there; the way through both ports. */
const BYTE = 1040;
const SLOT = 280 * BYTE;
const DLLP = 8 * BYTE;
const FLIGHT = 2 * ticksOfNs(5);
/** The end of a packet -> its receiver -> a Nak -> its sender. */
const NAK = FLIGHT + DLLP + FLIGHT;
const TIMER = 618;

const UP = `${NVME0} up`;

interface Spoilt {
  /** In the middle of which packet the error is armed: it hits the next. */
  readonly during: number;
  readonly error: LinkError;
}

interface Ended {
  readonly landed: number;
  readonly moved: readonly Moved[];
  readonly rig: Rig;
}

/** Packets of 256 B from the drive to the GPU, without a pause, and what goes wrong with them. */
function stream(packets: number, errors: readonly Spoilt[], others: readonly Move[] = []): Ended {
  const topology = oneSwitch();
  const rig = boot(topology, [NVME0, GPU0], { ...BARE, "link.port_delay": 5, "link.replay_timer": TIMER });
  for (const { during, error } of errors) rig.fabric.disturb(UP, ticks(Math.max(0, (during + 0.5) * SLOT)), error);
  const moves = [
    { initiator: NVME0, reads: false, address: apertureOf(topology, GPU0), length: 256 * packets },
    ...others,
  ];
  const moved = runMoves(rig, moves);
  expect(
    moved.map(({ landed, timesLanded, move }) => [landed?.delivered, landed?.fault, timesLanded, move.length]),
  ).toEqual(moves.map(({ length }) => [length, "", 1, length]));
  expect(leftBehind(rig)).toEqual([]);
  return { landed: moved[0]?.landed?.at ?? Number.NaN, moved, rig };
}

const replayed = ({ rig: { fabric } }: Ended): number =>
  fabric.engine.replayed[channelOf(fabric.graph.channels, UP)] ?? -1;

const channelOf = (channels: readonly { readonly label: string }[], link: string): number =>
  channels.findIndex(({ label }) => label === link);

const bad = (during: number): Spoilt => ({ during, error: "bad LCRC" });
const lost = (during: number): Spoilt => ({ during, error: "lost Ack" });

describe("A packet with a bad LCRC", () => {
  test("costs the time to its Nak, up to the end of the packet under way then, and all packets in between go again", () => {
    const smooth = stream(100, []);
    // A slot, then the Nak within the next one: the replay starts two slots after the damaged packet did.
    const slots = Math.ceil((SLOT + NAK) / SLOT);
    expect(slots).toBe(2);
    for (const during of [0, 10, 97]) {
      const ended = stream(100, [bad(during)]);
      expect(ended.landed - smooth.landed).toBe(slots * SLOT);
      expect(replayed(ended)).toBe(slots);
    }
  });

  test("costs the time to its Nak where nothing comes behind it", () => {
    const ended = stream(100, [bad(98)]);
    expect(ended.landed - stream(100, []).landed).toBe(SLOT + NAK);
    expect(replayed(ended)).toBe(1);
  });

  test("costs as much each time", () => {
    const ended = stream(100, [bad(5), bad(20), bad(60)]);
    expect(ended.landed - stream(100, []).landed).toBe(3 * 2 * SLOT);
    expect(replayed(ended)).toBe(6);
  });

  test("waits for the one before it to be over: two at once are two, one after the other", () => {
    const ended = stream(100, [bad(5), bad(5)]);
    expect(ended.landed - stream(100, []).landed).toBe(2 * 2 * SLOT);
  });

  test("takes wire bytes of its link and nothing of any other, and no payload", () => {
    const [smooth, rough] = [stream(50, []), stream(50, [bad(5)])].map(({ rig }) => rig.fabric);
    if (smooth === undefined || rough === undefined) throw new Error("two streams were run");
    const { engine, graph } = rough;
    for (const [channel, { label }] of graph.channels.entries()) {
      const more = label === UP ? 2 * 280 : 0;
      expect([label, engine.wireBytes[channel]]).toEqual([label, (smooth.engine.wireBytes[channel] ?? 0) + more]);
      expect(engine.payloadBytes[channel]).toBe(smooth.engine.payloadBytes[channel]);
      expect(engine.packetCount[channel]).toBe(smooth.engine.packetCount[channel]);
    }
  });

  test("is refused by ways inside the root complex, which are no links", () => {
    const { engine, graph } = stream(1, []).rig.fabric;
    expect(() => engine.disturb(channelOf(graph.channels, "memory 0 in"), "bad LCRC")).toThrow(
      "memory 0 in is no link",
    );
  });
});

describe("A lost Ack", () => {
  test("costs nothing where a later one speaks for the same packet", () => {
    const ended = stream(100, [lost(20)]);
    expect(ended.landed).toBe(stream(100, []).landed);
    expect(replayed(ended)).toBe(0);
  });

  test("makes the sender's timer expire where none comes: the last packet goes again, and its receiver drops it", () => {
    const ended = stream(100, [lost(98)]);
    expect(ended.landed).toBe(stream(100, []).landed);
    expect(replayed(ended)).toBe(1);
    expect(ended.rig.fabric.engine.bytesWritten[ended.rig.fabric.node(GPU0)]).toBe(25600);
  });

  test("holds up what is to leave while it goes again", () => {
    const expiry = 100 * SLOT + ticksOfNs(TIMER);
    const late = {
      initiator: NVME0,
      reads: false,
      address: apertureOf(oneSwitch(), GPU0),
      length: 256,
      at: expiry + 1000,
    };
    const landing = (errors: readonly Spoilt[]): number =>
      stream(100, errors, [late]).moved[1]?.landed?.at ?? Number.NaN;
    expect(landing([lost(98)]) - landing([])).toBe(SLOT - 1000);
  });

  test("sends again what else has left in the meantime, up to the timer", () => {
    // Two packets: the first Ack would speak for both. No third comes to make up for it.
    const ended = stream(2, [lost(-1)]);
    expect(replayed(ended)).toBe(2);
  });
});

describe("Whatever goes wrong on whichever links", () => {
  const errors = fc.array(
    fc.record({
      link: fc.nat(),
      at: fc.nat(4096 * 3000),
      error: fc.constantFrom<LinkError[]>("bad LCRC", "lost Ack"),
    }),
    { minLength: 1, maxLength: 12 },
  );

  test("every transfer ends as it would have, every byte arrives once, and all credits and tags come back", () => {
    let again = 0;
    fc.assert(
      fc.property(arbitraryTraffic(6), errors, ({ machine, moves }, drawn) => {
        const ends = (spoilt: boolean) => {
          const rig = boot(machine.topology, machine.devices, machine.constants);
          const { engine, graph } = rig.fabric;
          const links = graph.channels.filter(({ reverse }) => reverse >= 0);
          for (const { link, at, error } of spoilt ? drawn : [])
            rig.fabric.disturb(links[link % links.length]?.label ?? "", ticks(at), error);
          const results = runMoves(rig, moves);
          if (spoilt) again += engine.replayed.reduce((sum, each) => sum + each, 0);
          expect(leftBehind(rig)).toEqual([]);
          return {
            fates: results.map(({ status, timesLanded, landed }) => [
              status,
              timesLanded,
              landed?.delivered,
              landed?.fault,
            ]),
            read: [...engine.bytesRead],
            written: [...engine.bytesWritten],
            payload: [...engine.payloadBytes],
          };
        };
        expect(ends(true)).toEqual(ends(false));
      }),
      { numRuns: 60 },
    );
    expect(again).toBeGreaterThan(100);
  });
});
