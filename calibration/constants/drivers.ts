import type { Constant } from "../constant.ts";

/**
 * What the CPU spends on one block request and on one GPU copy. The block layer's parts follow the breakdown of a polled 512 B read in
 * XRP (Zhong et al., OSDI 2022), quoted from memory; their sum stays within the 1.0/1.5/4.0 us of a whole request.
 */
export const DRIVERS = {
  "cpu.bio_submit": {
    unit: "ns",
    low: 250,
    typical: 380,
    high: 1000,
    kind: "assumed",
    what: "Building a bio and taking it through the block layer to the driver",
    source: "XRP (Zhong et al., OSDI 2022) gives 379 ns to the bio layer, from memory; range assumed",
  },
  "cpu.bio_complete": {
    unit: "ns",
    low: 150,
    typical: 250,
    high: 800,
    kind: "assumed",
    what: "Ending a bio: account, call back, free",
    source: "assumed: less than submission; with the other parts about 1.5 us a request (XRP, OSDI 2022, from memory)",
  },
  "cpu.nvme_submit": {
    unit: "ns",
    low: 80,
    typical: 113,
    high: 300,
    kind: "assumed",
    what: "Filling one submission entry, apart from its PRP list and its doorbell",
    source: "XRP (Zhong et al., OSDI 2022) gives 113 ns to the NVMe driver, from memory; range assumed",
  },
  "cpu.nvme_prp_entry": {
    unit: "ns/entry",
    low: 1,
    typical: 3,
    high: 8,
    kind: "assumed",
    what: "Writing one entry of a PRP list",
    source: "assumed: an addition, a store of 8 B and a step in the scatterlist",
  },
  "cpu.nvme_complete": {
    unit: "ns",
    low: 100,
    typical: 150,
    high: 400,
    kind: "assumed",
    what: "Taking one completion entry and finding its request",
    source: "assumed: of the order of submission in XRP (OSDI 2022, from memory)",
  },
  "cpu.interrupt": {
    unit: "ns",
    low: 700,
    typical: 1500,
    high: 3000,
    kind: "assumed",
    what: "From an interrupt message reaching the CPU until its handler runs",
    source:
      "assumed: common figures of x86 servers, from memory; nobody is known to have published it apart from the rest",
  },
  "cpu.wakeup": {
    unit: "ns",
    low: 1000,
    typical: 2000,
    high: 5000,
    kind: "assumed",
    what: "Waking a sleeping thread and switching to it",
    source:
      "assumed: common figures of x86 servers, from memory; interrupt and switch together exceed a fast drive's best latency (Hacker News 25222668)",
  },
  "cpu.gpu_copy_submit": {
    unit: "ns",
    low: 2700,
    typical: 3000,
    high: 3300,
    kind: "assumed",
    core: 1,
    what: "Building a GPU copy command and ringing the GPU's doorbell",
    source:
      "split of cudaMemcpy's 6/6.5/7 us overhead (NVIDIA/gdrcopy README): 3.0 submit, 0.9 fetch and write back on the link, 1.3 engine start, 1.3 complete. The sum is measured, the split is not",
  },
  "cpu.gpu_handover": {
    unit: "ns",
    low: 0,
    typical: 5550,
    high: 6500,
    kind: "assumed",
    core: 1,
    what: "Having one GPU go on with a staged copy where another one has come to: an event of one context that the other awaits",
    source:
      "derived: without peer access the least copy takes 20.6 us (uuudown/Tartan, DGX-1), 15.2 us of them two copies in turn as this model has them, and 10.9 us on a core 2.28 times as fast (dev-canyon1, 2025), which leaves 5.75 us of the slower one: the middle; low: a semaphore that the GPUs themselves pass on",
  },
  "cpu.soft_mr_page": {
    unit: "ns/page",
    low: 2,
    typical: 5,
    high: 13,
    kind: "assumed",
    what: "Entering one page of 4 KiB into the table of an adapter that is a driver without a device (soft RoCE)",
    source:
      "derived: a step in a list of pages and a stored entry, 2 + 3 ns as cpu.dma_unmap_entry and cpu.nvme_prp_entry have them; both assumed",
  },
  "cpu.gpu_copy_complete": {
    unit: "ns",
    low: 1150,
    typical: 1300,
    high: 1400,
    kind: "assumed",
    core: 1,
    what: "Seeing the semaphore of a finished GPU copy and returning to the caller",
    source: "split of cudaMemcpy's 6/6.5/7 us overhead (NVIDIA/gdrcopy README), see cpu.gpu_copy_submit",
  },
} as const satisfies Readonly<Record<string, Constant>>;
