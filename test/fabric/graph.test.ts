import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import { type Graph, graphOf } from "../../fabric/graph.ts";
import type { Topology } from "../../fabric/topology.ts";
import { treeOf } from "../../fabric/tree.ts";
import { bytes, iova, physAddr } from "../../sim/units.ts";
import { amend, apertureOf, boot, GROVE, grove, KIB, runMove, withBits } from "./machines.ts";

const graphFor = (topology: Topology): Graph => graphOf(treeOf(topology, GROVE), Parameters.typical());

const maxPayload = (topology: Topology, from: string, to: string): number => {
  const graph = graphFor(topology);
  return graph.maxPayload(graph.nodeOf.get(from) ?? -1, graph.nodeOf.get(to) ?? -1);
};

const small = { maxPayload: bytes(128) };
const RR = { requestRedirect: true };

describe("Max_Payload_Size between two nodes", () => {
  test.each([
    ["that of both ends, where all agree", {}, "A", "B", 256],
    ["the initiator's, where it is less", { A: small }, "A", "B", 128],
    ["the target's, where it is less", { B: small }, "A", "B", 128],
    ["that of the port above either", { "above A": small }, "B", "A", 128],
    ["that of the switch where it turns", { upper: small }, "A", "B", 128],
    ["that of a switch on the way", { lower: small }, "A", "C", 128],
    ["not that of a switch off the way", { lower: small }, "A", "B", 256],
    ["not that of a switch above where it turns", { upper: small }, "C", "D", 256],
    ["that of the root port, on the way to memory", { "root 0": small }, "A", "memory 0", 128],
    ["that of the other root port", { "root E": small }, "A", "E", 128],
  ])("is %s", (_what, changes, from, to, expected) => {
    expect(maxPayload(amend(grove(), changes), from, to)).toBe(expected);
    expect(maxPayload(amend(grove(), changes), to, from)).toBe(expected);
  });

  test("is what holds further up for packets that ACS sends up", () => {
    const above = amend(grove(), { upper: small });
    expect(maxPayload(withBits(above, { "above C": RR }), "C", "D")).toBe(128);
    expect(maxPayload(withBits(above, { "above D": RR }), "C", "D")).toBe(256);
    expect(maxPayload(withBits(above, { "above C": { completionRedirect: true } }), "C", "D")).toBe(128);
  });

  test("is what holds all the way up for a device that addresses itself", () => {
    expect(maxPayload(amend(grove(), { "root 0": small }), "C", "C")).toBe(128);
  });

  test("bounds every packet of an IO virtual address, up from its device and down to where it leads", () => {
    for (const change of [{ "root 0": small }, { "root E": small }]) {
      const rig = boot(amend(grove(), change), GROVE);
      const domain = rig.fabric.iommu.attach(rig.fabric.node("A"));
      domain.map(iova(2 ** 24), physAddr(apertureOf(rig.topology, "E")), 4 * KIB);
      runMove(rig, { initiator: "A", reads: false, address: 2 ** 24, length: 1024 });
      const lengths = rig.packets.filter(({ link }) => link === "E down").map(({ length }) => length);
      expect(lengths).toEqual(Array.from({ length: 8 }, () => 128));
    }
  });
});

describe("A link's receive buffer", () => {
  test("holds at least one packet of the largest size, however few credits the constants give", () => {
    const scarce = Parameters.typical().with({ "credits.posted_data": 1, "credits.completion_data": 1 });
    const { channels } = graphOf(treeOf(grove(), GROVE), scarce);
    for (const { label, framed, credits } of channels) if (framed) expect([label, credits[1]]).toEqual([label, 16]);
  });

  test("of an endpoint and of a root complex takes completions without limit", () => {
    const graph = graphFor(grove());
    for (const { to, framed, credits } of graph.channels)
      if (framed) expect(credits[3] === Infinity).toBe(graph.nodes[to]?.kind !== "switch");
  });
});
