import { describe, expect, test } from "vitest";
import { type Grid, plan } from "../../harness/plan.ts";
import { INVARIANTS } from "../../invariants/index.ts";
import { staging } from "../../proposals/staging.ts";
import { zoneDevice } from "../../proposals/zone-device.ts";
import { bytes } from "../../sim/units.ts";
import { WORKLOADS } from "../../workloads/index.ts";
import { KIB, machineOf, run, workloadOf } from "./cells.ts";

const MACHINE = { topology: machineOf("one-switch"), hash: "abc" };
const GRID: Grid = {
  machines: [MACHINE, { topology: machineOf("acs-redirect"), hash: "def" }],
  forms: [
    { proposal: staging, form: "naive" },
    { proposal: zoneDevice, form: "as-posted" },
  ],
  workloads: WORKLOADS.slice(0, 2),
  requestBytes: [bytes(4 * KIB), bytes(64 * KIB)],
  totalBytes: bytes(256 * KIB),
  queueDepths: [1, 4],
  reuses: [1, Number.POSITIVE_INFINITY],
  iommus: ["off", "strict"],
  acs: ["as-found", "on"],
  initiators: [1],
  dramLoads: [0],
  bars: ["as-found"],
  kernel: "4.9",
  seed: 7,
  reps: 2,
  leap: true,
  invariants: INVARIANTS,
};

describe("A plan", () => {
  test("has every combination once, each repetition under the id of its cell", () => {
    const cells = plan(GRID).map(({ cell }) => cell);
    expect(cells.length).toBe(2 ** 8 * 2);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(2 ** 8);
    expect(new Set(cells.map(({ id, rep }) => `${id} ${rep}`)).size).toBe(cells.length);
  });

  test("gives a cell the same id in whatever grid it stands, and another one where anything differs", () => {
    const ids = (grid: Partial<Grid>): readonly string[] => plan({ ...GRID, ...grid }).map(({ cell }) => cell.id);
    const all = new Set(ids({}));
    for (const id of ids({ reps: 1, queueDepths: [4], machines: [MACHINE] })) expect(all).toContain(id);
    for (const grid of [
      { seed: 8 },
      { kernel: "6.12" },
      { totalBytes: bytes(512 * KIB) },
      { machines: [{ ...MACHINE, hash: "xyz" }] },
    ])
      for (const id of ids(grid)) expect(all).not.toContain(id);
  });
});

describe("A planned cell", () => {
  test("runs repetition 0 with typical constants and the others with drawn ones, the same ones every time", () => {
    const small: Grid = {
      ...GRID,
      machines: [MACHINE],
      queueDepths: [4],
      reuses: [1],
      iommus: ["off"],
      acs: ["as-found"],
      reps: 3,
    };
    const [typical, first, second] = plan(small);
    expect(typical?.run()).toEqual(
      run({ form: "staging/naive", size: 4 * KIB, total: 256 * KIB, workload: "storage-to-gpu", leap: true }),
    );
    expect(first?.run()).not.toEqual(typical?.run());
    expect(second?.run()).not.toEqual(first?.run());
    expect(plan(small)[1]?.run()).toEqual(first?.run());
  });

  test("runs a cell with its ACS setting", () => {
    const paths = plan({ ...GRID, machines: [MACHINE], workloads: [workloadOf("storage-to-gpu")], reps: 1 })
      .filter(
        ({ cell }) =>
          cell.proposal === "zone-device" &&
          cell.iommu === "off" &&
          cell.reuse === 1 &&
          cell.queueDepth === 4 &&
          cell.requestBytes === 4 * KIB,
      )
      .map(({ cell, run: go }) => [
        cell.acs,
        go().measures.find(({ metric }) => metric === "root_complex_payload_bytes")?.value,
      ]);
    expect(paths).toEqual([
      ["as-found", 0],
      ["on", 2 * 256 * KIB],
    ]);
  });

  test("says inapplicable, and why, where the machine lacks an end", () => {
    const functions = MACHINE.topology.functions.filter((each) => each.kind !== "endpoint" || each.role !== "gpu");
    const cells = plan({ ...GRID, machines: [{ topology: { ...MACHINE.topology, functions }, hash: "x" }], reps: 1 });
    for (const { cell, run: go } of cells.slice(0, 3)) {
      expect([cell.from, cell.to]).toEqual(["", ""]);
      expect(go()).toMatchObject({
        status: "inapplicable",
        reason: "one-switch has no gpu with memory BARs, which storage-to-gpu needs",
        measures: [],
      });
    }
  });

  test("takes two named ends either way round", () => {
    const named = (id: string) =>
      MACHINE.topology.functions.flatMap((each) => (each.kind === "endpoint" && each.id === id ? [each] : []))[0];
    const [drive, gpu] = [named("0000:1e:00.0"), named("0000:1d:00.0")];
    if (drive === undefined || gpu === undefined) throw new Error("one-switch has changed");
    const cells = plan({ ...GRID, machines: [{ ...MACHINE, from: drive, to: gpu }], reps: 1 });
    const ends = new Set(cells.map(({ cell }) => `${cell.workload} ${cell.from} ${cell.to}`));
    expect(ends).toEqual(new Set([`storage-to-gpu ${drive.id} ${gpu.id}`, `gpu-to-storage ${gpu.id} ${drive.id}`]));
  });

  test("knows the forms that there are", () => {
    expect(() => plan({ ...GRID, forms: [{ proposal: staging, form: "intended" }] })).toThrow(
      "staging has no form intended",
    );
  });
});
