import fc from "fast-check";
import { expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { runCell } from "../../harness/run-cell.ts";
import { PRESETS } from "../../machines/presets.ts";
import type { Outcome } from "../../record/outcome.ts";
import { cellPlan, KIB, machineOf, type Words } from "./cells.ts";

const SEED = { seed: 1101, numRuns: 40 };

/** Other names for all functions and host bridges, and another order of the list. */
interface Relabelling {
  readonly order: readonly number[];
  readonly buses: readonly number[];
}

const relabelling = (size: number): fc.Arbitrary<Relabelling> =>
  fc.record({
    order: fc.shuffledSubarray([...new Array(size).keys()], { minLength: size, maxLength: size }),
    buses: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 2 * size, maxLength: 2 * size }),
  });

const words = fc.record({
  machine: fc.constantFrom(...PRESETS.keys()),
  form: fc.constantFrom("zone-device/as-posted", "staging/pipelined"),
  workload: fc.constantFrom("storage-to-gpu" as const, "gpu-to-storage" as const),
  iommu: fc.constantFrom("off" as const, "lazy" as const, "strict" as const),
  depth: fc.integer({ min: 1, max: 4 }),
  size: fc.constantFrom(4 * KIB, 20 * KIB),
});

test("Permuting a machine's functions and renumbering its buses changes no outcome but the names in it", () => {
  fc.assert(
    fc.property(
      words.chain((cell) => fc.tuple(fc.constant(cell), relabelling(machineOf(cell.machine).functions.length))),
      ([cell, labels]) => {
        const original = cellPlan({ ...cell, total: 24 * cell.size });
        const names = renaming(original.topology, labels.buses);
        const renamed = (id: string): string => names.get(id) ?? id;
        const topology = relabelled(original.topology, labels.order, renamed);
        const { from, to } = original.cell;
        const outcome = runCell({
          ...original,
          topology,
          cell: { ...original.cell, from: renamed(from), to: renamed(to) },
        });
        expect(outcome).toEqual(namesIn(runCell(original), renamed));
      },
    ),
    SEED,
  );
});

test("Leaving out what stands idle changes no outcome", () => {
  for (const iommu of ["off", "strict"] as const) {
    const cell: Words = { iommu, total: 24 * 4 * KIB, form: "staging/pipelined" };
    const original = cellPlan(cell);
    const { from, to } = original.cell;
    const { functions } = original.topology;
    const busy = functions.filter((each) => each.kind !== "endpoint" || [from, to].includes(each.id));
    expect(busy.length).toBeLessThan(functions.length);
    expect(runCell({ ...original, topology: { ...original.topology, functions: busy } })).toEqual(runCell(original));
  }
});

function renaming(topology: Topology, buses: readonly number[]): ReadonlyMap<string, string> {
  const ids = [...topology.functions, ...topology.hostBridges].map(({ id }) => id);
  return new Map(ids.map((id, index) => [id, id.replace(/:[0-9a-f]{2}/, `:${hex(buses[index] ?? 0)}`)]));
}

function relabelled(topology: Topology, order: readonly number[], name: (id: string) => string): Topology {
  const rename = <T extends { readonly id: string }>(each: T): T => ({ ...each, id: name(each.id) });
  const functions = order.flatMap((index) => topology.functions.slice(index, index + 1));
  return {
    ...topology,
    hostBridges: topology.hostBridges.map(rename).reverse(),
    functions: functions.map((each) => ({ ...rename(each), parent: name(each.parent) })),
  };
}

/** An outcome with other names for the functions that it speaks of. */
const namesIn = (outcome: Outcome, name: (id: string) => string): Outcome =>
  JSON.parse(JSON.stringify(outcome).replace(/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]/g, name));

const hex = (bus: number): string => bus.toString(16).padStart(2, "0");
