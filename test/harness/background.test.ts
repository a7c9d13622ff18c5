import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { nearestPairs } from "../../harness/device-pair.ts";
import { build, downstreamPort, gpu, nvme, rootPort, upstreamPort } from "../../machines/presets/build.ts";
import type { Form } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";
import { altered } from "../proposals/watched.ts";
import {
  brokenIn,
  cellPlan,
  endpointOf,
  formOf,
  GIB,
  historyOf,
  KIB,
  MIB,
  machineOf,
  measured,
  only,
  result,
  run,
  verdictsOf,
  type Words,
  workloadOf,
} from "./cells.ts";

const FORMS = ["zone-device/as-posted", "iopmem/intended", "hmm/as-posted", "rdma-dma-buf/intended"] as const;
const STAGED = ["staging/pipelined", "staging/naive", "userptr-dma-buf/intended"] as const;
const LOAD = workloadOf("storage-to-gpu");

/** Drives behind a switch whose way up is no wider than that of one of them, and a GPU below another root port. */
const DRIVES = ["drive 0", "drive 1", "drive 2"];
const NARROW: Topology = build({
  name: "narrow",
  platform: "xeon-sp",
  sockets: 1,
  hostBridges: [{ id: "bridge", socket: 0 }],
  functions: [
    rootPort("root 0", "bridge", ""),
    upstreamPort("switch", "root 0", { generation: 3, width: 4 }, ""),
    ...DRIVES.flatMap((drive) => [
      downstreamPort(`above ${drive}`, "switch", ""),
      nvme(drive, `above ${drive}`, { generation: 3, width: 4 }),
    ]),
    rootPort("root 1", "bridge", ""),
    gpu("the GPU", "root 1", { generation: 3, width: 16 }, 16 * GIB),
  ],
});

/** Media that are never the limit. */
const FAST = { "nvme.read_rate": 50e9 };

describe("Several initiators", () => {
  test("all get the bytes that they ask for, and every judge holds, whatever the form", () => {
    for (const form of [...FORMS, ...STAGED])
      for (const initiators of [2, 3]) {
        const words: Words = { form, initiators, size: 16 * KIB, depth: 3 };
        const outcome = run(words);
        expect(["completed", "staged"]).toContain(outcome.status);
        expect(brokenIn(outcome)).toEqual([]);
        expect(verdictsOf(outcome)["bytes-conserved"]).toBe("holds");
        const [asked, served] = [only(historyOf(words), "submitted"), only(historyOf(words), "served")];
        expect(asked.length).toBeGreaterThan(64);
        expect(new Set(asked.map(({ request }) => request)).size).toBe(asked.length);
        expect(served.reduce((sum, { length }) => sum + length, 0)).toBe(asked.length * 16 * KIB);
        expect(measured(outcome, "aggregate_bytes")).toBe(asked.length * 16 * KIB);
      }
  });

  test("share a switch's way up fairly, and together have all of it", () => {
    const shared: Words = { machine: NARROW, constants: FAST, size: 128 * KIB, total: 48 * MIB, depth: 8, reuse: 100 };
    const alone = measured(run(shared), "throughput");
    for (const initiators of [2, 3]) {
      const outcome = run({ ...shared, initiators });
      expect(measured(outcome, "throughput")).toBeCloseTo(alone / initiators, -8);
      expect(measured(outcome, "aggregate_throughput") / alone).toBeCloseTo(1, 1);
      expect(measured(outcome, "latency", "p99")).toBeGreaterThan(measured(run(shared), "latency", "p99"));
    }
  });

  test("do not slow the pair whose traffic turns at the switch where they have other ends", () => {
    const words: Words = { size: 64 * KIB, depth: 8, total: 16 * MIB };
    const alone = run(words);
    const beside = run({ ...words, initiators: 2 });
    expect(measured(beside, "throughput")).toBeCloseTo(measured(alone, "throughput"), -6);
    expect(measured(beside, "aggregate_throughput") / measured(alone, "throughput")).toBeCloseTo(2, 1);
    expect(measured(beside, "cpu_time")).toBe(measured(alone, "cpu_time"));
  });

  test("slow staging, which moves all of it through memory and one GPU's engine", () => {
    const words: Words = { form: "staging/pipelined", size: 64 * KIB, depth: 8, total: 16 * MIB };
    const toOne = { to: endpointOf(machineOf("one-switch"), "gpu").id };
    const [alone, beside] = [run({ ...words, ends: toOne }), run({ ...words, ends: toOne, initiators: 3 })];
    expect(measured(beside, "latency", "p99")).toBeGreaterThan(measured(alone, "latency", "p99"));
  });

  test("leave the path and the end of the pair that is measured its own: others may go through memory", () => {
    const outcome = run({ form: "rdma-dma-buf/intended", initiators: 3 });
    expect([outcome.status, outcome.path]).toEqual(["completed", "same-switch"]);
    expect(measured(outcome, "root_complex_payload_bytes")).toBeGreaterThan(0);
  });

  test("refuse the whole cell where one of them is refused, and say that it is one of them", () => {
    const { status, reason } = run({ form: "map-peer-resource/intended", initiators: 3 });
    expect(status).toBe("refused");
    expect(reason).toContain("an initiator beside the measured pair: EIO from pci_peer_traffic_supported");
  });

  test("end the same way when periods are leapt over", () => {
    const words: Words = { initiators: 3, size: 64 * KIB, total: 64 * MIB, depth: 4, reuse: Number.POSITIVE_INFINITY };
    for (const form of ["zone-device/as-posted", "staging/pipelined"]) {
      const leapt = run({ ...words, form, leap: true });
      expect(result(leapt)).toEqual(result(run({ ...words, form })));
      expect(leapt.method).toBe("leapt");
    }
  });

  test("break an invariant for the whole cell, whichever of them broke it", () => {
    const outcome = run({ form: leakingBeside, initiators: 2, depth: 2 });
    expect(brokenIn(outcome)).toEqual(["reference-balance"]);
    expect(brokenIn(run({ form: leakingBeside, depth: 2 }))).toEqual([]);
  });

  test("run frames, too: each capture card has a clock of its own", () => {
    const machine = machineOf("one-switch");
    const card = endpointOf(machine, "capture");
    const bars = card.bars.map((bar) => ({ ...bar, base: (bar.base + 64 * GIB) as typeof bar.base }));
    const port = machine.functions.find(({ id }) => id === card.parent);
    if (port?.kind !== "root-port" && port?.kind !== "downstream-port") throw new Error("the card hangs below no port");
    const second = { ...card, id: "0000:2f:00.0", parent: "0000:2e:00.0", bars };
    const two = { ...machine, functions: [...machine.functions, { ...port, id: "0000:2e:00.0" }, second] };
    const size = 1920 * 1080 * 2;
    const words: Words = { machine: two, workload: "capture-to-gpu", depth: 4, initiators: 2 };
    const format = workloadOf("capture-to-gpu").formats?.[0]?.bytes ?? size;
    const outcome = run({ ...words, size: format, total: 6 * format });
    expect(outcome.status).toBe("completed");
    expect(brokenIn(outcome)).toEqual([]);
    expect(measured(outcome, "aggregate_throughput")).toBeGreaterThan(1.5 * measured(outcome, "throughput"));
  });
});

/** Keeps what it mapped last for any importer but the first. */
const leakingBeside: Form = altered(formOf("zone-device/as-posted"), (kernel) => ({
  *release(go, noun): Task<unknown> {
    const { bar } = noun as unknown as { readonly bar: { readonly importer: { readonly name: string } } };
    const count = kernel.table.get("beside") + (bar.importer.name === "0000:1a:00.0" ? 0 : 1);
    kernel.table.set("beside", count);
    return bar.importer.name !== "0000:1a:00.0" && count === 3 ? undefined : yield* go();
  },
}));

describe("The pairs of several initiators", () => {
  const pairs = (wanted: number, fixed: Parameters<typeof nearestPairs>[2] = {}): readonly string[] | string => {
    const found = nearestPairs(machineOf("one-switch"), LOAD, fixed, wanted);
    return typeof found === "string" ? found : found.map(({ from, to }) => `${from.id} > ${to.id}`);
  };

  test("begin with the pair that a single run takes, then spread over memories that are equally near", () => {
    expect(pairs(1)).toEqual(["0000:1a:00.0 > 0000:1b:00.0"]);
    expect(pairs(2)).toEqual(["0000:1a:00.0 > 0000:1b:00.0", "0000:1c:00.0 > 0000:1d:00.0"]);
    expect(pairs(3)[2]).toBe("0000:1e:00.0 > 0000:1b:00.0");
  });

  test("all go to a memory that was named", () => {
    const to = endpointOf(machineOf("one-switch"), "gpu");
    expect(pairs(3, { to })).toEqual(["0000:1a:00.0", "0000:1c:00.0", "0000:1e:00.0"].map((id) => `${id} > ${to.id}`));
  });

  test("are no more than the machine has initiators: who asks for more learns how many, and how to add one", () => {
    expect(pairs(4)).toBe(
      "one-switch has 3 initiators for storage-to-gpu (nvme), not 4; --attach puts another device below a free port",
    );
  });
});

describe("A DRAM load", () => {
  const words: Words = { size: 256 * KIB, depth: 8, total: 32 * MIB, workload: "gpu-to-gpu", reuse: 100 };

  test("slows no pair whose traffic turns at the switch", () => {
    const [without, beside] = [run(words), run({ ...words, dramLoad: 90e9 })];
    expect(measured(beside, "throughput") / measured(without, "throughput")).toBeCloseTo(1, 4);
    expect(measured(beside, "dram_load_throughput") / 90e9).toBeCloseTo(1, 3);
  });

  /** Devices write to DRAM there. */
  const zen: Topology = { ...machineOf("one-switch"), platform: "amd-zen" };

  test("does not slow staging whose buffers stay in a Xeon's last-level cache", () => {
    const staging: Words = { ...words, form: "staging/pipelined" };
    const [without, beside] = [run(staging), run({ ...staging, dramLoad: 90e9 })];
    expect(measured(beside, "throughput") / measured(without, "throughput")).toBeCloseTo(1, 3);
    expect(measured(beside, "dram_load_throughput") / 90e9).toBeCloseTo(1, 2);
  });

  test("slows staging the more, the larger it is: its throughput where copies overlap, each request where none does", () => {
    const staging: Words = { ...words, machine: zen, form: "staging/pipelined" };
    const alone: Words = { ...staging, size: 64 * KIB, depth: 1 };
    const ofEach = (one: Words, metric: "throughput" | "latency", stat?: string): readonly number[] =>
      [0, 80e9, 90.9e9].map((dramLoad) => measured(run({ ...one, dramLoad }), metric, stat));
    const [idle = 0, half = 0, full = 0] = ofEach(staging, "throughput");
    expect(half).toBeLessThan(0.99 * idle);
    expect(full).toBeLessThan(half);
    const [quick = 0, slower = 0, slowest = 0] = ofEach(alone, "latency", "p99");
    expect(slower).toBeGreaterThan(quick);
    expect(slowest).toBeGreaterThan(slower);
  });

  test("and DMA together are never more than a socket's memory does, and all of it where more is asked for", () => {
    const outcome = run({ ...words, machine: zen, form: "staging/pipelined", dramLoad: 90.9e9 });
    const dma = measured(outcome, "throughput") * 2;
    const all = (measured(outcome, "dram_load_throughput") + dma) / 90.9e9;
    expect(all).toBeLessThan(1.005);
    expect(all).toBeGreaterThan(0.99);
  });

  test("ends the same way when periods are leapt over", () => {
    for (const form of ["zone-device/as-posted", "staging/pipelined"]) {
      const small: Words = { form, size: 4 * KIB, total: 16 * MIB, depth: 1, reuse: Number.POSITIVE_INFINITY };
      const leapt = run({ ...small, dramLoad: 40e9, leap: true });
      expect(result(leapt)).toEqual(result(run({ ...small, dramLoad: 40e9 })));
      expect(leapt.method).toBe("leapt");
    }
  });
});

test("Neither a single initiator nor the lack of a load leaves a trace in the measures", () => {
  const { measures } = run({});
  const names = new Set(measures.map(({ metric }) => metric));
  for (const metric of ["aggregate_throughput", "aggregate_bytes", "dram_load_throughput"])
    expect(names.has(metric)).toBe(false);
  expect(cellPlan({}).others).toEqual([]);
});
