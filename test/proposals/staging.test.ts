import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { staging } from "../../proposals/staging.ts";
import { bytes } from "../../sim/units.ts";
import { brokenIn, countOf, KIB, MIB, machineOf, measured, result, run, type Words } from "../harness/cells.ts";
import { describeProposal, MORE_THAN_THE_BAR } from "./contract.ts";

/** The same machine where devices write to DRAM. */
const ZEN: Topology = { ...machineOf("one-switch"), platform: "amd-zen" };

describeProposal(staging, {
  "moves every byte from device to device behind one switch, with none of it in the root complex": {
    reason: "it is the control that the proposals want to replace",
    instead: "ends staged, with every byte twice in the root complex and once in and out of memory",
    check: ({ form, name }) => {
      const total = 64 * 4 * KIB;
      for (const workload of ["storage-to-gpu", "gpu-to-storage"] as const) {
        const outcome = run({ form, workload });
        expect(outcome).toMatchObject({ status: "staged", path: "through-memory" });
        expect(measured(outcome, "root_complex_payload_bytes")).toBe(2 * total);
        const copies = name === "naive" ? 2 : 0;
        const onZen = run({ form, workload, machine: ZEN });
        expect(onZen.status).toBe("staged");
        for (const way of ["dram_read_bytes", "dram_write_bytes"]) {
          const moved = measured(onZen, way);
          expect(moved).toBeGreaterThan((1 + copies) * total);
          expect(moved).toBeLessThan((1 + copies) * 1.1 * total);
        }
      }
    },
  },
  "refuses more than the BAR holds with ENOSPC, says who, whom, why and what helps, and gives back what it had": {
    reason: "its copies are made by the GPU's own engine, which needs no BAR",
    instead: "stages more at a time than the BAR holds",
    check: ({ form }) => {
      for (const workload of ["storage-to-gpu", "gpu-to-storage"] as const) {
        const outcome = run({ ...MORE_THAN_THE_BAR, form, workload });
        expect([outcome.status, brokenIn(outcome)]).toEqual(["staged", []]);
      }
    },
  },
  "holds no page once a request has been served": {
    reason: "its bounce buffers are set up once, as a good driver does",
    instead: "keeps two buffers a lane pinned from beginning to end",
    check: ({ form }) => {
      const held: number[] = [];
      run({ form, depth: 3, size: 64 * KIB, total: 24 * 64 * KIB }, ({ kernel, history }) =>
        history.on("served", () => held.push(kernel.pages.heldBytes)),
      );
      expect(Math.min(...held)).toBeGreaterThanOrEqual(3 * 2 * 64 * KIB);
    },
  },
});

describe("staging", () => {
  test.each(["storage-to-gpu", "gpu-to-storage"] as const)(
    "leaves DRAM alone on a Xeon while its buffers fit the share of the cache that devices write to, %s",
    (workload) => {
      const words: Words = { form: "staging/pipelined", workload, size: 64 * KIB, total: 16 * MIB, depth: 4 };
      const [xeon, zen] = [run(words), run({ ...words, machine: ZEN })];
      for (const way of ["dram_read_per_byte", "dram_write_per_byte"]) {
        expect(measured(xeon, way)).toBeLessThan(0.01);
        expect(measured(zen, way)).toBeGreaterThan(1);
      }
      expect(measured(xeon, "root_complex_payload_bytes")).toBe(measured(zen, "root_complex_payload_bytes"));
    },
  );

  test.each([0.001, 0.1, 0.6])("is leapt over exactly whether its buffers fit or not, with a share of %d", (share) => {
    const constants = { "host.xeon-sp.llc": MIB, "host.xeon-sp.ddio_share": share };
    const words: Words = { form: "staging/pipelined", size: 64 * KIB, total: 600 * 64 * KIB, depth: 4, constants };
    const leapt = run({ ...words, leap: true });
    expect(result(leapt)).toEqual(result(run(words)));
    expect(leapt.method).toBe("leapt");
    expect(measured(leapt, "dram_write_per_byte") > 0.9).toBe(share < 0.5);
  });

  test("writes to DRAM what its buffers are more than the share, once they have come round, and reads it from the cache", () => {
    // 32 lanes of two buffers of 128 KiB are 8 MiB.
    const words: Words = { form: "staging/pipelined", size: MIB, total: 64 * MIB, depth: 32 };
    const constants = { "host.xeon-sp.llc": 16 * MIB, "host.xeon-sp.ddio_share": 0.25 };
    const small = run({ ...words, constants });
    expect(measured(small, "dram_write_per_byte")).toBeCloseTo(1 - 4 / 64, 2);
    expect(measured(small, "dram_read_per_byte")).toBeLessThan(0.01);
    const large = run({ ...words, constants: { ...constants, "host.xeon-sp.ddio_share": 0.6 } });
    expect(measured(large, "dram_write_per_byte")).toBe(0);
    // One in which a buffer is gone before it is read.
    const tiny = run({ ...words, constants: { ...constants, "host.xeon-sp.ddio_share": 0.001 } });
    expect(measured(tiny, "dram_read_per_byte")).toBeGreaterThan(0.5);
  });

  test.each([4, 64, 1024])("is no slower when pipelined than when naive, at %d KiB", (size) => {
    for (const workload of ["storage-to-gpu", "gpu-to-storage"] as const)
      for (const depth of [1, 4]) {
        const cell = { workload, size: size * KIB, total: 8 * size * KIB, depth };
        const [pipelined, naive] = ["staging/pipelined", "staging/naive"].map((form) =>
          measured(run({ ...cell, form }), "throughput"),
        );
        expect(pipelined).toBeGreaterThanOrEqual(naive ?? Number.POSITIVE_INFINITY);
      }
  });

  test("stores one half while the GPU's engine moves the other: two commands are faster than twice one", () => {
    const latency = (size: number): number =>
      measured(run({ form: "staging/pipelined", size, total: 4 * size, depth: 1 }), "latency", "min");
    expect(latency(256 * KIB)).toBeLessThan(1.9 * latency(128 * KIB));
  });

  test("pins two buffers of the drive's largest request a lane, however large the request", () => {
    for (const [size, buffer] of [
      [20, 20],
      [128, 128],
      [1024, 128],
    ] as const) {
      const outcome = run({ form: "staging/pipelined", size: size * KIB, total: 6 * size * KIB, depth: 3 });
      expect(measured(outcome, "pinned_bytes")).toBe(3 * 2 * buffer * KIB);
    }
  });

  test("reads and writes memory twice more when the CPU copies, byte by byte", () => {
    const cell = { size: 64 * KIB, total: 8 * 64 * KIB, machine: ZEN };
    const copied = run({ ...cell, form: "staging/naive" });
    expect(countOf(copied, "host.copy")).toBe(2 * cell.total);
    for (const way of ["dram_read_bytes", "dram_write_bytes"])
      expect(measured(copied, way) - measured(run({ ...cell, form: "staging/pipelined" }), way)).toBe(2 * cell.total);
  });

  test.each(["pipelined", "naive"])("gives back the first buffer where memory ends before the second, %s", (form) => {
    const machine = withMemory("one-switch", 5 * MIB);
    const outcome = run({ form: `staging/${form}`, machine, size: 128 * KIB, depth: 8 });
    expect(outcome.status).toBe("refused");
    expect(outcome.reason).toMatch(
      /^ENOMEM from staging for 0000:1a:00.0: no memory for a bounce buffer; lower the queue depth$/,
    );
    expect(brokenIn(outcome)).toEqual([]);
  });
});

/** A preset with less memory. */
function withMemory(name: string, size: number): Topology {
  const machine = machineOf(name);
  return { ...machine, sockets: machine.sockets.map((socket) => ({ ...socket, memory: bytes(size) })) };
}
