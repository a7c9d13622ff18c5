import { describe, expect, test } from "vitest";
import type { Exposed, Region } from "../../proposals/proposal.ts";
import { userptrDmaBuf } from "../../proposals/userptr-dma-buf.ts";
import { bytes } from "../../sim/units.ts";
import { countOf, formOf, KIB, measured, run } from "../harness/cells.ts";
import { Bench, granted, refused } from "../kernel/bench.ts";
import { BETWEEN_GPUS, describeProposal } from "./contract.ts";

describeProposal(
  userptrDmaBuf,
  {},
  {
    "as-posted": {
      workloads: BETWEEN_GPUS,
      refused: {
        "storage-to-gpu": "block layer",
        "gpu-to-storage": "block layer",
        "capture-to-storage": "block layer",
        "nic-to-gpu": "RDMA core",
      },
    },
  },
);

const SIZE = bytes(64 * KIB);

/** A buffer of the GPU and a program's pointer to it. */
function pointer(bench: Bench): { readonly region: Region; readonly exposed: Exposed } {
  const mechanism = formOf("userptr-dma-buf/intended").install(bench.kernel);
  const provider = granted(bench.done(mechanism.provide({ exporter: bench.gpu, importer: bench.nvme })));
  const region = granted(bench.done(provider.alloc(SIZE)));
  return { region, exposed: granted(bench.done(region.expose())) };
}

describe("userptr-dma-buf", () => {
  test("answers a snapshot: the handle serves on when its address is gone", () => {
    const bench = new Bench();
    const { exposed, region } = pointer(bench);
    const held = granted(bench.done(exposed.resolve()));
    bench.done(exposed.retract());
    bench.done(region.free());
    const mapping = granted(bench.done(held.map()));
    expect(bench.done(mapping.access({ kind: "read", length: SIZE }))).toBe("");
    bench.done(mapping.unmap());
    bench.done(held.release());
    expect(bench.kernel.dmaBufs.live).toEqual({ buffers: 0, files: 0, attachments: 0 });
  });

  test("keeps the memory from others until the last handle is gone, whoever freed it", () => {
    const bench = new Bench();
    const { memory } = bench.driver;
    const { exposed, region } = pointer(bench);
    const held = granted(bench.done(exposed.resolve()));
    bench.done(exposed.retract());
    bench.done(region.free());
    const other = granted(memory.alloc(SIZE));
    expect(other.physical).toBe(memory.aperture.base + SIZE);
    bench.done(held.release());
    expect(granted(memory.alloc(SIZE)).physical).toBe(memory.aperture.base + 0);
  });

  test("refuses with EINVAL what no single mapping of a driver covers", () => {
    const bench = new Bench();
    const { exposed } = pointer(bench);
    bench.done(exposed.retract());
    expect(refused(bench.done(exposed.resolve()))).toMatchObject({ errno: "EINVAL", who: "userptr-dma-buf" });
    // Ordinary memory at the same address has no driver that could export it.
    bench.done(bench.kernel.process.mmap("anonymous", bench.memory(SIZE / (4 * KIB))));
    expect(refused(bench.done(exposed.resolve())).errno).toBe("EINVAL");
    expect(bench.kernel.dmaBufs.live.buffers).toBe(0);
  });

  test("looks the address up for each request and touches no page of it", () => {
    const outcome = run({ form: "userptr-dma-buf/intended" });
    expect([countOf(outcome, "cpu.find_vma"), countOf(outcome, "cpu.dma_buf_export")]).toEqual([64, 2 * 64]);
    for (const each of ["cpu.fault_device", "cpu.gup_page"]) expect(countOf(outcome, each)).toBe(0);
    expect([measured(outcome, "struct_page_bytes"), measured(outcome, "pinned_bytes")]).toEqual([0, 0]);
  });

  test("goes through the IOMMU in both forms, but looks at the route in one: a desktop's reads fail, or are placed", () => {
    const words = { workload: "gpu-to-storage", machine: "client-root-ports" } as const;
    expect(run({ ...words, form: "userptr-dma-buf/intended" }).status).toBe("staged");
    for (const form of ["userptr-dma-buf/as-posted", "userptr-dma-buf/intended"]) {
      const outcome = run({ form, workload: "gpu-to-gpu", iommu: "strict", acs: "on" });
      expect([outcome.status, countOf(outcome, "iommu.map_fixed")]).toEqual(["completed", 64]);
    }
  });
});
