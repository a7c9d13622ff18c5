import fc from "fast-check";
import { expect, test } from "vitest";
import { ACS_OFF, type Topology } from "../../../fabric/topology.ts";
import type { IommuMode } from "../../../record/cell.ts";
import { arbitraryMachine } from "../../fabric/arbitrary-machine.ts";
import { amend } from "../../fabric/machines.ts";
import { explained } from "./question.ts";

const MODES: readonly IommuMode[] = ["off", "strict", "passthrough"];

/** The machine as pci=disable_acs_redir leaves it. */
const without = (topology: Topology, ids: readonly string[]): Topology =>
  amend(
    topology,
    Object.fromEntries(
      topology.functions
        .filter(({ id }) => ids.includes(id))
        .map(({ id, acs = ACS_OFF }) => [
          id,
          { acs: { ...acs, requestRedirect: false, completionRedirect: false, egressControl: false } },
        ]),
    ),
  );

test("On any machine, what is offered changes something, and cleared ports give the verdict and the ways that were promised", () => {
  let cleared = 0;
  fc.assert(
    fc.property(arbitraryMachine(), fc.constantFrom(...MODES), ({ topology, devices }, iommu) => {
      fc.pre(devices.length >= 2);
      const [from = "", to = ""] = devices;
      const { remedies, needs_remedy, directions } = explained(topology, from, to, { iommu, workloads: [] });
      expect(remedies.every(({ changes }) => changes.length > 0)).toBe(true);
      if (!needs_remedy) expect(remedies).toEqual([]);
      for (const { verdict, differ } of directions) if (verdict?.map_type === "BUS_ADDR") expect(differ).toEqual([]);
      const [clear] = remedies.filter(({ what }) => what.startsWith("clear"));
      const ids = clear?.how[0]?.split("=").at(-1)?.split(";") ?? [];
      if (iommu !== "off" || ids.length === 0) return;
      cleared += 1;
      const after = explained(without(topology, ids), from, to, { workloads: [] });
      const words = after.directions.flatMap(({ verdict, wire }) => [
        `becomes ${verdict?.map_type}`,
        ...wire.flatMap(({ write, read_request, read_completion }) => [
          `a write ${write.words}`,
          `a read request ${read_request.words}`,
          `a read's completion ${read_completion.words}`,
        ]),
      ]);
      for (const line of clear?.changes ?? []) expect(words.some((each) => line.endsWith(each))).toBe(true);
    }),
    { numRuns: 150 },
  );
  // Machines on which nothing redirects would prove nothing.
  expect(cleared).toBeGreaterThan(10);
});
