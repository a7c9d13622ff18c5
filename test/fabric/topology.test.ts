import { describe, expect, test } from "vitest";
import { Fabric } from "../../fabric/fabric.ts";
import {
  ACS_LINUX,
  ACS_OFF,
  type Acs,
  acsBoth,
  acsEither,
  type PciFunction,
  type Topology,
  topologyFaults,
  withAcs,
} from "../../fabric/topology.ts";
import { rootOf, treeOf, upwards } from "../../fabric/tree.ts";
import { PRESETS } from "../../machines/presets.ts";
import { amend, boot, GROVE, grove } from "./machines.ts";

const changed = (id: string, change: (each: PciFunction) => PciFunction): Topology => ({
  ...grove(),
  functions: grove().functions.map((each) => (each.id === id ? change(each) : each)),
});

describe("A topology", () => {
  test.each([...PRESETS.values()])("that ships is a machine: $name", ({ topology }) => {
    expect(topologyFaults(topology())).toEqual([]);
  });

  test("says every way in which it is none", () => {
    const orphan = changed("A", (each) => ({ ...each, parent: "nobody" }));
    expect(topologyFaults(orphan)).toEqual(["A names the parent nobody, which is not there"]);
    const misplaced = changed("A", (each) => ({ ...each, parent: "upper" }));
    expect(topologyFaults(misplaced)).toEqual([
      expect.stringMatching(/^A, an? endpoint, hangs below an? upstream-port$/),
    ]);
    const adrift = changed("upper", ({ link: _gone, ...each }) => each as PciFunction);
    expect(topologyFaults(adrift)).toEqual(["upper has no link above it"]);
    const twice = changed("B", (each) => ({ ...each, id: "A" }));
    expect(topologyFaults(twice)).toEqual(["two functions have the same id"]);
    const homeless = { ...grove(), sockets: grove().sockets.slice(0, 1) };
    expect(topologyFaults(homeless)).toEqual(["host bridge bridge 2 is on socket 1, which is not there"]);
  });

  test("allows an integrated endpoint to have no link", () => {
    expect(topologyFaults(grove())).toEqual([]);
  });

  test("has its ACS bits set or cleared where there is the capability, and nowhere else", () => {
    const capable = (topology: Topology): readonly string[] =>
      topology.functions.filter(({ acs }) => acs !== undefined).map(({ id }) => id);
    for (const [setting, bits] of [
      ["on", ACS_LINUX],
      ["off", ACS_OFF],
    ] as const) {
      const set = withAcs(grove(), setting);
      expect(capable(set)).toEqual(capable(grove()));
      for (const { acs } of set.functions) if (acs) expect(acs).toEqual(bits);
    }
    expect(withAcs(grove(), "as-found")).toEqual(grove());
  });

  test("has no ACS bit set that a capability is known not to offer", () => {
    const offering = (acsOffered: Acs): Topology => amend(grove(), { "above A": { acsOffered } });
    const bitsAt = (topology: Topology): Acs | undefined => topology.functions.find(({ id }) => id === "above A")?.acs;
    const offered = { ...ACS_OFF, sourceValidation: true, upstreamForwarding: true, egressControl: true };
    expect(bitsAt(withAcs(offering(offered), "on"))).toEqual({ ...offered, egressControl: false });
    expect(bitsAt(withAcs(offering(ACS_OFF), "on"))).toEqual(ACS_OFF);
    expect(bitsAt(withAcs(offering(offered), "off"))).toEqual(ACS_OFF);
  });

  test("joins ACS bits by what is set in both, or in either", () => {
    const [some, others] = [ACS_LINUX, { ...ACS_OFF, requestRedirect: true, egressControl: true }];
    expect(acsBoth(some, others)).toEqual({ ...ACS_OFF, requestRedirect: true });
    expect(acsEither(some, others)).toEqual({ ...ACS_LINUX, egressControl: true });
  });
});

describe("The tree of some devices", () => {
  test("has what is above them and nothing else", () => {
    const { devices, switches, roots } = treeOf(grove(), ["C", "E"]);
    expect(devices.map(({ endpoint }) => endpoint.id)).toEqual(["C", "E"]);
    expect(switches.map(({ id }) => id).sort()).toEqual(["lower", "upper"]);
    expect(roots.map(({ id, socket, hostBridge }) => [id, socket, hostBridge])).toEqual([
      ["root 0", 0, "bridge 0"],
      ["root E", 0, "bridge 0"],
    ]);
  });

  test("leads up, the nearest first", () => {
    const [leaf] = treeOf(grove(), ["C"]).devices;
    const ports = leaf ? [...upwards(leaf.above)].map((place) => place.port?.id) : [];
    expect(ports).toEqual(["above C", "above lower", "root 0"]);
    expect(leaf && rootOf(leaf.above).id).toBe("root 0");
  });

  test("has an integrated endpoint at a root of its own, without a port", () => {
    expect(treeOf(grove(), ["F"]).roots).toEqual([{ kind: "root", id: "F", hostBridge: "bridge 0", socket: 0 }]);
  });

  test.each(["upper", "nobody"])("does not grow from %s, which is no endpoint", (id) => {
    expect(() => treeOf(grove(), [id])).toThrow(`${id} is not an endpoint of grove`);
  });
});

describe("How far apart two devices are", () => {
  test.each([
    ["A", "B", "same-switch"],
    ["A", "C", "same-switch"],
    ["C", "D", "same-switch"],
    ["A", "E", "same-host-bridge"],
    ["A", "F", "same-host-bridge"],
    ["A", "G", "same-socket"],
    ["A", "H", "cross-socket"],
    ["A", "nobody", "none"],
  ])("%s and %s: %s", (from, to, expected) => {
    const { fabric } = boot(grove(), GROVE);
    expect(fabric).toBeInstanceOf(Fabric);
    expect([fabric.pathClass(from, to), fabric.pathClass(to, from)]).toEqual([expected, expected]);
  });
});
