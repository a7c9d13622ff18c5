import type { Constant } from "../constant.ts";

/**
 * What it takes to move pages of a process between system memory and a device, and to keep a device's page tables in step. A whole
 * migration by the CPU is 0.8/1.5/3 us a page, from memory; without its copy of 4 KiB (host.copy: 0.3 to 0.6 us), which a device's
 * engine makes here, 0.5/1.0/2.4 us are left for the two halves.
 */
export const MIGRATION = {
  "cpu.migrate_unmap_page": {
    unit: "ns/page",
    low: 300,
    typical: 600,
    high: 1400,
    kind: "assumed",
    what: "First half of migrating one page: isolate and lock it, put a migration entry in the place of its own, flush TLBs",
    source:
      "derived: 60 % of 0.5/1.0/2.4 us, a migration of 0.8/1.5/3 us a page, from memory, without its copy; the split is assumed",
  },
  "cpu.migrate_finish_page": {
    unit: "ns/page",
    low: 200,
    typical: 400,
    high: 1000,
    kind: "assumed",
    what: "Second half of migrating one page: the entry of its new page, unlock, give the old one back",
    source:
      "derived: 40 % of 0.5/1.0/2.4 us, a migration of 0.8/1.5/3 us a page, from memory, without its copy; the split is assumed",
  },
  "host.cpus": {
    unit: "1",
    low: 8,
    typical: 32,
    high: 128,
    kind: "assumed",
    what: "Logical CPUs on which work for each of them has to run",
    source: "assumed: a server of two sockets with eight to sixteen cores each; the model's kernel itself runs on one",
  },
  "cpu.work_on_each": {
    unit: "ns/entry",
    low: 500,
    typical: 1500,
    high: 4500,
    kind: "assumed",
    what: "Having one CPU do its part of work that all must have done: queue it, interrupt it, wait for it",
    source:
      "assumed: move_pages begins with lru_add_drain_all, which queues work on each CPU and waits for all (mm/swap.c); an interrupt to wake a worker is 1-2 us from memory, mprotect with one remote CPU took 3.2 us more in this project's microbenchmark; high: 72 us for 16 cores in 2009 (B. Goglin, Linux commit 35282a2de4e5)",
  },
  "cpu.mmu_notifier_invalidate": {
    unit: "ns",
    low: 300,
    typical: 1000,
    high: 20e3,
    kind: "assumed",
    what: "Telling one mirror of a process that a range is invalid, and having its device drop the translations",
    source: "assumed, from memory: it depends on the driver's callback, a flush of the device's TLB in most",
  },
  "cpu.device_fault": {
    unit: "ns",
    low: 10e3,
    typical: 30e3,
    high: 50e3,
    kind: "assumed",
    what: "Servicing one batch of a device's replayable page faults, apart from moving pages",
    source: "assumed, from memory: 10-50 us a batch in reports of unified memory on GPUs of 2016 and later",
  },
  "gpu.fault_batch_pages": {
    unit: "1",
    low: 64,
    typical: 64,
    high: 256,
    kind: "assumed",
    what: "Pages that a GPU's driver migrates for one batch of the GPU's faults",
    source:
      "assumed: the test driver of Linux 6.12 (lib/test_hmm.c) migrates 64 pages at a time, 4 calls a MiB as counted on a running kernel",
  },
} as const satisfies Readonly<Record<string, Constant>>;
