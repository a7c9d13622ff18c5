import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import { AddressMap } from "../../fabric/address-map.ts";
import { graphOf } from "../../fabric/graph.ts";
import type { Bar, Topology } from "../../fabric/topology.ts";
import { treeOf } from "../../fabric/tree.ts";
import { busAddr, bytes, PAGE_BYTES } from "../../sim/units.ts";
import { GROVE, grove } from "./machines.ts";

const GIB = 2 ** 30;

/** Who answers to an address, by name. */
function mapOf(topology: Topology, devices: readonly string[]): { map: AddressMap; who: (address: number) => string } {
  const graph = graphOf(treeOf(topology, devices), Parameters.typical());
  const map = new AddressMap(graph);
  return { map, who: (address) => graph.nodes[map.claim(address)]?.name ?? "nobody" };
}

const withBars = (bars: readonly Bar[]): Topology => ({
  ...grove(),
  functions: grove().functions.map((each) => (each.id === "A" && each.kind === "endpoint" ? { ...each, bars } : each)),
});

describe("An address is answered", () => {
  test("by the BAR that it lies in, to the byte", () => {
    const { who } = mapOf(grove(), GROVE);
    for (const each of grove().functions)
      if (each.kind === "endpoint")
        for (const { base, size } of each.bars) expect([who(base), who(base + size - 1)]).toEqual([each.id, each.id]);
    const [first] = grove().functions.flatMap((each) => (each.kind === "endpoint" ? each.bars : []));
    expect(who((first?.base ?? 0) - 1)).toBe("nobody");
  });

  test("by memory from 4 GiB up, socket after socket", () => {
    const { map, who } = mapOf(grove(), GROVE);
    expect([
      who(4 * GIB - 1),
      who(4 * GIB),
      who(68 * GIB - 1),
      who(68 * GIB),
      who(132 * GIB - 1),
      who(132 * GIB),
    ]).toEqual(["nobody", "memory 0", "memory 0", "memory 1", "memory 1", "nobody"]);
    expect([map.memory(0).base, map.memory(1).base]).toEqual([4 * GIB, 68 * GIB]);
    expect(() => map.memory(2)).toThrow("socket 2 has no memory");
  });

  test("by nobody where it is a BAR of a device that takes no part", () => {
    const all = mapOf(grove(), GROVE);
    const some = mapOf(grove(), ["E"]);
    const [bar] = grove().functions.flatMap((each) => (each.id === "A" && each.kind === "endpoint" ? each.bars : []));
    expect([all.who(bar?.base ?? 0), some.who(bar?.base ?? 0)]).toEqual(["A", "nobody"]);
  });

  test("by the interrupts of its socket, each a page, and only there", () => {
    const { map, who } = mapOf(grove(), GROVE);
    expect([who(0xfee00000), who(0xfee00000 + PAGE_BYTES)]).toEqual(["interrupts 0", "interrupts 1"]);
    expect([map.interrupts(0), map.interrupts(1)]).toEqual([0xfee00000, 0xfee00000 + PAGE_BYTES]);
    expect([0xfedfffff, 0xfee00000, 0xfeefffff, 0xfef00000].map((each) => map.isInterrupt(each))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("by one only, wherever firmware put a BAR: memory makes room", () => {
    const place = fc.record({ gib: fc.integer({ min: 4, max: 200 }), size: fc.constantFrom(1, 2, 16, 64) });
    fc.assert(
      fc.property(place, ({ gib, size }) => {
        const base = Math.ceil(gib / size) * size * GIB;
        const bar = { index: 0, base: busAddr(base), size: bytes(size * GIB), prefetchable: true };
        const { map, who } = mapOf(withBars([bar]), ["A"]);
        expect([who(base), who(base + size * GIB - 1)]).toEqual(["A", "A"]);
        for (const socket of [0, 1]) {
          const { base: from, end } = map.memory(socket);
          expect([who(from), who(end - 1)]).toEqual([`memory ${socket}`, `memory ${socket}`]);
          expect(end <= base || from >= base + size * GIB).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
