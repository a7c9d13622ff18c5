import fc from "fast-check";
import type { Platform } from "../../calibration/platforms.ts";
import { ACS_OFF, type Acs, type Endpoint, type Link, type Port, type Topology } from "../../fabric/topology.ts";
import { build, type Card, gpu } from "../../machines/presets/build.ts";
import { bytes } from "../../sim/units.ts";
import { apertureOf, endpoint, type Move } from "./machines.ts";

/** A machine, the constants that it runs with, and where each of its devices' memory is. */
export interface Machine {
  readonly topology: Topology;
  readonly devices: readonly string[];
  readonly constants: Readonly<Record<string, number>>;
}

const MIB = 2 ** 20;

interface Leaf {
  readonly link: Link;
  readonly maxPayload: number;
  readonly maxReadRequest: number;
  readonly tags: number;
  readonly attributes: Attributes;
}

type Attributes = Pick<Endpoint, "relaxedOrdering" | "idOrderedRequests" | "idOrderedCompletions" | "ecrc">;

interface SwitchBelow {
  readonly link: Link;
  readonly maxPayload: number;
  readonly ports: readonly Slot[];
}

/** A port and what is below it. */
interface Slot {
  readonly acs: Acs;
  readonly maxPayload: number;
  readonly below: Leaf | SwitchBelow;
}

interface Sketch {
  readonly platform: Platform;
  /** Sockets of host bridges of root ports. */
  readonly sockets: readonly (readonly (readonly Slot[])[])[];
}

const maxPayload = (): fc.Arbitrary<number> => fc.constantFrom(128, 256, 512, 1024);
const link = (): fc.Arbitrary<Link> =>
  fc.record({ generation: fc.constantFrom(1, 2, 3, 4, 5), width: fc.constantFrom(1, 2, 4, 8, 16) });

/** Off on half of all ports, or else nothing would ever turn in a switch. */
const acs = (): fc.Arbitrary<Acs> =>
  fc.oneof(
    fc.constant(ACS_OFF),
    fc
      .record({
        requestRedirect: fc.boolean(),
        completionRedirect: fc.boolean(),
        upstreamForwarding: fc.boolean(),
      })
      .map((bits) => ({ ...ACS_OFF, ...bits })),
  );

const leaf = (): fc.Arbitrary<Leaf> =>
  fc.record({
    link: link(),
    maxPayload: maxPayload(),
    maxReadRequest: fc.constantFrom(128, 256, 512, 1024, 4096),
    tags: fc.constantFrom(1, 2, 3, 8, 32, 256),
    attributes: fc.constantFrom<Attributes[]>(
      {},
      {},
      { relaxedOrdering: true },
      { idOrderedRequests: true, ecrc: true },
      { idOrderedRequests: true, idOrderedCompletions: true },
      { relaxedOrdering: true, idOrderedCompletions: true },
    ),
  });

const slot = (depth: number): fc.Arbitrary<Slot> =>
  fc.record({
    acs: acs(),
    maxPayload: maxPayload(),
    below: depth === 0 ? leaf() : fc.oneof(leaf(), switchBelow(depth)),
  });

const switchBelow = (depth: number): fc.Arbitrary<SwitchBelow> =>
  fc.record({
    link: link(),
    maxPayload: maxPayload(),
    ports: fc.array(slot(depth - 1), { minLength: 1, maxLength: 3 }),
  });

const some = <T>(each: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
  fc.array(each, { minLength: 1, maxLength });

const constants = (): fc.Arbitrary<Machine["constants"]> =>
  fc.record({
    "credits.posted_header": fc.constantFrom(1, 2, 7, 64),
    "credits.posted_data": fc.constantFrom(8, 40, 1024),
    "credits.nonposted_header": fc.constantFrom(1, 3, 64),
    "credits.completion_header": fc.constantFrom(1, 5, 64),
    "credits.completion_data": fc.constantFrom(8, 40, 1024),
    "link.credit_latency": fc.nat(200),
    "link.port_delay": fc.nat(20),
    "switch.latency": fc.nat(200),
    "gpu.bar_read_latency": fc.nat(500),
    "gpu.bar_read_rate": fc.constantFrom(5e8, 4e9, 40e9),
    "gpu.bar_write_rate": fc.constantFrom(5e8, 4e9, 64e9),
    "rc.completion_timeout": fc.constant(1000),
  });

/** One or two sockets of one or two host bridges, root ports above devices and above switches in up to two levels. */
export const arbitraryMachine = (): fc.Arbitrary<Machine> =>
  fc
    .record({
      sketch: fc.record({
        platform: fc.constantFrom<Platform[]>("xeon-sp", "xeon-snb", "xeon-ivb", "amd-zen", "intel-client", "unknown"),
        sockets: some(some(some(slot(2), 2), 2), 2),
      }),
      constants: constants(),
    })
    .map(({ sketch, constants: drawn }) => ({ ...grow(sketch), constants: drawn }));

/** Gives everything a name by its place, "bridge 0", "port 3", "device 5", and firmware its BARs. */
function grow({ platform, sockets }: Sketch): Omit<Machine, "constants"> {
  const functions: (Port | Card)[] = [];
  const devices: string[] = [];
  const plant = (place: Slot, parent: string, kind: "root-port" | "downstream-port"): void => {
    const id = `port ${functions.length}`;
    functions.push({ id, kind, parent, acs: place.acs, maxPayload: bytes(place.maxPayload), label: "" });
    const { below } = place;
    if ("ports" in below) {
      const upstream = `switch ${functions.length}`;
      const port = { link: below.link, maxPayload: bytes(below.maxPayload), label: "" };
      functions.push({ id: upstream, kind: "upstream-port", parent: id, ...port });
      for (const each of below.ports) plant(each, upstream, "downstream-port");
    } else {
      const device = `device ${devices.length}`;
      devices.push(device);
      const sizes = { maxPayload: bytes(below.maxPayload), maxReadRequest: bytes(below.maxReadRequest) };
      functions.push({ ...gpu(device, id, below.link, 16 * MIB), ...sizes, tags: below.tags, ...below.attributes });
    }
  };
  const hostBridges = sockets.flatMap((bridges, socket) =>
    bridges.map((roots, place) => {
      const id = `bridge ${socket}.${place}`;
      for (const root of roots) plant(root, id, "root-port");
      return { id, socket };
    }),
  );
  const topology = build({ name: "drawn", platform, sockets: sockets.length, hostBridges, functions });
  return { topology, devices };
}

// ── Transfers ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A transfer and the device or the socket's memory that it goes to. */
export interface Aimed extends Move {
  readonly to: string;
}

const KIB = 2 ** 10;

/** Reads and writes of 1 B to 64 KiB, at any byte of a peer's memory, of its registers (below 4 GiB) or of a socket's memory. */
function arbitraryMoves({ topology, devices }: Machine, most: number): fc.Arbitrary<Aimed[]> {
  const targets = [...devices, ...topology.sockets.map(({ id }) => `memory ${id}`)];
  return fc.array(
    fc
      .record({
        initiator: fc.constantFrom(...devices),
        to: fc.constantFrom(...targets),
        reads: fc.boolean(),
        registers: fc.boolean(),
        offset: fc.nat(MIB),
        length: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 64 * KIB })),
        at: fc.nat(4096 * 2000),
        control: fc.boolean(),
      })
      .map(({ registers, offset, ...move }) => ({ ...move, address: windowOf(topology, move.to, registers) + offset })),
    { minLength: 1, maxLength: most },
  );
}

/** Where memory begins follows from the sockets: 64 GiB each from 4 GiB up, below every prefetchable BAR. */
export function windowOf(topology: Topology, target: string, registers: boolean): number {
  const socket = topology.sockets.findIndex(({ id }) => target === `memory ${id}`);
  if (socket >= 0) return 2 ** 32 + socket * 64 * 2 ** 30;
  return registers ? (endpoint(topology, target).bars[0]?.base ?? 0) : apertureOf(topology, target);
}

/** A machine and transfers on it. */
export const arbitraryTraffic = (most: number): fc.Arbitrary<{ readonly machine: Machine; readonly moves: Aimed[] }> =>
  arbitraryMachine().chain((machine) =>
    fc.record({ machine: fc.constant(machine), moves: arbitraryMoves(machine, most) }),
  );
