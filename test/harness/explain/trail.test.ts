import { expect, test } from "vitest";
import { Parameters } from "../../../calibration/parameters.ts";
import type { Acs, Topology } from "../../../fabric/topology.ts";
import { type Packet, Wire } from "../../../harness/explain/trail.ts";
import { journey, type Target } from "../../fabric/journey.ts";
import { amend, GROVE, grove, withBits } from "../../fabric/machines.ts";

const RR = { requestRedirect: true };
const UF = { upstreamForwarding: true };
const MACHINES: readonly (readonly [string, Topology])[] = [
  ["without ACS", grove()],
  [
    "with redirection",
    withBits(grove(), { "above A": RR, "above D": { ...RR, completionRedirect: true }, "root 0": UF }),
  ],
  ["with redirection that does not come back", withBits(grove(), { "above A": RR })],
  ["on a client", grove("intel-client")],
];
const ENDS: ReadonlyMap<string, string> = new Map([
  ["arrived", ""],
  ["unsupported", " ! unsupported"],
  ["acs-violation", " ! ACS violation"],
]);

test.each(MACHINES)("A packet is followed where the routing tables send it, %s", (_name, topology) => {
  const wire = new Wire(topology, GROVE, Parameters.typical(), true);
  const plain = new Wire(topology, GROVE, Parameters.typical(), false);
  const told = (by: Wire, packet: Packet): string => {
    const { steps, end } = by.follow(packet);
    return `${steps.join(" > ")}${ENDS.get(end)}`;
  };
  for (const from of GROVE)
    for (const to of GROVE) {
      if (from === to) continue;
      for (const kind of ["write", "read", "completion"] as const) {
        expect(told(plain, { from, to, kind, addressing: "bus address" })).toBe(journey(topology, from, to, kind));
        const target: Target = kind === "completion" ? to : { iova: to };
        expect(told(wire, { from, to, kind, addressing: "IOVA" })).toBe(journey(topology, from, target, kind));
      }
    }
});

test("An IOMMU that translates knows no bus address", () => {
  const wire = new Wire(grove(), GROVE, Parameters.typical(), true);
  expect(wire.follow({ from: "A", to: "E", kind: "write", addressing: "bus address" })).toEqual({
    steps: ["A", "upper", "ingress 0"],
    end: "iommu-fault",
  });
});

test("A device with ATS makes its packets out for their target: a switch turns them where Direct Translated is set", () => {
  const followed = (bits: Partial<Acs>, ats: boolean, kind: Packet["kind"] = "write"): readonly string[] => {
    const machine = withBits(grove(), { "above A": bits, "root 0": UF });
    const topology = ats ? amend(machine, { A: { ats: true } }) : machine;
    const wire = new Wire(topology, GROVE, Parameters.typical(), true);
    const { steps, end } = wire.follow({ from: "A", to: "B", kind, addressing: "IOVA" });
    expect(end).toBe("arrived");
    return steps;
  };
  const DT = { ...RR, directTranslated: true };
  const UP = ["A", "upper", "ingress 0", "egress 0", "upper", "B"];
  for (const kind of ["write", "read"] as const) {
    expect(followed(DT, true, kind)).toEqual(["A", "upper", "B"]);
    expect(followed(DT, false, kind)).toEqual(UP);
    expect(followed(RR, true, kind)).toEqual(UP);
    expect(followed({ ...DT, translationBlocking: true }, true, kind)).toEqual(UP);
  }
});
