import { describe, expect, test } from "vitest";
import type { Topology } from "../../../fabric/topology.ts";
import { endpoints } from "../../../machines/endpoints.ts";
import { PRESETS } from "../../../machines/presets.ts";
import { bytes } from "../../../sim/units.ts";
import {
  amend,
  GPU0,
  grove,
  NVME0,
  oneSwitch,
  PORT_OF_GPU0,
  PORT_OF_NVME0,
  ROOT_PORT,
  SWITCH,
} from "../../fabric/machines.ts";
import { bottleneckOf, pairOf } from "../../machines/lspci/path.ts";
import { explained } from "./question.ts";

const pairs = (topology: Topology): readonly (readonly [string, string])[] =>
  endpoints(topology).flatMap(({ id }) =>
    endpoints(topology).flatMap((other) => (other.id === id ? [] : [[id, other.id] as const])),
  );

describe("The path between two devices", () => {
  test.each([...PRESETS.values()].map((preset) => [preset.name, preset.topology()] as const))(
    "of %s has every port, link, size and ACS bit as the topology has them, for every pair",
    (_name, topology) => {
      for (const [from, to] of pairs(topology)) {
        const { path, reach } = explained(topology, from, to, { forms: [], workloads: [] });
        const parents = new Map(
          path.map(({ id, depth }, place) => [
            id,
            path.slice(0, place).findLast((each) => each.depth === depth - 1)?.id,
          ]),
        );
        for (const step of path) {
          const each = topology.functions.find(({ id }) => id === step.id);
          if (step.kind === "socket" || step.kind === "host-bridge") continue;
          expect(step).toMatchObject({ kind: each?.kind, label: each?.label, max_payload_bytes: each?.maxPayload });
          expect(parents.get(step.id)).toBe(each?.parent);
          expect(step.link && { generation: step.link.generation, width: step.link.width }).toEqual(each?.link ?? null);
          expect(step.acs === null).toBe(each?.acs === undefined);
        }
        expect(path.filter(({ kind }) => kind === "endpoint").map(({ id }) => id)).toEqual([from, to]);
        const gigabytes = bottleneckOf(pairOf(topology, from, to));
        expect((reach.bottleneck?.raw_bytes_per_s ?? 0) / 1e9).toBeCloseTo(gigabytes ?? 0, 2);
      }
    },
  );

  test("is told once as far as it is common", () => {
    const { path, reach } = explained(oneSwitch(), NVME0, GPU0);
    expect(path.map(({ kind, id, leads_to }) => `${kind} ${id} ${leads_to}`)).toEqual([
      "socket 0 both",
      "host-bridge 0000:17 both",
      `root-port ${ROOT_PORT} both`,
      `upstream-port ${SWITCH} both`,
      `downstream-port ${PORT_OF_NVME0} from`,
      `endpoint ${NVME0} from`,
      `downstream-port ${PORT_OF_GPU0} to`,
      `endpoint ${GPU0} to`,
    ]);
    expect(reach).toMatchObject({ links: 2, links_crossed_twice: 0, switches: 1, max_payload_bytes: 256 });
  });

  test("has a link in common where the devices are functions of one", () => {
    const machine = oneSwitch();
    const first = machine.functions.find(({ id }) => id === NVME0);
    const twins = {
      ...machine,
      functions: [...machine.functions, ...(first ? [{ ...first, id: "0000:1a:00.1" }] : [])],
    };
    const { reach, directions } = explained(twins, NVME0, "0000:1a:00.1");
    expect(reach).toMatchObject({ links: 1, switches: 0 });
    expect(directions[0].verdict?.map_type).toBe("BUS_ADDR");
    expect(directions[0].differ[0]).toContain("functions of one device");
  });

  test("goes to no link where a device is in the root complex", () => {
    const { path, reach } = explained(grove(), "F", "E");
    expect(path.find(({ id }) => id === "F")).toMatchObject({ link: null, depth: 2 });
    expect(reach.bottleneck?.at).toBe("E");
  });

  test("carries a payload that framing and header take their part of, at the least MPS on it", () => {
    const { reach } = explained(oneSwitch(), NVME0, GPU0);
    // Gen3 x4: 8 GT/s, 128b/130b, four lanes; 24 B on each 256.
    expect(reach.bottleneck?.raw_bytes_per_s).toBeCloseTo((4 * 8e9 * 128) / 130 / 8, -1);
    expect(reach.bottleneck?.payload_bytes_per_s).toBeCloseTo(((4 * 8e9 * 128) / 130 / 8) * (256 / 280), -1);
    const mixed = explained(amend(oneSwitch(), { [GPU0]: { maxPayload: bytes(128) } }), NVME0, GPU0);
    expect(mixed.reach).toMatchObject({
      max_payload_bytes: 128,
      max_payload_note: expect.stringContaining("128, 256 B"),
    });
  });
});
