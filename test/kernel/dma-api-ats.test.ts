import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { noDmaAfterUnmap } from "../../invariants/no-dma-after-unmap.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { Task } from "../../sim/activity.ts";
import { PAGE_BYTES } from "../../sim/units.ts";
import { machineOf } from "../harness/cells.ts";
import { Bench, granted } from "./bench.ts";

/** The preset one-switch, whose devices keep translations themselves. */
const withAts = (): Topology => {
  const machine = machineOf("one-switch");
  const functions = machine.functions.map((each) =>
    each.kind === "endpoint" ? { ...each, ats: true as const } : each,
  );
  return { ...machine, functions };
};

const map = (bench: Bench): DmaMapping =>
  granted(bench.done(bench.kernel.dma.mapPages(bench.nvme, bench.memory(1), 0, PAGE_BYTES)));

/** Has the drive write to a mapping, mapped or not. */
function write(bench: Bench, { segments }: DmaMapping): void {
  const [segment] = segments;
  if (segment === undefined) throw new Error("a mapping has no segment");
  const { fabric } = bench.world;
  bench.done(() => fabric.transfer({ initiator: bench.nvme.node, reads: false, ...segment, payload: true }, "landed"));
}

const cacheOf = (bench: Bench) => bench.world.fabric.translations.cacheOf(bench.nvme.node);

describe("Unmapping, where the device keeps translations itself", () => {
  test("in strict mode tells the device each time, and takes the way to it and back longer", () => {
    const [plain, asking] = ["one-switch", withAts()].map((machine) => {
      const bench = new Bench({ machine, iommu: "strict" });
      const mapping = map(bench);
      write(bench, mapping);
      const held = cacheOf(bench)?.holds(mapping.iova ?? 0);
      const { passed } = bench.cost(bench.kernel.dma.unmap(mapping));
      return {
        held,
        passed,
        told: bench.count("iommu.invalidate_device"),
        holds: cacheOf(bench)?.holds(mapping.iova ?? 0),
      };
    });
    expect(plain).toMatchObject({ held: undefined, told: 0, holds: undefined });
    expect(asking).toMatchObject({ held: true, told: 1, holds: false });
    const { fabric } = new Bench({ machine: "one-switch" }).world;
    const ways = fabric.graph.channels
      .filter(({ label }) => /^0000:(18|1a):00\.0 (up|down)$/.test(label))
      .map(({ flight, residence }) => flight + residence);
    const cpu = new Bench().parameters.span("iommu.invalidate_device");
    expect(ways).toHaveLength(4);
    expect((asking?.passed ?? 0) - (plain?.passed ?? 0) - cpu).toBeGreaterThan(
      ways.reduce((sum, each) => sum + each, 0),
    );
  });

  test("in lazy mode tells it of every range when the IOTLB is flushed, and not before", () => {
    const bench = new Bench({ machine: withAts(), iommu: "lazy", constants: { "iommu.flush_queue_entries": 3 } });
    const { dma } = bench.kernel;
    const told: number[] = [];
    bench.done(
      (function* (): Task<void> {
        for (let round = 0; round < 6; round += 1) {
          const mapping = granted(yield* dma.mapPages(bench.nvme, bench.memory(1), 0, PAGE_BYTES));
          yield* dma.unmap(mapping);
          told.push(bench.count("iommu.invalidate_device"));
        }
      })(),
    );
    expect([told, bench.count("iommu.invalidate")]).toEqual([[0, 0, 3, 3, 3, 6], 2]);
  });

  test("without telling it lets it write to memory that is not its own any more, which only the judge sees", () => {
    const verdicts = [false, true].map((forgets) => {
      const bench = new Bench({ machine: withAts(), iommu: "strict" });
      const { fabric, history } = bench.world;
      if (forgets) fabric.invalidateAtDevice = function* (): Task<void> {};
      const judge = noDmaAfterUnmap.watch(history);
      const mapping = map(bench);
      write(bench, mapping);
      bench.done(bench.kernel.dma.unmap(mapping));
      const before = fabric.engine.bytesWritten[fabric.node("memory 0")] ?? 0;
      write(bench, mapping);
      const reached = (fabric.engine.bytesWritten[fabric.node("memory 0")] ?? 0) - before;
      const fault = bench.events.flatMap((event) => (event.kind === "dma-landed" ? [event.fault] : [])).at(-1);
      return [judge.verdict().verdict, reached, fault];
    });
    expect(verdicts).toEqual([
      ["broken", 0, "IOMMU fault"],
      ["broken", PAGE_BYTES, ""],
    ]);
  });
});
