import { describe, expect, test } from "vitest";
import { ACS_OFF, type Topology } from "../../../fabric/topology.ts";
import { ACS_REDIRECT } from "../../../machines/presets/acs-redirect.ts";
import { CLIENT_ROOT_PORTS } from "../../../machines/presets/client-root-ports.ts";
import { TWO_SOCKETS } from "../../../machines/presets/two-sockets.ts";
import type { Remedy } from "../../../record/explanation.ts";
import {
  amend,
  FAR_NVME,
  GPU0,
  GPU1,
  grove,
  NVME0,
  oneSwitch,
  PORT_OF_GPU0,
  PORT_OF_NVME0,
  ROOT_PORT,
  SWITCH,
  withBits,
} from "../../fabric/machines.ts";
import { imported, SERVER } from "../../machines/fixture.ts";
import { explained, turnsOf } from "./question.ts";

const RR = { requestRedirect: true };

/** The ports that a remedy has cleared at boot. */
const clearedBy = ({ how }: Remedy): readonly string[] =>
  how.flatMap((line) => /pci=disable_acs_redir=(\S+)/.exec(line)?.[1]?.split(";") ?? []);

/** The machine as pci=disable_acs_redir leaves it. */
const without = (topology: Topology, ids: readonly string[]): Topology =>
  amend(
    topology,
    Object.fromEntries(
      topology.functions.flatMap(({ id, acs }) =>
        ids.includes(id)
          ? [
              [
                id,
                {
                  acs: { ...(acs ?? ACS_OFF), requestRedirect: false, completionRedirect: false, egressControl: false },
                },
              ],
            ]
          : [],
      ),
    ),
  );

describe("A remedy", () => {
  test("does what it says when it is applied: cleared ports make the verdict BUS_ADDR and turn packets in the switch", () => {
    const machine = ACS_REDIRECT.topology();
    const [remedy] = explained(machine, NVME0, GPU0).remedies;
    expect(remedy?.what).toBe(`clear ReqRedir, CmpltRedir on ${PORT_OF_NVME0} and ${PORT_OF_GPU0}`);
    expect(remedy?.changes).toContain("both ways: verdict THRU_HOST_BRIDGE becomes BUS_ADDR");
    const ports = remedy ? clearedBy(remedy) : [];
    expect(ports).toEqual([PORT_OF_NVME0, PORT_OF_GPU0]);
    for (const each of explained(without(machine, ports), NVME0, GPU0).directions) {
      expect(each.verdict?.map_type).toBe("BUS_ADDR");
      expect(turnsOf(each)).toEqual(["switch", "switch", "switch"]);
    }
  });

  test("clears no port that does not matter", () => {
    const machine = withBits(oneSwitch(), { [PORT_OF_NVME0]: RR, [ROOT_PORT]: { ...RR, upstreamForwarding: true } });
    const { remedies, without_effect } = explained(machine, NVME0, GPU0);
    expect(remedies.map(({ what }) => what)).toEqual([`clear ReqRedir on ${PORT_OF_NVME0}`]);
    expect(without_effect).toEqual([
      `clear ReqRedir on ${ROOT_PORT}: the verdict stays THRU_HOST_BRIDGE, and a write goes up to root port ${ROOT_PORT} and comes back`,
    ]);
  });

  test("runs again what was corrupt, and says how it ends then", () => {
    const machine = withBits(oneSwitch(), { [PORT_OF_NVME0]: RR });
    const forms = ["zone-device/as-posted"];
    const { mechanisms, remedies } = explained(machine, NVME0, GPU0, { forms });
    expect(mechanisms[0]).toMatchObject({ workload: "storage-to-gpu", status: "corrupt" });
    const clear = remedies.find(({ what }) => what.startsWith("clear"));
    expect(clear?.changes).toContain("zone-device/as-posted, storage-to-gpu: corrupt becomes completed");
    const again = explained(without(machine, [PORT_OF_NVME0]), NVME0, GPU0, { forms });
    expect(again.mechanisms[0]?.status).toBe("completed");
    const forward = remedies.find(({ what }) => what === `set UpstreamFwd on root port ${ROOT_PORT}`);
    expect(forward?.how).toEqual([`setpci -s ${ROOT_PORT} ECAP_ACS+6.w=0010:0010`]);
    const set = withBits(machine, { [PORT_OF_NVME0]: RR, [ROOT_PORT]: { upstreamForwarding: true } });
    expect(explained(set, NVME0, GPU0, { forms }).mechanisms[0]?.status).toBe("completed");
  });

  test("names the groups that it merges and who is reached past the IOMMU", () => {
    const { remedies } = explained(oneSwitch(), NVME0, GPU0, { iommu: "strict" });
    const [clear] = remedies;
    expect(clear?.gives_up).toEqual([
      `IOMMU groups {${NVME0}} and {${GPU0}} become {${PORT_OF_NVME0}, ${NVME0}} and {${PORT_OF_GPU0}, ${GPU0}}`,
      `${NVME0} reaches ${GPU0}, 0000:1c:00.0, ${GPU1}, 0000:1f:00.0, 0000:20:00.0 without passing the IOMMU`,
      `${GPU0} reaches ${NVME0}, 0000:1c:00.0, ${GPU1}, 0000:1f:00.0, 0000:20:00.0 without passing the IOMMU`,
    ]);
    const off = explained(ACS_REDIRECT.topology(), NVME0, GPU0).remedies[0];
    expect(off?.gives_up).toEqual([expect.stringContaining("nothing now, since no IOMMU runs; under one: ")]);
  });

  test("is another device or a slot below the same switch, where that changes the way", () => {
    const { remedies } = explained(oneSwitch(), FAR_NVME, GPU0);
    expect(remedies.map(({ what }) => what.split(" (")[0])).toEqual(["use nvme0", "move nvme2"]);
    expect(explained(oneSwitch(), NVME0, GPU0).directions[0].verdict?.map_type).toBe("BUS_ADDR");
    expect(remedies[0]?.changes).toContain("both ways: verdict THRU_HOST_BRIDGE becomes BUS_ADDR");
  });

  test("names a free slot where the dump shows one", () => {
    const { remedies } = explained(imported(SERVER), "0000:af:00.0", "0000:1b:00.0");
    expect(remedies.map(({ what }) => what)).toContainEqual(
      expect.stringContaining("to a slot of switch 0000:18:00.0 (below port 0000:19:10.0, which is free)"),
    );
  });

  test("takes a place and clears ports where neither helps alone", () => {
    const { remedies } = explained(oneSwitch(), FAR_NVME, GPU0, { iommu: "passthrough" });
    const [use] = remedies;
    expect(use?.what).toContain(`below switch ${SWITCH} with ${GPU0}, and there clear ReqRedir, CmpltRedir`);
    expect(explained(oneSwitch(), NVME0, GPU0, { iommu: "passthrough" }).directions[0].verdict?.map_type).toBe(
      "THRU_HOST_BRIDGE",
    );
  });

  test("is a later kernel, where its list is longer", () => {
    const { remedies } = explained(TWO_SOCKETS.topology(), "0000:18:00.0", "0000:af:00.0", { kernel: "5.4" });
    expect(remedies.map(({ what, changes }) => [what, changes])).toEqual([
      ["run Linux 5.15", ["both ways: verdict NOT_SUPPORTED becomes THRU_HOST_BRIDGE"]],
    ]);
  });

  test("is no IOMMU, where ACS then is as it was found; passthrough changes nothing, and that is said", () => {
    const { remedies, without_effect } = explained(oneSwitch(), NVME0, GPU0, { iommu: "strict" });
    expect(remedies.map(({ what }) => what)).toContain("run without an IOMMU");
    expect(without_effect[0]).toContain("Linux sets the same ACS bits in passthrough: the verdict stays");
    expect(explained(oneSwitch(), NVME0, GPU0, { iommu: "off" }).directions[0].verdict?.map_type).toBe("BUS_ADDR");
  });
});

describe("No remedy is offered", () => {
  test("where nothing could be better", () => {
    expect(explained(oneSwitch(), NVME0, GPU0)).toMatchObject({
      needs_remedy: false,
      remedies: [],
      without_effect: [],
    });
  });

  test.each<[string, Topology, string, string]>([
    ["between two sockets", TWO_SOCKETS.topology(), "0000:18:00.0", "0000:af:00.0"],
    ["on a client whose root complex forwards no reads", CLIENT_ROOT_PORTS.topology(), "0000:02:00.0", "0000:01:00.0"],
    ["between devices that redirect, but share no bridge", withBits(grove(), { "root E": RR, "root G": RR }), "E", "G"],
  ])("%s, where nothing that is tried changes anything", (_where, machine, from, to) => {
    const { remedies, needs_remedy } = explained(machine, from, to);
    expect(needs_remedy).toBe(true);
    expect(remedies).toEqual([]);
  });
});
