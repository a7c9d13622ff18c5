import type { Constant } from "../constant.ts";

/**
 * Sharing a buffer between drivers: dma-buf of Linux 4.9, and what a driver asks the PCI core before it lets a peer in. Nobody is known
 * to have published what the single steps cost; attaching and mapping together are put at 1/3/20 us, from memory.
 */
export const DMA_BUF = {
  "cpu.ioctl": {
    unit: "ns",
    low: 150,
    typical: 271,
    high: 276,
    kind: "measured",
    what: "An ioctl into a driver and back, apart from what the driver does",
    source: "this project's microbenchmark on an AMD EPYC virtual machine, Linux 6.18: FIONREAD on a pipe",
  },
  "cpu.find_vma": {
    unit: "ns",
    low: 20,
    typical: 60,
    high: 300,
    kind: "assumed",
    what: "Finding the VMA of an address, mmap_sem included",
    source: "assumed: an uncontended semaphore and a walk down a red-black tree of some dozen VMAs",
  },
  "cpu.dma_buf_export": {
    unit: "ns",
    low: 500,
    typical: 1500,
    high: 5000,
    kind: "assumed",
    what: "dma_buf_export or the release of the last reference: the object and its anonymous file",
    source: "assumed: of the order of making or removing a vma (cpu.mmap), two allocations and a file",
  },
  "cpu.dma_buf_fd": {
    unit: "ns",
    low: 30,
    typical: 100,
    high: 300,
    kind: "assumed",
    what: "Installing, looking up or closing a file descriptor of a dma-buf",
    source: "assumed: a slot of the descriptor table and an atomic reference",
  },
  "cpu.dma_buf_attach": {
    unit: "ns",
    low: 300,
    typical: 1000,
    high: 5000,
    kind: "assumed",
    what: "dma_buf_attach: an attachment in the buffer's list, apart from what the exporter does",
    source: "split of 1/3/20 us for attaching and mapping, from memory; a third of it, the rest is cpu.dma_buf_map",
  },
  "cpu.dma_buf_map": {
    unit: "ns",
    low: 700,
    typical: 2000,
    high: 15000,
    kind: "assumed",
    what: "dma_buf_map_attachment: the scatterlist for one importer, apart from the DMA mapping of its entries",
    source: "split of 1/3/20 us for attaching and mapping, from memory, see cpu.dma_buf_attach",
  },
  "cpu.dma_buf_unmap": {
    unit: "ns",
    low: 200,
    typical: 500,
    high: 5000,
    kind: "assumed",
    what: "dma_buf_unmap_attachment, apart from the DMA unmapping of its entries",
    source: "assumed: frees what cpu.dma_buf_map made, less than making it",
  },
  "cpu.dma_buf_detach": {
    unit: "ns",
    low: 100,
    typical: 300,
    high: 2000,
    kind: "assumed",
    what: "dma_buf_detach, apart from what the exporter does",
    source: "assumed: less than attaching (cpu.dma_buf_attach)",
  },
  "cpu.config_read": {
    unit: "ns",
    low: 500,
    typical: 1000,
    high: 3000,
    kind: "assumed",
    what: "Reading one register of a function's configuration space",
    source: "assumed: a non-posted read over the link like that of a BAR (0.9 us, NVIDIA/gdrcopy README), under a lock",
  },
} as const satisfies Readonly<Record<string, Constant>>;
