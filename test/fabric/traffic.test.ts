import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { busAddr } from "../../sim/units.ts";
import { type Aimed, arbitraryMachine, arbitraryTraffic, type Machine, windowOf } from "./arbitrary-machine.ts";
import { type Fate, fateOf } from "./fate.ts";
import { boot, endpoint, leftBehind, type Move, type Moved, type Rig, runMoves } from "./machines.ts";

const RUNS = { numRuns: 60 };

const rigOf = ({ topology, devices, constants }: Machine): Rig => boot(topology, devices, constants);

/** What the initiator is told, what arrives, and whether a fault is named. */
const ends = (fate: Fate, length: number): object => ({
  told: fate === "delivered" || fate === "lost" ? "ok" : fate,
  delivered: fate === "delivered" ? length : 0,
  times: 1,
  fault: fate !== "delivered",
});

const ended = ({ status, landed, timesLanded }: Moved): object => ({
  told: landed?.told === status ? status : "nothing, or two things",
  delivered: landed?.delivered,
  times: timesLanded,
  fault: landed?.fault !== "",
});

/** Whether a request gets to the device that it is sent to, whatever becomes of its answer. */
const reaches = ({ topology }: Machine, { initiator, to, reads, control }: Aimed): boolean =>
  !["lost", "unsupported-request"].includes(fateOf(topology, initiator, to, reads, control));

describe("Whatever the tree, its sizes, its credits and the transfers on it", () => {
  test("every transfer is told once, lands once, and ends as the specification's table says", () => {
    fc.assert(
      fc.property(arbitraryTraffic(8), ({ machine, moves }) => {
        const results = runMoves(rigOf(machine), moves);
        expect(results).toHaveLength(moves.length);
        for (const moved of results) {
          const { initiator, to, reads, length, control } = moved.move;
          expect(ended(moved)).toEqual(ends(fateOf(machine.topology, initiator, to, reads, control), length));
        }
      }),
      RUNS,
    );
  });

  test("bytes are conserved: what targets took and gave is what was asked for, however it was cut", () => {
    fc.assert(
      fc.property(arbitraryTraffic(8), ({ machine, moves }) => {
        const rig = rigOf(machine);
        runMoves(rig, moves);
        const { graph, engine } = rig.fabric;
        const asked = (to: string, reads: boolean): number =>
          moves
            .filter((move) => move.to === to && move.reads === reads && reaches(machine, move))
            .reduce((sum, { length }) => sum + length, 0);
        for (const [node, { name }] of graph.nodes.entries())
          expect([name, engine.bytesWritten[node], engine.bytesRead[node]]).toEqual([
            name,
            asked(name, false),
            asked(name, true),
          ]);
      }),
      RUNS,
    );
  });

  test("every credit, tag and task is back at the end", () => {
    fc.assert(
      fc.property(arbitraryTraffic(8), ({ machine, moves }) => {
        const rig = rigOf(machine);
        runMoves(rig, moves);
        expect(leftBehind(rig)).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe("At every packet, whatever the tree", () => {
  test("no credit and no tag is owed; a link carries one packet at once, none larger than its ends allow, and in sum no more than it can", () => {
    fc.assert(
      fc.property(arbitraryTraffic(8), ({ machine, moves }) => {
        const rig = rigOf(machine);
        const wrong = watch(rig);
        const results = runMoves(rig, moves);
        const { engine, graph } = rig.fabric;
        const began = Math.min(...results.map((each) => each.began));
        for (const [channel, { label, ticksPerByte, framed }] of graph.channels.entries())
          if (framed && (engine.wireBytes[channel] ?? 0) * ticksPerByte[0] > engine.time - began)
            wrong.push(`${label} carried more than it can`);
        expect(wrong).toEqual([]);
      }),
      RUNS,
    );
  });

  /** Looks at credits, tags and links each time that a packet starts. */
  function watch({ fabric: { engine, graph } }: Rig): string[] {
    const wrong: string[] = [];
    const freeAt = graph.channels.map(() => 0);
    engine.trace = (at, channel, kind, length, wire) => {
      const link = graph.channels[channel];
      if (link?.framed && length > graph.maxPayload(link.from, link.to)) wrong.push(`${length} B on ${link.label}`);
      if (at < (freeAt[channel] ?? 0)) wrong.push(`${link?.label} was busy at ${at}`);
      freeAt[channel] = at + wire * (link?.ticksPerByte[kind as 0 | 1 | 2] ?? 0);
      const credits = engine.credit.subarray(channel * 5, channel * 5 + 5);
      if (credits.some((credit) => credit < 0)) wrong.push(`${link?.label} owes credits: ${credits}`);
      if (engine.tags.some((tags) => tags < 0)) wrong.push("a device uses a tag that it has not got");
    };
    return wrong;
  }
});

describe("On one way to one target, whatever the tree", () => {
  /** Latencies of 0 make the instant at which a read is served the one at which its completion starts. */
  const INSTANT = { "gpu.bar_read_latency": 0, "host.dram_latency": 0, "gpu.bar_read_rate": 64e9 };

  const pair = arbitraryMachine().chain((machine) =>
    fc.record({
      machine: fc.constant(machine),
      from: fc.constantFrom(...machine.devices),
      to: fc.constantFrom(...machine.devices, ...machine.topology.sockets.map(({ id }) => `memory ${id}`)),
      lengths: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }),
      control: fc.boolean(),
    }),
  );

  test("posted writes of one initiator land in the order in which they began, unless their order is relaxed", () => {
    fc.assert(
      fc.property(pair, ({ machine, from, to, lengths, control }) => {
        fc.pre(control || endpoint(machine.topology, from).relaxedOrdering !== true);
        const base = windowOf(machine.topology, to, false);
        const moves = lengths.map((length, place) => ({
          initiator: from,
          reads: false,
          address: base + place * 5000,
          length,
          control,
        }));
        const landings = runMoves(rigOf(machine), moves).map(({ landed }) => landed?.at ?? Number.NaN);
        expect(landings).toEqual([...landings].sort((a, b) => a - b));
      }),
      RUNS,
    );
  });

  test("a read that is issued once a write has left is served after that write has landed", () => {
    let served = 0;
    fc.assert(
      fc.property(pair, ({ machine, from, to, lengths }) => {
        const rig = rigOf({ ...machine, constants: { ...machine.constants, ...INSTANT } });
        const address = windowOf(machine.topology, to, false);
        const landed = writeThenRead(rig, { initiator: from, reads: false, address, length: lengths[0] ?? 1 });
        const answer = rig.packets.find(({ kind, transfer, length }) => kind === "Cpl" && transfer === 2 && length > 0);
        if (answer === undefined) return;
        served += 1;
        expect(answer.at).toBeGreaterThanOrEqual(landed);
      }),
      RUNS,
    );
    expect(served).toBeGreaterThan(RUNS.numRuns / 4);
  });

  /** Writes, and as soon as its initiator is told, reads the first byte; the answer is when the write landed. */
  function writeThenRead(rig: Rig, write: Move): number {
    const { clock, fabric, history } = rig;
    let landed = Number.NaN;
    history.on("dma-landed", ({ transfer, at }) => {
      if (transfer === 1) landed = at;
    });
    const common = { initiator: fabric.node(write.initiator), address: busAddr(write.address), payload: true };
    clock.spawn(
      "write, then read",
      (function* () {
        yield* fabric.transfer({ ...common, reads: false, length: write.length }, "told");
        yield* fabric.transfer({ ...common, reads: true, length: 1 }, "told");
      })(),
    );
    clock.run();
    return landed;
  }
});
