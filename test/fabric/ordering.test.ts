import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryTraffic } from "./arbitrary-machine.ts";
import { boot, type Packet, type Rig, runMoves } from "./machines.ts";

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

/** The packets of each link, in order, named so that the next link knows them again. */
function byLink({ packets, fabric }: Rig): readonly (readonly (Packet & { readonly name: string })[])[] {
  const counts = new Map<string, number>();
  const links = fabric.graph.channels.map((): (Packet & { readonly name: string })[] => []);
  for (const packet of packets) {
    const name = `${packet.transfer} ${packet.kind}`;
    const counted = `${packet.channel} ${name}`;
    const count = counts.get(counted) ?? 0;
    counts.set(counted, count + 1);
    links[packet.channel]?.push({ ...packet, name: `${name} ${count}` });
  }
  return links;
}

function* breaches(rig: Rig): Generator<string> {
  const links = byLink(rig);
  for (const [into, { to }] of rig.fabric.graph.channels.entries())
    for (const [out, { from, label }] of rig.fabric.graph.channels.entries())
      if (to === from) yield* breachesBetween(links[into] ?? [], links[out] ?? [], label);
}

function* breachesBetween(
  came: readonly (Packet & { readonly name: string })[],
  left: readonly { readonly name: string; readonly at: number }[],
  label: string,
): Generator<string> {
  const place = new Map(left.map(({ name }, at) => [name, at]));
  const through = came.filter(({ name }) => place.has(name));
  for (const [at, later] of through.entries())
    for (const earlier of through.slice(0, at))
      if ((place.get(later.name) ?? 0) < (place.get(earlier.name) ?? 0) && !mayPass(later, earlier))
        yield `${later.name} passed ${earlier.name} on ${label}`;
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
