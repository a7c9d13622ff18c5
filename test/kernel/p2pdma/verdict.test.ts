import { describe, expect, test } from "vitest";
import { ACS_OFF, type Topology, withAcs } from "../../../fabric/topology.ts";
import type { Boot } from "../../../kernel/p2pdma/map-type.ts";
import { verdict } from "../../../kernel/p2pdma/verdict.ts";
import { TWO_SOCKETS } from "../../../machines/presets/two-sockets.ts";
import { ZEN_ROOT_PORTS } from "../../../machines/presets/zen-root-ports.ts";
import {
  amend,
  FAR_NVME,
  GPU0,
  GPU1,
  grove,
  NVME0,
  oneSwitch,
  PORT_OF_GPU0,
  ROOT_PORT,
  SWITCH,
  withBits,
} from "../../fabric/machines.ts";

const BOOT: Boot = { kernel: "6.12", cpuIsZen: false, iommu: false };
const RR = { requestRedirect: true };

/** The preset one-switch below a host bridge with other ids. */
const below = (identity: string | undefined, topology: Topology = oneSwitch()): Topology => ({
  ...topology,
  hostBridges: topology.hostBridges.map(({ id, socket }) => ({ id, socket, ...(identity && { identity }) })),
});

describe("The verdict over two endpoints of a machine", () => {
  test("is BUS_ADDR behind one switch, and names the switch", () => {
    expect(verdict(oneSwitch(), GPU0, NVME0, BOOT)).toEqual({
      mapType: "BUS_ADDR",
      distance: 4,
      because: `no ACS bit redirects anywhere up to ${SWITCH}, where both ways meet`,
    });
  });

  test("names the port that redirects, and the host bridge that will forward", () => {
    expect(verdict(withBits(oneSwitch(), { [PORT_OF_GPU0]: RR }), GPU0, NVME0, BOOT)).toEqual({
      mapType: "THRU_HOST_BRIDGE",
      distance: 4,
      because: `ACS redirects at ${PORT_OF_GPU0}, at or below ${SWITCH}, where both ways meet; host bridge 0000:17 (8086:2030), on Linux 6.12's list, will forward`,
    });
  });

  test("counts the other ports that redirect", () => {
    const { because } = verdict(withAcs(oneSwitch(), "on"), GPU0, NVME0, BOOT);
    expect(because).toContain(`${PORT_OF_GPU0} and at 1 more on the way`);
  });

  test("is the same after withAcs(on) as when an IOMMU driver sets the bits", () => {
    const pairs = [
      [GPU0, NVME0],
      [GPU0, GPU1],
      [GPU0, FAR_NVME],
    ] as const;
    for (const [provider, client] of pairs)
      expect(verdict(withAcs(oneSwitch(), "on"), provider, client, BOOT)).toEqual(
        verdict(oneSwitch(), provider, client, { ...BOOT, iommu: true }),
      );
  });

  test("leaves the root port above the switch alone", () => {
    expect(verdict(withBits(oneSwitch(), { [ROOT_PORT]: RR }), GPU0, NVME0, BOOT).mapType).toBe("BUS_ADDR");
  });

  test("reads ACS on the endpoints themselves", () => {
    const card = amend(oneSwitch(), { [NVME0]: { acs: { ...ACS_OFF, egressControl: true } } });
    expect(verdict(card, GPU0, NVME0, BOOT)).toMatchObject({
      mapType: "THRU_HOST_BRIDGE",
      because: expect.stringContaining(`ACS redirects at ${NVME0}`),
    });
  });

  test("goes by the host bridge between two root ports", () => {
    expect(verdict(oneSwitch(), GPU0, FAR_NVME, BOOT)).toEqual({
      mapType: "THRU_HOST_BRIDGE",
      distance: 6,
      because: "no bridge is above both; host bridge 0000:17 (8086:2030), on Linux 6.12's list, will forward",
    });
    expect(verdict(below("8086:6f00"), GPU0, FAR_NVME, BOOT)).toEqual({
      mapType: "NOT_SUPPORTED",
      distance: 6,
      because:
        "no bridge is above both; host bridge 0000:17 (8086:6f00) is not on Linux 6.12's list of those that forward",
    });
  });

  test("says where ids are not known, for then nobody is on the list", () => {
    expect(verdict(below(undefined), GPU0, FAR_NVME, BOOT)).toMatchObject({
      mapType: "NOT_SUPPORTED",
      because: "no bridge is above both; host bridge 0000:17 shows no ids by which Linux 6.12 would know it",
    });
  });

  test("asks the CPU first", () => {
    expect(verdict(below("8086:6f00"), GPU0, FAR_NVME, { ...BOOT, cpuIsZen: true })).toMatchObject({
      mapType: "THRU_HOST_BRIDGE",
      because: "no bridge is above both; the CPU is a Zen or later, which forwards",
    });
  });

  test("names both host bridges, or the one that will not forward to others", () => {
    const { hostBridges } = TWO_SOCKETS.topology();
    const [one, other] = hostBridges;
    const between = (identity: string): string => {
      const machine = below(identity, TWO_SOCKETS.topology());
      const endOf = (bridge: string | undefined): string =>
        machine.functions.find((each) => each.kind === "endpoint" && rootOf(machine, each.id) === bridge)?.id ?? "";
      return verdict(machine, endOf(one?.id), endOf(other?.id), BOOT).because;
    };
    expect(between("8086:2030")).toContain(
      `host bridge ${one?.id} (8086:2030) and host bridge ${other?.id} (8086:2030)`,
    );
    expect(between("8086:3c00")).toContain(`${one?.id} (8086:3c00) forwards to no other host bridge`);
  });

  test("knows a root port that stands in for the host bridge", () => {
    const machine = oneSwitch();
    const standing = {
      ...machine,
      hostBridges: machine.hostBridges.map((each) => ({ ...each, identityOfRootPort: true })),
    };
    expect(verdict(standing, GPU0, FAR_NVME, BOOT).mapType).toBe("THRU_HOST_BRIDGE");
    expect(verdict(standing, GPU0, FAR_NVME, { ...BOOT, kernel: "5.15" })).toMatchObject({
      mapType: "NOT_SUPPORTED",
      because: expect.stringContaining("elsewhere than where Linux 5.15 looks"),
    });
  });

  test("is a refusal on 4.20 wherever no switch turns, and says that no host bridge is trusted", () => {
    const old: Boot = { ...BOOT, kernel: "4.20" };
    expect(verdict(oneSwitch(), GPU0, FAR_NVME, old)).toEqual({
      mapType: "NOT_SUPPORTED",
      distance: -1,
      because: "no bridge is above both; Linux 4.20 trusts no host bridge to forward",
    });
    expect(verdict(withAcs(oneSwitch(), "on"), GPU0, NVME0, old).distance).toBe(-2);
  });

  test("reaches integrated endpoints through the host bridge alone", () => {
    expect(verdict(grove(), "A", "F", { ...BOOT, cpuIsZen: true })).toMatchObject({
      mapType: "THRU_HOST_BRIDGE",
      distance: 5,
    });
    expect(verdict(grove(), "C", "A", BOOT)).toMatchObject({ mapType: "BUS_ADDR", distance: 6 });
  });

  test("of a Zen server rests on its CPU, not on its host bridge", () => {
    const [gpu, drive] = ["0000:02:00.0", "0000:01:00.0"] as const;
    expect(verdict(ZEN_ROOT_PORTS.topology(), gpu, drive, { ...BOOT, cpuIsZen: true }).mapType).toBe(
      "THRU_HOST_BRIDGE",
    );
    expect(verdict(ZEN_ROOT_PORTS.topology(), gpu, drive, BOOT).mapType).toBe("NOT_SUPPORTED");
  });

  test("is over endpoints only", () => {
    expect(() => verdict(oneSwitch(), SWITCH, NVME0, BOOT)).toThrow(RangeError);
    expect(() => verdict(oneSwitch(), GPU0, "0000:99:00.0", BOOT)).toThrow("0000:99:00.0 is not an endpoint");
  });
});

function rootOf(topology: Topology, id: string): string {
  const above = topology.functions.find((each) => each.id === id)?.parent;
  return above === undefined ? id : rootOf(topology, above);
}
