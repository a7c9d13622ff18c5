import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TlpEngine } from "../../fabric/tlp/engine.ts";
import { PASSES_POSTED } from "../../fabric/tlp/ordering.ts";
import type { Endpoint } from "../../fabric/topology.ts";
import type { Task } from "../../sim/activity.ts";
import { busAddr } from "../../sim/units.ts";
import { arbitraryTraffic } from "./arbitrary-machine.ts";
import {
  amend,
  apertureOf,
  boot,
  GPU0,
  GROVE,
  grove,
  KIB,
  MIB,
  type Moved,
  NVME0,
  oneSwitch,
  type Packet,
  type Rig,
  runMoves,
} from "./machines.ts";

/**
 * PCIe's ordering table (model A.7), at every node and between every pair of its links: what came in by one link and goes out by
 * another may pass what came in before it only where the table says so.
 *
 *                       earlier: posted                                             read       completion
 *   later posted                 with RO, or with IDO if of another sender          may        may
 *   later read                   with IDO if of another sender                      may        may
 *   later completion             with RO, or with IDO if of another sender          may        may, but not of the same transfer here
 */
const mayPass = (later: Step, earlier: Step): boolean => {
  const { kind, transfer } = later.packet;
  if (earlier.packet.kind !== "MWr") return !(kind === earlier.packet.kind && transfer === earlier.packet.transfer);
  return (kind !== "MRd" && later.relaxed) || (later.byId && later.sender !== earlier.sender);
};

/** A packet as it goes from one link to the next: where it stands among all that came, and among all that left. */
interface Step {
  readonly packet: Packet;
  readonly came: number;
  readonly left: number;
  readonly sender: string;
  readonly relaxed: boolean;
  readonly byId: boolean;
}

/** What a packet's maker and the one who asked for it were allowed to put into it; control packets never bear an attribute. */
function attributesOf(rig: Rig, moved: Moved | undefined, sender: string, kind: Packet["kind"]) {
  const deviceOf = (id: string | undefined): Endpoint | undefined =>
    rig.topology.functions.find((each): each is Endpoint => each.kind === "endpoint" && each.id === id);
  const data = moved?.move.control !== true;
  const asked = deviceOf(moved?.move.initiator);
  const byId = kind === "Cpl" ? deviceOf(sender)?.idOrderedCompletions : data && asked?.idOrderedRequests;
  return { relaxed: data && asked?.relaxedOrdering === true, byId: byId === true };
}

/** Where packets are made and end; they pass through all other nodes. */
const ENDS: ReadonlySet<string> = new Set(["endpoint", "memory"]);

/** The steps from each link to each next one. A packet is known again by its slot, as long as it goes on from where it came. */
function steps(rig: Rig, results: readonly Moved[]): ReadonlyMap<string, readonly Step[]> {
  const { graph } = rig.fabric;
  const byTransfer = new Map(results.map((moved) => [moved.transfer, moved]));
  const last = new Map<number, { readonly packet: Packet; readonly left: number; readonly sender: string }>();
  const between = new Map<string, Step[]>();
  for (const [left, packet] of rig.packets.entries()) {
    const before = last.get(packet.slot);
    const from = graph.channels[packet.channel]?.from ?? -1;
    const goesOn =
      !ENDS.has(graph.nodes[from]?.kind ?? "endpoint") &&
      before?.packet.transfer === packet.transfer &&
      before.packet.kind === packet.kind &&
      graph.channels[before.packet.channel]?.to === from;
    const sender = goesOn ? before.sender : rig.fabric.nameOf(from);
    last.set(packet.slot, { packet, left, sender });
    if (!goesOn) continue;
    const attributes = attributesOf(rig, byTransfer.get(packet.transfer), sender, packet.kind);
    const links = `${before.packet.link} > ${packet.link}`;
    between.set(links, [...(between.get(links) ?? []), { packet, came: before.left, left, sender, ...attributes }]);
  }
  return between;
}

/** Every pair of which the later one passed the earlier. */
function* passes(rig: Rig, results: readonly Moved[]): Generator<readonly [later: Step, earlier: Step]> {
  for (const each of steps(rig, results).values())
    for (const later of each)
      for (const earlier of each) if (later.came > earlier.came && later.left < earlier.left) yield [later, earlier];
}

function breaches(rig: Rig, results: readonly Moved[]): readonly string[] {
  return [...passes(rig, results)]
    .filter(([later, earlier]) => !mayPass(later, earlier))
    .map(([later, earlier]) => `${later.packet.link}: ${later.packet.kind} passed ${earlier.packet.kind}`);
}

type Traffic = ReturnType<typeof arbitraryTraffic> extends fc.Arbitrary<infer T> ? T : never;

/** Short ones, from the same few devices at once, so that different kinds meet. */
function runShort({ machine, moves }: Traffic, change: (engine: TlpEngine) => void = () => undefined) {
  const rig = boot(machine.topology, machine.devices, machine.constants);
  change(rig.fabric.engine);
  const short = moves.map((move) => ({ ...move, length: Math.min(move.length, 3000), at: (move.at ?? 0) % 4096 }));
  return { rig, results: runMoves(rig, short) };
}

const CLASSES = ["MWr", "MRd", "Cpl"] as const;
const ATTRIBUTES = ["plain", "relaxed", "by id"] as const;

/** The cells of the engine's table: may that class pass a posted packet with that attribute? */
const CELLS = CLASSES.flatMap((kind, row) =>
  ATTRIBUTES.map((attribute, column) => ({
    kind,
    attribute,
    cell: row * 3 + column,
    may: PASSES_POSTED[row]?.[column],
  })),
);

type Attributes = Pick<Endpoint, "relaxedOrdering" | "idOrderedRequests" | "idOrderedCompletions">;

/**
 * C and D, below one switch, write to A and read from it, and A, which takes writes slowly, reads from both: all of it waits for one
 * link at the upper switch, behind posted writes that have no credits.
 */
function crowds(): readonly Traffic[] {
  const attributes = fc.constantFrom<Attributes[]>(
    {},
    { relaxedOrdering: true },
    { idOrderedRequests: true },
    { idOrderedCompletions: true },
    { idOrderedRequests: true, idOrderedCompletions: true },
  );
  const move = fc.record({
    ends: fc.constantFrom(
      ["C", "A", false],
      ["D", "A", false],
      ["C", "A", true],
      ["D", "A", true],
      ["A", "C", true],
      ["A", "D", true],
    ),
    length: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 3000 })),
    at: fc.nat(4095),
    control: fc.boolean(),
  });
  const drawn = fc.record({
    of: fc.record({ A: attributes, C: attributes, D: attributes }),
    moves: fc.array(move, { minLength: 12, maxLength: 24 }),
  });
  return fc.sample(drawn, { seed: 7, numRuns: 40 }).map(({ of, moves }) => ({
    machine: { topology: amend(grove(), of), devices: GROVE, constants: SCARCE },
    moves: moves.map(({ ends: [initiator, to, reads], ...rest }) => ({
      ...rest,
      initiator: String(initiator),
      to: String(to),
      reads: reads === true,
      address: apertureOf(grove(), String(to)),
    })),
  }));
}

const SCARCE = {
  "credits.posted_header": 4,
  "credits.posted_data": 40,
  "gpu.bar_write_rate": 2e8,
  "gpu.bar_read_rate": 40e9,
};

describe("PCIe's ordering rules", () => {
  test("are never broken, at any node, whatever the machine, its attributes and its traffic", () => {
    let pairs = 0;
    fc.assert(
      fc.property(arbitraryTraffic(6), (traffic) => {
        const { rig, results } = runShort(traffic);
        pairs += rig.packets.length;
        expect(breaches(rig, results).slice(0, 3)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(pairs).toBeGreaterThan(5000);
  });

  test("are not broken either where everything waits for one slow device, and what may pass does", () => {
    const seen = new Set<string>();
    for (const crowd of crowds()) {
      const { rig, results } = runShort(crowd);
      expect(breaches(rig, results)).toEqual([]);
      for (const [later, earlier] of passes(rig, results))
        if (earlier.packet.kind === "MWr")
          seen.add(`${later.packet.kind} ${later.relaxed && later.packet.kind !== "MRd" ? "relaxed" : "by id"}`);
    }
    const permitted = CELLS.filter(({ may }) => may).map(({ kind, attribute }) => `${kind} ${attribute}`);
    expect([...seen].sort()).toEqual(permitted.sort());
  });

  test.each(CELLS.filter(({ may }) => !may))(
    "are broken, and the judge sees it, by $kind $attribute that passes posted writes",
    ({ cell, kind }) => {
      const broken = crowds().flatMap((crowd) => {
        const { rig, results } = runShort(crowd, ({ passing }) => {
          passing[cell] = 1;
        });
        return breaches(rig, results);
      });
      expect(new Set(broken.map((text) => text.replace(/.*: /, "")))).toEqual(new Set([`${kind} passed MWr`]));
    },
  );

  test("are broken, and the judge sees it, by ID-Based Ordering that takes everybody for another", () => {
    const broken = crowds().flatMap((crowd) => {
      const { rig, results } = runShort(crowd, ({ packets }) => {
        Object.defineProperty(packets, "sender", { value: new Proxy([], { get: () => Symbol("another") }) });
      });
      return breaches(rig, results);
    });
    expect(broken.length).toBeGreaterThan(0);
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
