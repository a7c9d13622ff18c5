import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Topology } from "../../../fabric/topology.ts";
import { topologyFaults } from "../../../fabric/topology.ts";
import { importLspci } from "../../../machines/lspci.ts";
import { PRESETS } from "../../../machines/presets.ts";
import { arbitraryTopology } from "./arbitrary-topology.ts";
import { render } from "./render.ts";

const SEED = 20161123;

describe("A machine written as lspci would write it", () => {
  test("is imported back identical, whatever its tree, links, BARs and bits", () => {
    fc.assert(
      fc.property(arbitraryTopology(), (topology) => {
        expect(topologyFaults(topology)).toEqual([]);
        expect(silent(importLspci(render(topology), "drawn"))).toStrictEqual(topology);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("is imported the same, warnings included, with its records in any order", () => {
    const shuffled = arbitraryTopology().chain((topology) => {
      const records = render(topology).split(/(?<=\n\n)/);
      const order = fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length });
      return fc.record({ text: fc.constant(records.join("")), permuted: order.map((each) => each.join("")) });
    });
    fc.assert(
      fc.property(shuffled, ({ text, permuted }) => {
        expect(importLspci(permuted, "drawn")).toEqual(importLspci(text, "drawn"));
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test.each([...PRESETS.values()])("is imported back identical: $name", ({ name, topology }) => {
    expect(importLspci(render(topology()), name)).toEqual({
      ...topology(),
      warnings: ["lspci does not say how much memory there is: 64 GiB for each socket is assumed"],
    });
  });
});

const silent = (imported: ReturnType<typeof importLspci>): Topology | undefined =>
  Array.isArray(imported) ? undefined : { ...imported, warnings: [] };
