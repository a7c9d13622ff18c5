import { describe, expect, test } from "vitest";
import type { Region } from "../../proposals/proposal.ts";
import { rdmaDmaBuf } from "../../proposals/rdma-dma-buf.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes } from "../../sim/units.ts";
import {
  countOf,
  endsOf,
  formOf,
  historyOf,
  KIB,
  measured,
  only,
  run,
  verdictsOf,
  type Words,
} from "../harness/cells.ts";
import { fullMachine } from "../harness/full-machine.ts";
import { Bench, granted } from "../kernel/bench.ts";
import { BETWEEN_GPUS, describeProposal } from "./contract.ts";
import { altered } from "./watched.ts";

describeProposal(
  rdmaDmaBuf,
  {},
  {
    "as-posted": {
      workloads: BETWEEN_GPUS,
      refused: {
        "storage-to-gpu": "block layer",
        "gpu-to-storage": "block layer",
        "capture-to-storage": "block layer",
      },
    },
  },
);

const SIZE = bytes(64 * KIB);
const total = 64 * 4 * KIB;
const posted: Words = { form: "rdma-dma-buf/as-posted", workload: "gpu-to-gpu" };
const intended: Words = { form: "rdma-dma-buf/intended" };

describe("rdma-dma-buf as posted, with its raw bus addresses behind an IOMMU,", () => {
  const redirected: Words = { ...posted, acs: "on", iommu: "strict" };

  test("loses what is written without a word", () => {
    const outcome = run(redirected);
    expect([outcome.status, verdictsOf(outcome)["sound-delivery"]]).toEqual(["corrupt", "broken"]);
    expect(outcome.reason).toContain("IOMMU fault");
    expect(measured(outcome, "lost_bytes")).toBe(total);
    expect(only(historyOf(redirected), "served").map(({ error }) => error)).toEqual(new Array(64).fill(""));
  });

  test("fails what is read", () => {
    const outcome = run({ ...redirected, workload: "gpu-to-gpu-pull" });
    expect([outcome.status, outcome.reason]).toEqual(["failed", expect.stringContaining("IOMMU fault")]);
  });

  test("goes past the IOMMU where no port redirects: everything arrives, and nobody has allowed it", () => {
    for (const workload of BETWEEN_GPUS) {
      const outcome = run({ ...redirected, workload, acs: "as-found" });
      expect([outcome.status, outcome.path]).toEqual(["completed", "same-switch"]);
      expect(measured(outcome, "root_complex_payload_bytes")).toBe(0);
    }
  });

  test("while the exporter that maps them reaches the memory either way", () => {
    for (const acs of ["on", "as-found"] as const)
      for (const workload of BETWEEN_GPUS) {
        const outcome = run({ ...redirected, ...intended, workload, acs });
        expect([outcome.status, countOf(outcome, "iommu.map_fixed")]).toEqual(["completed", 64]);
      }
  });
});

describe("rdma-dma-buf's exporter", () => {
  /** How much of the GPU's memory is taken, as the place of the lowest free piece tells. */
  const taken = ({ driver }: Bench): number => {
    const { memory } = driver;
    const chunk = granted(memory.alloc(SIZE));
    memory.free(chunk);
    return (chunk.physical - memory.aperture.base) / SIZE;
  };
  const made = (bench: Bench, form: string): Region =>
    granted(
      bench.done(
        (function* () {
          const mechanism = formOf(form).install(bench.kernel);
          const provider = yield* mechanism.provide({ exporter: bench.gpu, importer: bench.nvme });
          return "alloc" in provider ? yield* provider.alloc(SIZE) : provider;
        })(),
      ),
    );

  test("as posted takes memory at the first attach and gives it up at the last detach, handle or not", () => {
    const bench = new Bench();
    const exposed = granted(bench.done(made(bench, "rdma-dma-buf/as-posted").expose()));
    expect(taken(bench)).toBe(0);
    const one = granted(bench.done(exposed.resolve()));
    const other = granted(bench.done(exposed.resolve()));
    expect(taken(bench)).toBe(1);
    bench.done(one.release());
    expect(taken(bench)).toBe(1);
    bench.done(other.release());
    expect(taken(bench)).toBe(0);
    bench.done(exposed.retract());
    expect(bench.kernel.dmaBufs.live.buffers).toBe(0);
  });

  test("as intended has it as long as the handle lives", () => {
    const bench = new Bench();
    const exposed = granted(bench.done(made(bench, "rdma-dma-buf/intended").expose()));
    bench.done(granted(bench.done(exposed.resolve())).release());
    expect(taken(bench)).toBe(1);
    bench.done(exposed.retract());
    expect(taken(bench)).toBe(0);
  });

  test("as posted does nothing in the DMA API, to map or to unmap", () => {
    const outcome = run(posted);
    for (const each of ["cpu.dma_map_entry", "cpu.dma_unmap_entry"]) expect(countOf(outcome, each)).toBe(0);
    expect(countOf(outcome, "cpu.dma_buf_map")).toBe(64);
    expect(countOf(run({ ...posted, reuse: 16 }), "cpu.dma_buf_map")).toBe(4);
  });
});

describe("An importer that does not reach the memory", () => {
  const far: Words = { ...intended, machine: "client-root-ports" };

  test.each(["storage-to-gpu", "gpu-to-storage"] as const)("has it placed in system memory, %s", (workload) => {
    const words = { ...far, workload };
    const outcome = run(words);
    expect([outcome.status, outcome.path]).toEqual(["staged", "through-memory"]);
    const { exporter, importer } = endsOf(words);
    const carried = (link: string): number => measured(outcome, "link_payload_bytes", "", link);
    const [filled, fetched] = workload === "storage-to-gpu" ? [total, total] : [2 * total, 0];
    expect([carried(`${exporter} up`), carried(`${exporter} down`)]).toEqual([filled, fetched]);
    expect(carried(`${importer} ${workload === "storage-to-gpu" ? "up" : "down"}`)).toBe(total);
    expect(measured(outcome, "pinned_bytes")).toBe(4 * 4 * KIB);
    expect(countOf(outcome, "cpu.gpu_copy_submit")).toBe(2 * 64);
  });

  test("is moved out for once where the mapping is kept", () => {
    const words = { ...far, reuse: Number.POSITIVE_INFINITY };
    const { exporter } = endsOf(words);
    const outcome = run(words);
    expect(measured(outcome, "link_payload_bytes", "", `${exporter} up`)).toBe(4 * 4 * KIB);
    expect(measured(outcome, "link_payload_bytes", "", `${exporter} down`)).toBe(total);
  });

  test("is one behind a redirecting port, but not behind an IOMMU: an IOVA goes up to the shared root port anyway", () => {
    expect(run({ ...intended, acs: "on" }).status).toBe("staged");
    for (const acs of ["on", "as-found"] as const)
      expect(run({ ...intended, acs, iommu: "strict" })).toMatchObject({ status: "completed", path: "same-root-port" });
  });

  test("is served by no other form: as posted nothing is tested, and pulls from a desktop's GPU fail", () => {
    const words: Words = { ...posted, machine: fullMachine("client-root-ports"), workload: "gpu-to-gpu-pull" };
    expect(run(words).status).toBe("failed");
    expect(run({ ...words, ...intended }).status).toBe("staged");
  });
});

test("A proposal that forgets to release is seen by the handles that are left", () => {
  const forgetting = altered(formOf("rdma-dma-buf/intended"), () => ({ *release(): Task<void> {} }));
  const left: unknown[] = [];
  run({ form: forgetting, total: 3 * 4 * KIB, depth: 1 }, ({ kernel, history }) =>
    history.on("ended", () => left.push(kernel.dmaBufs.live)),
  );
  expect(left).toEqual([{ buffers: 1, files: 0, attachments: 3 }]);
});
