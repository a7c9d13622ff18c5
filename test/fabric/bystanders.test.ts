import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { build, downstreamPort, gpu, nvme, rootPort, upstreamPort } from "../../machines/presets/build.ts";
import { apertureOf, boot, KIB, MIB, runMoves } from "./machines.ts";

/** What changes nothing: idle devices, the order in which functions are listed, and the numbers of buses. */
interface Neighbourhood {
  readonly idleBelowSwitch: number;
  readonly idleBelowRoot: number;
  readonly idleSwitches: number;
  readonly firstBus: number;
  readonly order: readonly number[];
}

const DRIVE_LINK = { generation: 3, width: 4 } as const;
const GPU_LINK = { generation: 3, width: 16 } as const;

/** A drive and a GPU below one switch, and any number of idle neighbours. */
function machine(around: Neighbourhood): {
  readonly topology: Topology;
  readonly drive: string;
  readonly card: string;
  readonly plain: (label: string) => string;
} {
  let bus = around.firstBus;
  const next = (): string => {
    bus += 1;
    return bus.toString(16).padStart(2, "0");
  };
  const bridge = `0000:${next()}`;
  const [root, up, down, drive, card] = [
    `${bridge}:00.0`,
    `${next()}:00.0`,
    next(),
    `${next()}:00.0`,
    `${next()}:00.0`,
  ];
  const idle = <T>(count: number, each: (place: number) => readonly T[]): readonly T[] =>
    Array.from({ length: count }, (_, place) => each(place)).flat();
  const listed = [
    rootPort(root, bridge, ""),
    upstreamPort(up, root, GPU_LINK, ""),
    downstreamPort(`${down}:00.0`, up, ""),
    downstreamPort(`${down}:01.0`, up, ""),
    nvme(drive, `${down}:00.0`, DRIVE_LINK),
    gpu(card, `${down}:01.0`, GPU_LINK, 16 * MIB),
    ...idle(around.idleBelowSwitch, (place) => [
      downstreamPort(`${down}:${10 + place}.0`, up, ""),
      gpu(`${next()}:00.0`, `${down}:${10 + place}.0`, GPU_LINK, 16 * MIB),
    ]),
    ...idle(around.idleBelowRoot, (place) => [
      rootPort(`${bridge}:${10 + place}.0`, bridge, ""),
      nvme(`${next()}:00.0`, `${bridge}:${10 + place}.0`, DRIVE_LINK),
    ]),
    ...idle(around.idleSwitches, (place) => [
      rootPort(`${bridge}:${20 + place}.0`, bridge, ""),
      upstreamPort(`idle ${place}`, `${bridge}:${20 + place}.0`, GPU_LINK, ""),
      downstreamPort(`below idle ${place}`, `idle ${place}`, ""),
      nvme(`${next()}:00.0`, `below idle ${place}`, DRIVE_LINK),
    ]),
  ];
  const shuffled = around.order.flatMap((place) => listed.slice(place, place + 1));
  const topology = build({
    name: "neighbourhood",
    platform: "xeon-sp",
    sockets: 1,
    hostBridges: [{ id: bridge, socket: 0 }],
    functions: [...shuffled, ...listed.filter((_, place) => !around.order.includes(place))],
  });
  const plain = (label: string): string => label.replace(up, "switch").replace(drive, "drive").replace(card, "card");
  return { topology, drive, card, plain };
}

/** Every packet of some traffic between the drive and the GPU, each way and to memory. */
function trace(around: Neighbourhood): readonly string[] {
  const { topology, drive, card, plain } = machine(around);
  const rig = boot(topology, [drive, card]);
  const memory = rig.fabric.addresses.memory(0).base;
  runMoves(rig, [
    { initiator: drive, reads: false, address: apertureOf(topology, card), length: 8 * KIB },
    { initiator: drive, reads: true, address: apertureOf(topology, card) + 64 * KIB, length: 8 * KIB },
    { initiator: card, reads: true, address: memory, length: 12 * KIB, at: 4096 * 100 },
    { initiator: card, reads: false, address: memory + 64 * KIB, length: 3 * KIB + 5, control: true },
  ]);
  return rig.packets.map(({ at, link, kind, length, wire }) => `${at} ${plain(link)} ${kind} ${length} ${wire}`);
}

const ALONE: Neighbourhood = { idleBelowSwitch: 0, idleBelowRoot: 0, idleSwitches: 0, firstBus: 0, order: [] };

describe("Idle neighbours, the order of functions and bus numbers", () => {
  test("change no packet of two devices by a tick", () => {
    const alone = trace(ALONE);
    expect(alone.length).toBeGreaterThan(400);
    const around = fc.record({
      idleBelowSwitch: fc.nat(4),
      idleBelowRoot: fc.nat(4),
      idleSwitches: fc.nat(2),
      firstBus: fc.nat(200),
      order: fc.uniqueArray(fc.nat(12), { maxLength: 13 }),
    });
    fc.assert(
      fc.property(around, (each) => {
        expect(trace(each)).toEqual(alone);
      }),
      { numRuns: 40 },
    );
  });
});
