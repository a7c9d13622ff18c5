import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LinkError } from "../../../fabric/tlp/retry.ts";
import { Leaper, type Work } from "../../../sim/leaper.ts";
import { busAddr, ticks } from "../../../sim/units.ts";
import { type Aimed, arbitraryTraffic } from "../arbitrary-machine.ts";
import { boot, leftBehind, type Rig } from "../machines.ts";

/** Lanes that repeat a transfer each, without a pause, until the work is used up: the data plane's own closed loop. */
class Lanes implements Work {
  begun = 0;
  left: number;
  readonly #rig: Rig;
  constructor(rig: Rig, pieces: number) {
    this.#rig = rig;
    this.left = pieces;
  }

  skip(pieces: number): void {
    this.begun += pieces;
    this.left -= pieces;
  }

  *piece(move: Aimed, lane: number): Generator<number, void, void> {
    const { clock, fabric } = this.#rig;
    const initiator = fabric.node(move.initiator);
    yield* fabric.transfer(
      { initiator, reads: move.reads, address: busAddr(move.address), length: move.length, payload: !move.control },
      "landed",
    );
    // A request that fails at once would repeat at the same instant for ever.
    yield 1000;
    clock.requestRest();
    if (this.left === 0) return;
    this.skip(1);
    clock.succeed(this.piece(move, lane), [lane]);
  }
}

interface Result {
  readonly end: number;
  readonly sums: readonly (readonly number[])[];
  readonly skipped: number;
  readonly left: readonly string[];
}

/** What goes wrong on a link, and when: from outside of what recurs. */
interface Upset {
  readonly link: number;
  readonly at: number;
  readonly error: LinkError;
}

interface Setting {
  readonly machine: Parameters<typeof boot>;
  readonly pieces: number;
  readonly upsets?: readonly Upset[];
}

function run(moves: readonly Aimed[], { machine, pieces, upsets = [] }: Setting, leaps: boolean): Result {
  const rig = boot(...machine);
  const { clock, fabric } = rig;
  const links = fabric.graph.channels.filter(({ reverse }) => reverse >= 0);
  for (const { link, at, error } of upsets) fabric.disturb(links[link % links.length]?.label ?? "", ticks(at), error);
  fabric.engine.trace = undefined;
  const { engine, iommu } = fabric;
  const lanes = new Lanes(rig, pieces);
  const leaper = new Leaper(clock, [clock, fabric, iommu, ...fabric.caches], [engine, iommu], lanes);
  if (leaps) clock.atRest = () => leaper.sample();
  for (const [lane, move] of moves.entries()) clock.spawn("a lane", lanes.piece(move, lane), [lane]);
  clock.run();
  const sums = [
    engine.packetCount,
    engine.replayed,
    engine.wireBytes,
    engine.payloadBytes,
    engine.controlBytes,
    engine.bytesRead,
    engine.bytesWritten,
  ];
  return {
    end: clock.epoch + clock.now,
    sums: sums.map((sum) => [...sum]),
    skipped: leaper.skipped,
    left: leftBehind(rig),
  };
}

describe("Leaping over whole periods of the data plane", () => {
  test("changes neither the end, by a tick, nor any sum, by a byte, whatever the machine and its traffic", () => {
    let leapt = 0;
    fc.assert(
      fc.property(arbitraryTraffic(2), fc.integer({ min: 1, max: 600 }), ({ machine, moves }, pieces) => {
        const setting: Setting = { machine: [machine.topology, machine.devices, machine.constants], pieces };
        const short = moves.map((move) => ({ ...move, length: Math.min(move.length, 3000) }));
        const full = run(short, setting, false);
        const leap = run(short, setting, true);
        expect({ ...leap, skipped: 0 }).toEqual(full);
        if (leap.skipped > 0) leapt += 1;
      }),
      { numRuns: 40 },
    );
    expect(leapt).toBeGreaterThan(20);
  });

  test("is capped by an error on a link, which happens at its time and not once for each period", () => {
    const upset = fc.record({
      link: fc.nat(),
      at: fc.nat(4096 * 100_000),
      error: fc.constantFrom<LinkError[]>("bad LCRC", "lost Ack"),
    });
    let leapt = 0;
    let again = 0;
    const drawn = [
      arbitraryTraffic(2),
      fc.integer({ min: 1, max: 600 }),
      fc.array(upset, { minLength: 1, maxLength: 6 }),
    ] as const;
    fc.assert(
      fc.property(...drawn, ({ machine, moves }, pieces, upsets) => {
        const setting = {
          machine: [machine.topology, machine.devices, machine.constants],
          pieces,
          upsets,
        } satisfies Setting;
        const short = moves.map((move) => ({ ...move, length: Math.min(move.length, 3000) }));
        const full = run(short, setting, false);
        const leap = run(short, setting, true);
        expect({ ...leap, skipped: 0 }).toEqual(full);
        const replayed = (full.sums[1] ?? []).reduce((sum, each) => sum + each, 0);
        again += replayed;
        if (leap.skipped > 0 && replayed > 0) leapt += 1;
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(leapt).toBeGreaterThan(5);
    expect(again).toBeGreaterThan(20);
  });
});
