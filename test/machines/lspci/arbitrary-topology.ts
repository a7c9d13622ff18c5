import fc from "fast-check";
import type { Platform } from "../../../calibration/platforms.ts";
import type { Acs, Bar, Endpoint, HostBridge, Link, PciFunction, Topology } from "../../../fabric/topology.ts";
import { busAddr, bytes } from "../../../sim/units.ts";

/**
 * Machines of one to three host bridges, each in a domain of its own, with integrated endpoints, root ports, and switches one
 * below another; every link, size and bit is drawn. No port is empty, for a Topology does not say which bus an empty one has.
 */
export const arbitraryTopology = (): fc.Arbitrary<Topology> =>
  fc
    .record({ family: fc.constantFrom(...FAMILIES), bridges: fc.array(bridge(), { minLength: 1, maxLength: 3 }) })
    .map(assemble);

/** A platform, and the identity by which the importer knows it. */
const FAMILIES: readonly (readonly [Platform, string])[] = [
  ["xeon-sp", "8086:09a2"],
  ["xeon-snb", "8086:3c00"],
  ["xeon-ivb", "8086:0e00"],
  ["xeon-bdw", "8086:2f00"],
  ["amd-prezen", "1022:1422"],
  ["amd-zen", "1022:1450"],
  ["intel-client", "8086:191f"],
  ["unknown", "8086:3405"],
];

type Card = Omit<Endpoint, "id" | "parent" | "kind" | "link">;

/** One to three functions that share a link. */
interface Device {
  readonly link: Link;
  readonly cards: readonly Card[];
}

interface Switch {
  readonly link: Link;
  readonly maxPayload: Endpoint["maxPayload"];
  readonly ports: readonly PortAbove[];
}

type AcsRegisters = Pick<PciFunction, "acs" | "acsOffered">;

interface PortAbove extends AcsRegisters {
  readonly maxPayload: Endpoint["maxPayload"];
  readonly below: Device | Switch;
}

interface Bridge {
  readonly socket: number;
  readonly slots: readonly (Card | PortAbove)[];
}

/** Objects as literals make them. */
const PLAIN = { noNullPrototype: true } as const;

const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 1, maxLength: 3 });

const size = (): fc.Arbitrary<Endpoint["maxPayload"]> =>
  fc.constantFrom(...[128, 256, 512, 1024, 2048, 4096].map(bytes));

const link = (): fc.Arbitrary<Link> =>
  fc.record({ generation: fc.constantFrom(1, 2, 3, 4, 5), width: fc.constantFrom(1, 2, 4, 8, 12, 16) }, PLAIN);

const acs = (): fc.Arbitrary<Acs> =>
  fc.record(
    {
      sourceValidation: fc.boolean(),
      translationBlocking: fc.boolean(),
      requestRedirect: fc.boolean(),
      completionRedirect: fc.boolean(),
      upstreamForwarding: fc.boolean(),
      egressControl: fc.boolean(),
      directTranslated: fc.boolean(),
    },
    PLAIN,
  );

/** No capability, or its control bits, with what it offers or without. */
const registers = (): fc.Arbitrary<AcsRegisters> =>
  fc.oneof(fc.constant({}), fc.record({ acs: acs() }, PLAIN), fc.record({ acs: acs(), acsOffered: acs() }, PLAIN));

/** A power of two of 4 KiB to 64 GiB; for the time being its base says how many times its size is left free below it. */
const bar = (index: number): fc.Arbitrary<Bar> =>
  fc
    .record({
      power: fc.integer({ min: 12, max: 36 }),
      gap: fc.integer({ min: 0, max: 3 }),
      prefetchable: fc.boolean(),
    })
    .map(({ power, gap, prefetchable }) => ({ index, base: busAddr(gap), size: bytes(2 ** power), prefetchable }));

const card = (): fc.Arbitrary<Card> =>
  fc
    .record(
      {
        kind: fc.constantFrom(
          { role: "nvme", label: "Some SSD" } as const,
          { role: "gpu", label: "Radeon" } as const,
          { role: "gpu", label: "NVIDIA A100 SXM4", nvlink: true } as const,
          { role: "nic", label: "ConnectX-5 [dual (2x) port]" } as const,
          { role: "capture", label: "Grabber: HD" } as const,
          { role: "other", label: "FPGA" } as const,
        ),
        registers: registers(),
        attributes: fc.constantFrom({}, { ecrc: true } as const, { ats: true } as const),
        maxPayload: size(),
        maxReadRequest: size(),
        tags: fc.constantFrom(32, 256, 768),
        bars: fc.tuple(bar(0), bar(2)),
      },
      PLAIN,
    )
    .map(({ kind, registers: bits, attributes, ...rest }) => ({ ...kind, ...bits, ...attributes, ...rest }));

const portAbove = (below: fc.Arbitrary<Device | Switch>): fc.Arbitrary<PortAbove> =>
  fc
    .record({ registers: registers(), maxPayload: size(), below }, PLAIN)
    .map(({ registers: bits, ...rest }) => ({ ...bits, ...rest }));

function bridge(): fc.Arbitrary<Bridge> {
  const { below } = fc.letrec<{ below: Device | Switch }>((tie) => ({
    below: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.record({ link: link(), cards: some(card()) }, PLAIN),
      fc.record({ link: link(), maxPayload: size(), ports: some(portAbove(tie("below"))) }, PLAIN),
    ),
  }));
  return fc.record({ socket: fc.integer({ min: 0, max: 1 }), slots: some(fc.oneof(card(), portAbove(below))) });
}

function assemble({
  family: [platform, identity],
  bridges,
}: {
  readonly family: readonly [Platform, string];
  readonly bridges: readonly Bridge[];
}): Topology {
  const sockets = [...new Set(bridges.map(({ socket }) => socket))].sort();
  const hostBridges = bridges.map(
    ({ socket }, domain): HostBridge => ({ id: bus(domain, ROOT_BUS), socket, identity }),
  );
  const functions = bridges.flatMap(({ slots }, domain) => apart(numbered(slots, domain)));
  return {
    name: "drawn",
    platform,
    sockets: sockets.map((id) => ({ id, memory: bytes(64 * 2 ** 30) })),
    hostBridges,
    functions: functions.sort((left, right) => (left.id < right.id ? -1 : 1)),
    warnings: [],
  };
}

/** Gives every BAR an address of its own, aligned to its size, above the first MiB. */
function apart(functions: readonly PciFunction[]): PciFunction[] {
  let free = 2 ** 20;
  const place = (each: Bar): Bar => {
    const base = busAddr((Math.ceil(free / each.size) + each.base) * each.size);
    free = base + each.size;
    return { ...each, base };
  };
  return functions.map((each) => (each.kind === "endpoint" ? { ...each, bars: each.bars.map(place) } : each));
}

const ROOT_BUS = 0x10;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
const bus = (domain: number, number: number): string => `${hex(domain, 4)}:${hex(number, 2)}`;

/** Gives addresses depth first, as firmware does. */
function numbered(slots: Bridge["slots"], domain: number): PciFunction[] {
  const functions: PciFunction[] = [];
  let last = ROOT_BUS;
  const address = (number: number, device: number, fn = 0): string => `${bus(domain, number)}:${hex(device, 2)}.${fn}`;
  const port = (
    kind: "root-port" | "downstream-port",
    id: string,
    parent: string,
    { below, ...rest }: PortAbove,
  ): void => {
    functions.push({ id, kind, parent, label: "port", ...rest });
    last += 1;
    if ("cards" in below) device(below, id, last);
    else upstream(below, id, last);
  };
  const device = ({ link: above, cards }: Device, parent: string, number: number): void => {
    for (const [fn, each] of cards.entries())
      functions.push({ id: address(number, 0, fn), kind: "endpoint", parent, link: above, ...each });
  };
  const upstream = ({ ports, ...rest }: Switch, parent: string, number: number): void => {
    const id = address(number, 0);
    functions.push({ id, kind: "upstream-port", parent, label: "switch", ...rest });
    last += 1;
    const inside = last;
    for (const [index, each] of ports.entries()) port("downstream-port", address(inside, index), id, each);
  };
  for (const [index, slot] of slots.entries()) {
    const id = address(ROOT_BUS, index + 1);
    if ("below" in slot) port("root-port", id, bus(domain, ROOT_BUS), slot);
    else functions.push({ id, kind: "endpoint", parent: bus(domain, ROOT_BUS), ...slot });
  }
  return functions;
}
