import { describe, expect, test } from "vitest";
import { ACS_LINUX, ACS_OFF, type Topology, withAcs } from "../../fabric/topology.ts";
import { ACS_REDIRECT } from "../../machines/presets/acs-redirect.ts";
import { amend, GPU0, NVME0, oneSwitch, PORT_OF_NVME0, SWITCH } from "../fabric/machines.ts";
import { explained } from "./explain/question.ts";

describe("ACS in effect", () => {
  const bitsAt = (topology: Topology, settings: Parameters<typeof explained>[3], id: string) =>
    explained(topology, NVME0, GPU0, settings).path.find((step) => step.id === id)?.acs;
  const LINUX = ["SrcValid", "ReqRedir", "CmpltRedir", "UpstreamFwd"];

  test("is as found without an IOMMU", () => {
    expect(bitsAt(oneSwitch(), {}, PORT_OF_NVME0)).toEqual({ set: [], origin: "as found" });
    expect(bitsAt(oneSwitch(), {}, SWITCH)).toBeNull();
  });

  test.each(["lazy", "strict", "passthrough"] as const)("is what Linux sets with the IOMMU %s", (iommu) => {
    expect(bitsAt(oneSwitch(), { iommu }, PORT_OF_NVME0)).toEqual({ set: LINUX, origin: "derived" });
    const { acs } = explained(oneSwitch(), NVME0, GPU0, { iommu });
    expect(acs).toMatchObject({ dump_iommu: "off", known: false });
  });

  test("keeps what else was found, and sets nothing that is not offered", () => {
    const firmware = { ...ACS_OFF, translationBlocking: true };
    const offered = { ...ACS_LINUX, upstreamForwarding: false, translationBlocking: true };
    const machine = amend(oneSwitch(), { [PORT_OF_NVME0]: { acs: firmware, acsOffered: offered } });
    expect(bitsAt(machine, { iommu: "strict" }, PORT_OF_NVME0)?.set).toEqual([
      "SrcValid",
      "TransBlk",
      "ReqRedir",
      "CmpltRedir",
    ]);
  });

  test("is as found where the dump was made with an IOMMU, by its groups or by its bits", () => {
    const cleared = amend(withAcs(oneSwitch(), "on"), { [PORT_OF_NVME0]: { acs: ACS_OFF } });
    const named = { ...cleared, iommuGroups: true } as const;
    expect(bitsAt(named, { iommu: "strict" }, PORT_OF_NVME0)).toEqual({ set: [], origin: "as found" });
    expect(explained(named, NVME0, GPU0).acs).toMatchObject({ dump_iommu: "on", known: true });
    expect(bitsAt(cleared, { iommu: "strict" }, PORT_OF_NVME0)).toEqual({ set: LINUX, origin: "derived" });
    expect(bitsAt(ACS_REDIRECT.topology(), { iommu: "strict" }, PORT_OF_NVME0)).toEqual({
      set: LINUX,
      origin: "as found",
    });
  });

  test("takes nothing back without an IOMMU, and says why", () => {
    const { acs, path } = explained(ACS_REDIRECT.topology(), NVME0, GPU0);
    expect(path.find(({ id }) => id === PORT_OF_NVME0)?.acs).toEqual({ set: LINUX, origin: "as found" });
    expect(acs.in_effect).toContain("what firmware had left is not in the dump");
  });

  test("is as found where that is asked for, and says what Linux would do and how to have it", () => {
    expect(bitsAt(oneSwitch(), { acs: "as-found", iommu: "strict" }, PORT_OF_NVME0)).toEqual({
      set: [],
      origin: "as found",
    });
    const { acs } = explained(oneSwitch(), NVME0, GPU0, { acs: "as-found", iommu: "strict" });
    expect(acs.in_effect).toMatch(/^as found, although IOMMU strict: Linux then sets .*; --acs linux does so$/);
    expect(explained(oneSwitch(), NVME0, GPU0, { acs: "as-found" }).acs.in_effect).toBe("as found");
  });

  test("follows --acs before anything else", () => {
    expect(bitsAt(oneSwitch(), { acs: "on" }, PORT_OF_NVME0)).toEqual({ set: LINUX, origin: "set by --acs" });
    expect(bitsAt(ACS_REDIRECT.topology(), { acs: "off", iommu: "strict" }, PORT_OF_NVME0)).toEqual({
      set: [],
      origin: "set by --acs",
    });
  });
});
