import { describe, expect, test } from "vitest";
import { StateTable } from "../../kernel/state-table.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { bytes } from "../../sim/units.ts";
import { MIB, machineOf } from "../harness/cells.ts";
import { Bench } from "./bench.ts";

describe("A kernel", () => {
  test("binds the drivers of all devices, each of which may interrupt and use its queues from then on", () => {
    const bench = new Bench({ iommu: "strict" });
    expect(bench.count("cpu.driver_bind")).toBe(2);
    expect(bench.kernel.dma.live).toBeGreaterThan(2);
    const { iommu } = bench.world.fabric;
    for (const { node } of [bench.nvme, bench.gpu]) expect(iommu.domainOf(node)?.mapped).toBeGreaterThan(0);
  });

  test.each(["off", "lazy", "strict"] as const)(
    "unbinds them without leaving a mapping, with the IOMMU %s",
    (iommu) => {
      const bench = new Bench({ iommu });
      bench.done(bench.kernel.shutdown());
      expect(bench.kernel.dma.live).toBe(0);
      for (const { node } of [bench.nvme, bench.gpu])
        expect(bench.world.fabric.iommu.domainOf(node)?.mapped ?? 0).toBe(0);
    },
  );

  test("refuses to boot where the queues do not fit into memory, in the words of the driver", () => {
    const machine = machineOf("one-switch");
    const small = { ...machine, sockets: [{ id: 0, memory: bytes(MIB) }] };
    expect(() => new Bench({ machine: small })).toThrow("no memory for its queues");
  });

  test("knows the devices of this run, and none else", () => {
    const { kernel } = new Bench();
    expect(["0000:1a:00.0", "0000:1b:00.0", "0000:1c:00.0"].map((name) => kernel.device(name)?.name)).toEqual([
      "0000:1a:00.0",
      "0000:1b:00.0",
      undefined,
    ]);
  });
});

test("A plugin's table gives 0 for what nobody put there, and its numbers are state", () => {
  const table = new StateTable();
  expect(table.get("leaks")).toBe(0);
  const states = [1, 2, 1].map((value) => {
    table.set("leaks", value);
    const record = new StateRecord();
    table.writeState(record);
    return record.values;
  });
  expect([table.get("leaks"), states[0], states[1]]).toEqual([1, states[2], [2]]);
});
