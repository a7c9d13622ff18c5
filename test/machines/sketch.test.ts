import { describe, expect, it } from "vitest";
import { topologyFaults } from "../../fabric/topology.ts";
import { type Sketch, sketchFaults, topologyOf } from "../../machines/sketch.ts";

const link = { generation: 4, width: 16 } as const;
const TREE: Sketch = {
  devices: {
    gpu0: { role: "gpu", link, below: { switch: "leaf" } },
    gpu1: { role: "gpu", link, below: { socket: 1, bridge: 2 } },
    drive: { role: "nvme", link: { generation: 4, width: 4 }, below: { switch: "top" } },
  },
  switches: { leaf: { link, below: { switch: "top" } }, top: { link, below: { socket: 0 } } },
  max_payload: 128,
  tags: 32,
};

describe("A sketch of a machine", () => {
  it("becomes one: switches below switches, a port for each that hangs there, sockets as named", () => {
    const topology = topologyOf(TREE, "tree", "amd-zen");
    expect(topologyFaults(topology)).toEqual([]);
    expect(topology.sockets).toHaveLength(2);
    expect(topology.hostBridges.map(({ id, socket }) => [id, socket])).toEqual([
      ["bridge 0.0", 0],
      ["bridge 1.2", 1],
    ]);
    const kinds = topology.functions.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "downstream-port")).toHaveLength(3);
    expect(kinds.filter((kind) => kind === "root-port")).toHaveLength(2);
  });

  it("has its sizes everywhere, and ACS as asked", () => {
    const topology = topologyOf(TREE, "tree", "amd-zen", "on");
    for (const each of topology.functions) expect(each.maxPayload).toBe(128);
    const port = topology.functions.find(({ id }) => id === "port of gpu0");
    expect(port?.acs?.requestRedirect).toBe(true);
    expect(topology.functions.find(({ id }) => id === "gpu0")).toMatchObject({ tags: 32, maxReadRequest: 512 });
  });

  it("has end-to-end CRCs and attributes of ordering where it says so, and nowhere else", () => {
    const attributes = ["ecrc", "relaxedOrdering", "idOrderedRequests", "idOrderedCompletions"] as const;
    const bitsOf = (sketch: Sketch): readonly string[] =>
      topologyOf(sketch, "tree", "amd-zen").functions.map((each) => attributes.filter((bit) => bit in each).join(" "));
    expect(new Set(bitsOf(TREE))).toEqual(new Set([""]));
    expect(new Set(bitsOf({ ...TREE, ecrc: true }))).toEqual(new Set(["ecrc"]));
    const ordering = { ...TREE, relaxed_ordering: true, id_ordering: true };
    expect(new Set(bitsOf(ordering))).toEqual(new Set(["", attributes.slice(1).join(" ")]));
    expect(new Set(bitsOf({ ...TREE, ecrc: false, relaxed_ordering: false }))).toEqual(new Set([""]));
  });

  it("has devices that translate for themselves where it says so of them", () => {
    const of = (ats: boolean): readonly string[] => {
      const gpu0 = { role: "gpu", link, below: { switch: "leaf" }, ats } as const;
      const { functions } = topologyOf({ ...TREE, devices: { ...TREE.devices, gpu0 } }, "tree", "amd-zen");
      return functions.filter((each) => "ats" in each).map(({ id }) => id);
    };
    expect([of(true), of(false)]).toEqual([["gpu0"], []]);
  });

  it("is none where it names a switch that is not there, or one that hangs below itself", () => {
    expect(sketchFaults(TREE)).toEqual([]);
    const round: Sketch = { ...TREE, switches: { ...TREE.switches, top: { link, below: { switch: "leaf" } } } };
    expect(sketchFaults(round).map(({ what }) => what)).toContain('switch "top" hangs below itself');
    expect(sketchFaults({ devices: TREE.devices })).toHaveLength(2);
  });
});
