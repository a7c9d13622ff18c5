import { describe, expect, test } from "vitest";
import { ACS_LINUX, ACS_OFF, type Topology, withAcs } from "../../fabric/topology.ts";
import { IommuGroups } from "../../kernel/iommu-groups.ts";
import {
  amend,
  endpoint,
  FAR_NVME,
  GPU0,
  GPU1,
  NVME0,
  NVME1,
  oneSwitch,
  PORT_OF_GPU0,
  PORT_OF_NVME0,
  ROOT_PORT,
  SWITCH,
} from "../fabric/machines.ts";

const groupOf = (topology: Topology, id: string): readonly string[] => new IommuGroups(topology).membersOf(id);
const asLinux = (): Topology => withAcs(oneSwitch(), "on");

/** A second function in the slot of the first drive. */
function twins(topology: Topology): Topology {
  const first = endpoint(topology, NVME0);
  return { ...topology, functions: [...topology.functions, { ...first, id: "0000:1a:00.1" }] };
}

describe("IOMMU groups by ACS bits (pci_device_group)", () => {
  test("put all below a root port that does not isolate into one group, that port included", () => {
    const group = groupOf(oneSwitch(), NVME0);
    expect(group).toEqual(expect.arrayContaining([ROOT_PORT, SWITCH, NVME0, NVME1, GPU0, GPU1]));
    expect(group).not.toContain(FAR_NVME);
    expect(groupOf(oneSwitch(), GPU1)).toEqual(group);
  });

  test("leave every device alone where every port has what Linux sets", () => {
    for (const id of [NVME0, GPU0, FAR_NVME, ROOT_PORT, PORT_OF_GPU0]) expect(groupOf(asLinux(), id)).toEqual([id]);
  });

  test("join a device to its port where that is cleared, and to none of its siblings", () => {
    const cleared = amend(asLinux(), { [PORT_OF_NVME0]: { acs: { ...ACS_LINUX, requestRedirect: false } } });
    expect(groupOf(cleared, NVME0)).toEqual([PORT_OF_NVME0, NVME0]);
    expect(groupOf(cleared, GPU0)).toEqual([GPU0]);
  });

  test.each(["sourceValidation", "requestRedirect", "completionRedirect", "upstreamForwarding"] as const)(
    "need %s, unless the capability does not offer it",
    (bit) => {
      const lacking = { ...ACS_LINUX, [bit]: false };
      const cleared = amend(asLinux(), { [PORT_OF_GPU0]: { acs: lacking } });
      expect(new IommuGroups(cleared).isolates(PORT_OF_GPU0)).toBe(false);
      const wired = amend(asLinux(), { [PORT_OF_GPU0]: { acs: lacking, acsOffered: lacking } });
      expect(new IommuGroups(wired).isolates(PORT_OF_GPU0)).toBe(true);
    },
  );

  test("join functions of one slot without ACS, and part those whose capability offers nothing to set", () => {
    expect(groupOf(twins(asLinux()), NVME0)).toEqual([NVME0, "0000:1a:00.1"]);
    const capable = { acs: ACS_OFF, acsOffered: ACS_OFF };
    expect(groupOf(amend(twins(asLinux()), { [NVME0]: capable, "0000:1a:00.1": capable }), NVME0)).toEqual([NVME0]);
  });

  test("ask no single-function endpoint or upstream port for ACS, and every port below a switch", () => {
    const groups = new IommuGroups(amend(asLinux(), { [PORT_OF_GPU0]: { acs: undefined } }));
    expect([NVME0, SWITCH, ROOT_PORT, PORT_OF_GPU0].map((id) => groups.isolates(id))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(groups.isolates("nobody")).toBe(false);
  });
});
