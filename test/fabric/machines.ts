import { Parameters } from "../../calibration/parameters.ts";
import { type DmaStatus, Fabric, Flight } from "../../fabric/fabric.ts";
import { ACS_OFF, type Acs, type Endpoint, type Link, type PciFunction, type Topology } from "../../fabric/topology.ts";
import { build, downstreamPort, gpu, rootPort, upstreamPort } from "../../machines/presets/build.ts";
import { ONE_SWITCH } from "../../machines/presets/one-switch.ts";
import type { Event, EventOf } from "../../record/event.ts";
import { Clock } from "../../sim/clock.ts";
import { Stream } from "../../sim/stream.ts";
import { type Bytes, busAddr } from "../../sim/units.ts";

/** Small machines, and the least that it takes to run transfers on one: a clock, a history and a fabric. */

export const KIB: number = 2 ** 10;
export const MIB: number = 2 ** 20;

// ── Machines ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const X16 = { generation: 3, width: 16 } as const;

/**
 * One endpoint in every kind of place; they are GPUs, so that each has memory behind a BAR. A downstream port is called by what is
 * below it, "above A".
 *
 *   socket 0 ── bridge 0 ─┬─ root 0 ══ upper ─┬─ above A ══ A
 *                         │                   ├─ above B ══ B
 *                         │                   └─ above lower ══ lower ─┬─ above C ══ C
 *                         │                                            └─ above D ══ D
 *                         ├─ root E ══ E
 *                         └─ F, integrated into the root complex
 *               bridge 1 ─── root G ══ G
 *   socket 1 ── bridge 2 ─── root H ══ H
 */
export function grove(platform: Topology["platform"] = "xeon-sp"): Topology {
  const leaf = (id: string, parent: string): ReturnType<typeof gpu> => gpu(id, parent, X16, 16 * MIB);
  const { link: _none, ...integrated } = leaf("F", "bridge 0");
  return build({
    name: "grove",
    platform,
    sockets: 2,
    hostBridges: [
      { id: "bridge 0", socket: 0 },
      { id: "bridge 1", socket: 0 },
      { id: "bridge 2", socket: 1 },
    ],
    functions: [
      rootPort("root 0", "bridge 0", ""),
      upstreamPort("upper", "root 0", X16, ""),
      downstreamPort("above A", "upper", ""),
      downstreamPort("above B", "upper", ""),
      downstreamPort("above lower", "upper", ""),
      upstreamPort("lower", "above lower", X16, ""),
      downstreamPort("above C", "lower", ""),
      downstreamPort("above D", "lower", ""),
      rootPort("root E", "bridge 0", ""),
      rootPort("root G", "bridge 1", ""),
      rootPort("root H", "bridge 2", ""),
      leaf("A", "above A"),
      leaf("B", "above B"),
      leaf("C", "above C"),
      leaf("D", "above D"),
      leaf("E", "root E"),
      integrated,
      leaf("G", "root G"),
      leaf("H", "root H"),
    ],
  });
}

export const GROVE: readonly string[] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/** The endpoints of the preset one-switch by what they are. */
export const NVME0 = "0000:1a:00.0";
export const GPU0 = "0000:1b:00.0";
export const NVME1 = "0000:1c:00.0";
export const GPU1 = "0000:1d:00.0";
export const FAR_NVME = "0000:1e:00.0";
/** The downstream ports above them, the switch, and the root port above it. */
export const PORT_OF_NVME0 = "0000:19:00.0";
export const PORT_OF_GPU0 = "0000:19:01.0";
export const PORT_OF_GPU1 = "0000:19:03.0";
export const SWITCH = "0000:18:00.0";
export const ROOT_PORT = "0000:17:00.0";
export const oneSwitch = (): Topology => ONE_SWITCH.topology();

/** What may be changed of a function; an undefined capability is taken away. */
interface Change {
  readonly acs?: Acs | undefined;
  readonly acsOffered?: Acs;
  readonly link?: Link;
  readonly maxPayload?: Bytes;
  readonly maxReadRequest?: Bytes;
  readonly tags?: number;
  readonly ecrc?: true;
  readonly egressBlocked?: readonly string[];
  readonly ats?: true;
  readonly relaxedOrdering?: true;
  readonly idOrderedRequests?: true;
  readonly idOrderedCompletions?: true;
}

/** The same machine, with some functions changed. */
export const amend = (topology: Topology, changes: Readonly<Record<string, Change>>): Topology => ({
  ...topology,
  functions: topology.functions.map((each) => ({ ...each, ...changes[each.id] }) as PciFunction),
});

/** The same machine, with some ACS bits set at some ports; the other bits are off there. */
export const withBits = (topology: Topology, bits: Readonly<Record<string, Partial<Acs>>>): Topology =>
  amend(topology, Object.fromEntries(Object.entries(bits).map(([id, each]) => [id, { acs: { ...ACS_OFF, ...each } }])));

export function endpoint(topology: Topology, id: string): Endpoint {
  const found = topology.functions.find((each) => each.id === id);
  if (found?.kind !== "endpoint") throw new Error(`${topology.name} has no endpoint ${id}`);
  return found;
}

/** Where a device's memory begins: its largest BAR. */
export function apertureOf(topology: Topology, id: string): number {
  const [largest] = [...endpoint(topology, id).bars].sort((a, b) => b.size - a.size);
  if (largest === undefined) throw new Error(`${id} has no BAR`);
  return largest.base;
}

// ── Runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A packet as it starts onto a link or a way inside a root complex. */
export interface Packet {
  readonly at: number;
  readonly link: string;
  readonly channel: number;
  readonly kind: "MWr" | "MRd" | "Cpl";
  readonly length: number;
  readonly wire: number;
  /** Number of its transfer in the run, from 1. */
  readonly transfer: number;
  /** Where the engine keeps it: the same on all its way, another's once it has arrived. */
  readonly slot: number;
}

export interface Rig {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly history: Stream<Event>;
  readonly fabric: Fabric;
  readonly packets: Packet[];
}

const KINDS: readonly Packet["kind"][] = ["MWr", "MRd", "Cpl"];

export function boot(
  topology: Topology,
  devices: readonly string[],
  constants: Readonly<Record<string, number>> = {},
): Rig {
  const clock = new Clock();
  const history = new Stream<Event>();
  const fabric = new Fabric(clock, history, topology, devices, Parameters.typical().with(constants));
  const packets: Packet[] = [];
  const { engine, graph } = fabric;
  engine.trace = (at, channel, kind, length, wire, transfer, slot) => {
    const link = graph.channels[channel]?.label ?? "";
    const identity = engine.transfers.identity[transfer] ?? 0;
    packets.push({ at, link, channel, kind: KINDS[kind] ?? "Cpl", length, wire, transfer: identity, slot });
  };
  return { topology, clock, history, fabric, packets };
}

/** One transfer to be run. */
export interface Move {
  readonly initiator: string;
  readonly reads: boolean;
  readonly address: number;
  readonly length: number;
  /** When it begins; 0 if not said. */
  readonly at?: number;
  /** From the queue of control packets, and counted as such. */
  readonly control?: boolean;
  /** It bears a translated address. */
  readonly translated?: boolean;
  /** The device whose requester id it bears instead of its own. */
  readonly as?: string;
}

/** What became of one. */
export interface Moved<M extends Move = Move> {
  readonly move: M;
  readonly transfer: number;
  readonly began: number;
  status: DmaStatus | "never told";
  /** When the initiator knew; after the completion timeout where a completion was lost. */
  told: number;
  landed: EventOf<"dma-landed"> | undefined;
  timesLanded: number;
}

/** Runs transfers side by side until nothing is left to happen. */
export function runMoves<M extends Move>(rig: Rig, moves: readonly M[]): readonly Moved<M>[] {
  const { clock, history, fabric } = rig;
  const byTransfer = new Map<number, Moved<M>>();
  const results: Moved<M>[] = [];
  let begun = 0;
  history.on("dma-began", ({ transfer }) => {
    begun = transfer;
  });
  const start = (move: M, flight: Flight): Moved<M> => {
    const { initiator, reads, length, control = false, translated = false, as = initiator } = move;
    const address = busAddr(move.address);
    // A transfer that nobody can route lands while it begins, so the listener has to know it before.
    const moved: Moved<M> = {
      move,
      transfer: begun + 1,
      began: clock.now,
      status: "never told",
      told: Number.NaN,
      landed: undefined,
      timesLanded: 0,
    };
    byTransfer.set(moved.transfer, moved);
    results.push(moved);
    const given = { initiator: fabric.node(initiator), as: fabric.node(as), reads, address, length, translated };
    fabric.begin({ ...given, payload: !control }, flight);
    return moved;
  };
  history.on("dma-landed", (landed) => {
    const moved = byTransfer.get(landed.transfer);
    if (moved === undefined) return;
    moved.landed = landed;
    moved.timesLanded += 1;
  });
  for (const move of moves)
    clock.spawn(
      "a move",
      (function* () {
        yield move.at ?? 0;
        const flight = new Flight("told");
        const moved = start(move, flight);
        moved.status = yield* fabric.settled(flight);
        moved.told = clock.now;
      })(),
    );
  clock.run();
  return results;
}

/** One transfer alone. */
export function runMove(rig: Rig, move: Move): Moved {
  const [moved] = runMoves(rig, [move]);
  if (moved === undefined) throw new Error("nothing was run");
  return moved;
}

/** When one transfer alone has landed. */
export function landingOf(topology: Topology, devices: readonly string[], move: Move): number {
  const { landed } = runMove(boot(topology, devices), move);
  if (landed === undefined) throw new Error(`${move.initiator} never finished`);
  return landed.at;
}

/** Credits that have not come back, kind by kind; a negative number where more came back than went out. */
const missingCredits = ({ fabric: { graph, engine } }: Rig): readonly string[] =>
  graph.channels.flatMap(({ label, credits }, channel) => {
    engine.missingCredits(channel);
    return credits.flatMap((full, place) => {
      const here = engine.credit[channel * 5 + place] ?? Number.NaN;
      return here === full ? [] : [`${label}: ${full - here} ${CREDITS[place]}`];
    });
  });

const CREDITS = ["PH", "PD", "NPH", "CPLH", "CPLD"] as const;

/** Devices that have not got all their tags back. */
const missingTags = ({ fabric }: Rig): readonly string[] =>
  fabric.graph.nodes.flatMap(({ name, tags }, node) => (fabric.engine.tags[node] === tags ? [] : [name]));

/** Everything is as it was before the first packet: credits, tags, tasks. */
export const leftBehind = (rig: Rig): readonly string[] => [
  ...missingCredits(rig),
  ...missingTags(rig),
  ...rig.clock.alive().map(({ name, waitsFor }) => `${name} waits for ${waitsFor}`),
];
