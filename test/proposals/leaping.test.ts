import { describe, expect, test } from "vitest";
import { KIB, result, run, type Words, type WorkloadName, workloadOf } from "../harness/cells.ts";
import { fullMachine } from "../harness/full-machine.ts";

/** Every workload on a machine that has its two ends; streams in a few frames, so that nothing recurs and equality is cheap. */
const CASES: Readonly<Record<WorkloadName, Words>> = {
  "storage-to-gpu": { size: 20 * KIB, total: 60 * 20 * KIB, depth: 3 },
  "gpu-to-storage": { size: 20 * KIB, total: 60 * 20 * KIB, depth: 3 },
  "gpu-to-gpu": { size: 20 * KIB, total: 60 * 20 * KIB, depth: 3 },
  "gpu-to-gpu-pull": { size: 20 * KIB, total: 60 * 20 * KIB, depth: 3 },
  "capture-to-gpu": { depth: 4 },
  "capture-to-storage": { depth: 4 },
  "nic-to-gpu": { size: 20 * KIB, total: 200 * 20 * KIB, depth: 3, reuse: Number.POSITIVE_INFINITY },
};
const FORMS = ["map-peer-resource", "rdma-dma-buf", "userptr-dma-buf"].flatMap((name) => [
  `${name}/as-posted`,
  `${name}/intended`,
]);
const MACHINES = { near: fullMachine("one-switch"), far: fullMachine("client-root-ports") };
const SHORT_FLUSH_QUEUE = { "iommu.flush_queue_entries": 16 };

/** A stream asks for whole frames of its first format. */
function wordsFor(workload: WorkloadName): Words {
  const frame = workloadOf(workload).formats?.[0]?.bytes;
  return { ...CASES[workload], workload, ...(frame ? { size: frame, total: 6 * frame } : {}) };
}

describe.each(FORMS)("%s is leapt over exactly", (form) => {
  test.each(Object.keys(CASES) as WorkloadName[])("on %s, near and far, whatever the IOMMU does", (workload) => {
    for (const machine of Object.values(MACHINES))
      for (const iommu of ["off", "lazy", "strict"] as const) {
        const words: Words = { ...wordsFor(workload), form, machine, iommu, constants: SHORT_FLUSH_QUEUE };
        expect(result(run({ ...words, leap: true }))).toEqual(result(run(words)));
      }
  });
});
