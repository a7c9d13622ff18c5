import { describe, expect, test } from "vitest";
import { ACS_REDIRECT } from "../../../machines/presets/acs-redirect.ts";
import { CLIENT_ROOT_PORTS } from "../../../machines/presets/client-root-ports.ts";
import { TWO_SOCKETS } from "../../../machines/presets/two-sockets.ts";
import { ZEN_ROOT_PORTS } from "../../../machines/presets/zen-root-ports.ts";
import {
  FAR_NVME,
  GPU0,
  grove,
  NVME0,
  oneSwitch,
  PORT_OF_GPU0,
  ROOT_PORT,
  SWITCH,
  withBits,
} from "../../fabric/machines.ts";
import { explained, turnsOf } from "./question.ts";

const RR = { requestRedirect: true };

describe("Kernel and wire", () => {
  test("agree below one switch: BUS_ADDR, and nothing climbs above the common bridge", () => {
    const { directions, needs_remedy, remedies } = explained(oneSwitch(), NVME0, GPU0);
    for (const each of directions) {
      expect(each.verdict).toMatchObject({ map_type: "BUS_ADDR", distance: 4 });
      expect(turnsOf(each)).toEqual(["switch", "switch", "switch"]);
      expect(each.wire[0]?.write.at).toBe(SWITCH);
      expect(each.differ).toEqual([]);
    }
    expect([needs_remedy, remedies]).toEqual([false, []]);
  });

  test("agree where ACS redirects both", () => {
    const [there, back] = explained(ACS_REDIRECT.topology(), NVME0, GPU0).directions;
    for (const each of [there, back]) {
      expect(each.verdict?.map_type).toBe("THRU_HOST_BRIDGE");
      expect(each.wire[0]?.write).toMatchObject({ turn: "root-port", at: ROOT_PORT });
      expect(each.differ).toEqual([]);
    }
  });

  test("differ where only the target's port redirects: the kernel goes up, the write does not", () => {
    const machine = withBits(oneSwitch(), { [PORT_OF_GPU0]: RR, [ROOT_PORT]: { upstreamForwarding: true } });
    const [there, back] = explained(machine, NVME0, GPU0).directions;
    expect(there.verdict?.map_type).toBe("THRU_HOST_BRIDGE");
    expect(there.differ).toEqual([
      `the kernel says that the host bridge forwards it; on the wire, a write, a read request, a read's completion: turns at switch ${SWITCH}`,
    ]);
    expect(turnsOf(back)).toEqual(["root-port", "root-port", "switch"]);
    expect(back.differ).toHaveLength(1);
  });

  test("differ where the kernel refuses what a client's root complex carries: writes, and no reads", () => {
    const [there] = explained(CLIENT_ROOT_PORTS.topology(), "0000:02:00.0", "0000:01:00.0").directions;
    expect(there.verdict?.map_type).toBe("NOT_SUPPORTED");
    expect(turnsOf(there)).toEqual(["host-bridge", "rejected", "rejected"]);
    expect(there.differ).toEqual([expect.stringContaining("the kernel refuses; the wire carries a write")]);
  });

  test("tell an IOVA from a bus address where the IOMMU translates", () => {
    const [{ wire }] = explained(oneSwitch(), NVME0, GPU0, { iommu: "strict", acs: "off" }).directions;
    expect(wire.map(({ addressing, write }) => `${addressing}: ${write.turn}`)).toEqual([
      "bus address: switch",
      "IOVA: root-port",
    ]);
    const [redirected] = explained(oneSwitch(), NVME0, GPU0, { iommu: "strict" }).directions;
    expect(redirected.wire.map(({ write }) => write.words)).toEqual([
      "is rejected at the IOMMU: it has no mapping for a bus address",
      `goes up to root port ${ROOT_PORT} and comes back, through the IOMMU`,
    ]);
  });

  test("know the ways between host bridges and sockets", () => {
    const [there] = explained(TWO_SOCKETS.topology(), "0000:18:00.0", "0000:af:00.0").directions;
    expect(there.wire[0]?.write.words).toBe(
      "crosses from host bridge 0000:17 to host bridge 0000:ae, from socket 0 to socket 1",
    );
    expect(explained(grove(), "E", "G").directions[0].wire[0]?.write.turn).toBe("host-bridges");
    expect(explained(grove(), "E", "A").directions[0].wire[0]?.write.turn).toBe("host-bridge");
  });

  test("say that there is no verdict before pci_p2pdma", () => {
    const { directions, host_bridges } = explained(oneSwitch(), NVME0, GPU0, { kernel: "4.9" });
    expect(directions[0]).toMatchObject({ verdict: null, no_verdict: "4.9 has no pci_p2pdma", differ: [] });
    expect(host_bridges).toEqual([
      { id: "0000:17", socket: 0, identity: "8086:2030", listed: null, words: "4.9 has no list" },
    ]);
  });

  test.each([
    ["6.12", "on Linux 6.12's list", true],
    ["5.4", "not on Linux 5.4's list", false],
    ["4.20", "Linux 4.20 has no list: it trusts no host bridge", false],
  ])("name what Linux %s thinks of a host bridge", (kernel, words, listed) => {
    expect(explained(oneSwitch(), FAR_NVME, GPU0, { kernel }).host_bridges).toMatchObject([{ words, listed }]);
  });

  test("ask no list of a Zen", () => {
    const [bridge] = explained(ZEN_ROOT_PORTS.topology(), "0000:01:00.0", "0000:02:00.0").host_bridges;
    expect(bridge?.words).toContain("the CPU is a Zen");
  });
});
