import { describe, expect, test } from "vitest";
import { ACS_LINUX, ACS_OFF, type Acs, type PciFunction, type Topology } from "../../fabric/topology.ts";
import type { AcsFlag } from "../../kernel/pci.ts";
import { machineOf } from "../harness/cells.ts";
import { Bench } from "./bench.ts";

/** The same machine with other functions in the place of some. */
const changed = (machine: string, change: (each: PciFunction) => PciFunction): Topology => {
  const topology = machineOf(machine);
  return { ...topology, functions: topology.functions.map(change) };
};

/** A machine of which one port has these ACS bits. */
const withPort = (machine: string, port: string, acs: Acs, offered?: Acs): Topology =>
  changed(machine, (each) => (each.id === port ? { ...each, acs, ...(offered && { acsOffered: offered }) } : each));

/** A function by its id, as it is found above one of the bench's devices. */
function above({ kernel, nvme, gpu }: Bench, id: string) {
  const found = [nvme, gpu]
    .flatMap((device) => {
      const dev = kernel.pci.devOf(device);
      return [dev, dev.bridge, dev.bridge?.bridge, dev.bridge?.bridge?.bridge];
    })
    .find((each) => each?.id === id);
  if (found === undefined) throw new Error(`nothing above the bench's devices is called ${id}`);
  return found;
}

describe("The tree as a driver sees it", () => {
  test("behind one switch: one root port, and its upstream port in common", () => {
    const { kernel, nvme, gpu } = new Bench();
    const [dev, peer] = [kernel.pci.devOf(nvme), kernel.pci.devOf(gpu)];
    expect(kernel.pci.findRootPort(dev)?.id).toBe("0000:17:00.0");
    expect(kernel.pci.findRootPort(dev)).toBe(kernel.pci.findRootPort(peer));
    expect(kernel.pci.findCommonUpstream(dev, peer)?.id).toBe("0000:18:00.0");
    expect(kernel.pci.bridgesBelowCommon(dev, peer)?.map(({ id }) => id)).toEqual(["0000:19:00.0", "0000:19:01.0"]);
    expect(kernel.pci.findHostBridge(dev)).toBe(kernel.pci.findHostBridge(peer));
  });

  test("below two root ports: nothing in common but the host bridge", () => {
    const { kernel, nvme, gpu } = new Bench({ machine: "client-root-ports" });
    const [dev, peer] = [kernel.pci.devOf(nvme), kernel.pci.devOf(gpu)];
    expect(kernel.pci.findCommonUpstream(dev, peer)).toBeUndefined();
    expect(kernel.pci.bridgesBelowCommon(dev, peer)).toBeUndefined();
    expect([kernel.pci.findRootPort(dev)?.id, kernel.pci.findRootPort(peer)?.id]).toEqual([
      "0000:00:1d.0",
      "0000:00:01.0",
    ]);
    expect(kernel.pci.findHostBridge(dev)).toBe(kernel.pci.findHostBridge(peer));
  });

  test("on two sockets: two host bridges, known by their first function", () => {
    const { kernel, nvme, gpu } = new Bench({ machine: "two-sockets" });
    const bridges = [nvme, gpu].map((device) => kernel.pci.findHostBridge(kernel.pci.devOf(device)));
    expect(bridges.map(({ id }) => id)).toEqual(["0000:17", "0000:ae"]);
    expect(bridges[0]?.first).toMatchObject({ identity: "8086:2030", at00: true });
  });

  test("a root complex's own endpoint has no root port", () => {
    const machine = changed("client-root-ports", (each) =>
      each.kind === "endpoint" && each.role === "nvme" ? { ...each, parent: "0000:00" } : each,
    );
    const { kernel, nvme } = new Bench({ machine });
    expect(kernel.pci.findRootPort(kernel.pci.devOf(nvme))).toBeUndefined();
  });

  test.each([
    ["off", false],
    ["passthrough", true],
    ["lazy", true],
    ["strict", true],
  ] as const)("an IOMMU that is %s is present: %s", (iommu, present) => {
    expect(new Bench({ iommu }).kernel.pci.iommuPresent).toBe(present);
  });
});

describe("ACS registers", () => {
  const enabled = (machine: string | Topology, id: string, flag: AcsFlag): boolean => {
    const bench = new Bench({ machine });
    return bench.done(bench.kernel.pci.acsEnabled(above(bench, id), flag));
  };

  test("of a port are enabled as they are set", () => {
    expect(enabled("one-switch", "0000:19:00.0", "requestRedirect")).toBe(false);
    expect(enabled("acs-redirect", "0000:19:00.0", "requestRedirect")).toBe(true);
    expect(enabled("acs-redirect", "0000:17:00.0", "egressControl")).toBe(false);
  });

  test("that a port does not offer count as hard-wired on, egress control apart", () => {
    const machine = withPort("one-switch", "0000:17:00.0", ACS_OFF, ACS_OFF);
    expect(enabled(machine, "0000:17:00.0", "requestRedirect")).toBe(true);
    expect(enabled(machine, "0000:17:00.0", "egressControl")).toBe(false);
  });

  test("of an upstream port alone in its slot count as enabled, of a port without the capability as not", () => {
    expect(enabled("one-switch", "0000:18:00.0", "upstreamForwarding")).toBe(true);
    const bare = changed("one-switch", ({ acs: _none, ...each }) => each);
    expect(enabled(bare, "0000:17:00.0", "requestRedirect")).toBe(false);
  });

  test("say what is implemented, where there is a capability", () => {
    const bench = new Bench({ machine: withPort("one-switch", "0000:17:00.0", ACS_OFF, ACS_LINUX) });
    expect(bench.done(bench.kernel.pci.acsCapability(above(bench, "0000:17:00.0")))).toEqual(ACS_LINUX);
    expect(bench.done(bench.kernel.pci.acsCapability(above(bench, "0000:18:00.0")))).toBeUndefined();
  });

  test.each(["requestRedirect", "completionRedirect", "egressControl"] as const)("redirect by %s", (flag) => {
    const bench = new Bench({ machine: withPort("one-switch", "0000:19:00.0", { ...ACS_OFF, [flag]: true }) });
    expect(bench.done(bench.kernel.pci.redirects(above(bench, "0000:19:00.0")))).toBe(true);
    expect(bench.done(bench.kernel.pci.redirects(above(bench, "0000:19:01.0")))).toBe(false);
    expect(bench.done(bench.kernel.pci.redirects(above(bench, "0000:18:00.0")))).toBe(false);
  });

  test("are read from the device, each time: two reads for the capability, one more for the control bits", () => {
    const bench = new Bench();
    const port = above(bench, "0000:17:00.0");
    bench.done(bench.kernel.pci.acsCapability(port));
    expect(bench.count("cpu.config_read")).toBe(2);
    bench.done(bench.kernel.pci.acsEnabled(port, "requestRedirect"));
    expect(bench.count("cpu.config_read")).toBe(5);
    bench.done(bench.kernel.pci.acsEnabled(above(bench, "0000:18:00.0"), "requestRedirect"));
    expect(bench.count("cpu.config_read")).toBe(5);
  });
});
