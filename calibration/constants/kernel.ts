import type { Constant } from "../constant.ts";

/**
 * Memory management and the DMA API of Linux, and the sizes that its source fixes. Most times were taken on a virtual machine with nested
 * paging; bare metal is two to four times faster on faults, which the low ends stand for.
 */
export const KERNEL = {
  "cpu.syscall": {
    unit: "ns",
    low: 60,
    typical: 166,
    high: 220,
    kind: "measured",
    what: "Into the kernel and back, doing nothing",
    source:
      "this project's microbenchmark on an AMD EPYC virtual machine, Linux 6.18; low: bare metal without mitigations, from memory",
  },
  "cpu.gup_fixed": {
    unit: "ns",
    low: 434,
    typical: 484,
    high: 534,
    kind: "measured",
    what: "Pinning one user range, apart from its pages and the system call",
    source:
      "derived: this project's io_uring buffer registration on an AMD EPYC virtual machine, 600/650/700 ns less 166 ns for the system call; an upper bound, as it also allocates",
  },
  "cpu.gup_page": {
    unit: "ns/page",
    low: 14,
    typical: 54,
    high: 64,
    kind: "measured",
    what: "Looking up one page of 4 KiB and taking a reference to it",
    source:
      "this project's microbenchmark, io_uring registration 53 ns and vmsplice 64 ns a page (AMD EPYC virtual machine); tenstorrent/tt-umd PR 1317 gives 47; low: gup-fast series of J. Martins, from memory",
  },
  "cpu.put_page": {
    unit: "ns/page",
    low: 18,
    typical: 20,
    high: 45,
    kind: "measured",
    what: "Dropping the reference to one page of 4 KiB",
    source:
      "this project's microbenchmark, 18-20 ns (AMD EPYC virtual machine); tenstorrent/tt-umd PR 1317 gives 19.6 with unmapping",
  },
  "cpu.gup_subpage": {
    unit: "ns/page",
    low: 1.9,
    typical: 1.9,
    high: 7.1,
    kind: "measured",
    what: "Listing one page of 4 KiB that lies in a larger one which was looked up already",
    source:
      "this project's microbenchmark, io_uring registration of transparent huge pages, 1.9 ns a page of 4 KiB (AMD EPYC virtual machine); Li Zhe's gup_test (Linux commit a03db236aebf, 2 MiB pages) gives 2.3, and 6.9 where each is looked at once more",
  },
  "cpu.get_page": {
    unit: "ns/page",
    low: 18,
    typical: 20,
    high: 45,
    kind: "assumed",
    what: "Taking one more reference to a page that is at hand",
    source:
      "assumed: as much as dropping one (cpu.put_page): both are an atomic operation on the counter of the head page",
  },
  "cpu.clear": {
    unit: "ns/By",
    low: 0.0424,
    typical: 0.085,
    high: 0.1449,
    kind: "measured",
    what: "Clearing memory for a process, beyond the first 4 KiB of a page",
    source:
      "demand faults of 2 MiB pages on AMD Genoa: 11.76 GB/s where parts are cleared out of order, 23.58 GB/s in order (A. Arora, Linux commit 9890ecab6ad9); high: as slow as copying (host.copy)",
  },
  "cpu.line_transfer": {
    unit: "ns",
    low: 35.2,
    typical: 89.7,
    high: 161.3,
    kind: "measured",
    what: "A cache line that another core wrote last comes over, mean over all pairs of cores of two sockets",
    source:
      "nviennot/core-to-core-latency issue 20, two Xeon E5-2695 v4: least, mean and most over all pairs; two EPYC 7453 have 22 to 230",
  },
  "cpu.thread_share": {
    unit: "share",
    low: 0.5,
    typical: 0.625,
    high: 0.65,
    kind: "assumed",
    what: "How fast each of a core's two threads is while both run, of what it would be alone",
    source:
      "assumed: two threads of a core do 1.15 to 1.3 times the work of one (D. Marr et al., Intel Technology Journal 2002, from memory); low: nothing is gained, as where both wait for the same units",
  },
  "cpu.fault_anonymous": {
    unit: "ns/page",
    low: 500,
    typical: 1560,
    high: 2019,
    kind: "measured",
    what: "First touch of an anonymous page: exception, allocation, clearing, page table entry",
    source:
      "this project's microbenchmark on an AMD EPYC virtual machine with nested paging; low: bare metal, from memory",
  },
  "cpu.fault_device": {
    unit: "ns/page",
    low: 400,
    typical: 1300,
    high: 2000,
    kind: "assumed",
    what: "First touch of a page of mapped device memory: exception, the driver's handler, insertion of the pfn",
    source:
      "derived: an anonymous fault (1560 ns, this project's microbenchmark) without allocating and clearing 4 KiB, about 260 ns; low: a minor fault on bare metal, from memory",
  },
  "cpu.dma_map_entry": {
    unit: "ns/entry",
    low: 2,
    typical: 5,
    high: 10,
    kind: "assumed",
    what: "Mapping one scatterlist entry where bus addresses are physical addresses",
    source:
      "assumed: an address is computed and stored; consistent with the 4 % more requests that J. Axboe's pre-mapped buffers gave nvme without an IOMMU (commit 03c40e57f86a)",
  },
  "cpu.dma_unmap_entry": {
    unit: "ns/entry",
    low: 1,
    typical: 2,
    high: 5,
    kind: "assumed",
    what: "Unmapping one scatterlist entry where bus addresses are physical addresses",
    source: "assumed: nothing but a walk over the list on x86, so less than mapping (cpu.dma_map_entry)",
  },
  "cpu.page_cache_page": {
    unit: "ns/page",
    low: 100,
    typical: 250,
    high: 500,
    kind: "assumed",
    what: "Finding or adding one page of the page cache and marking it up to date or dirty",
    source: "assumed: a radix tree walk, an LRU insertion and two atomic flags; no figure published apart from copying",
  },
  "cpu.readahead_bytes": {
    unit: "By",
    low: 131072,
    typical: 131072,
    high: 131072,
    kind: "spec",
    what: "How far a buffered sequential read runs ahead by default",
    source: "Linux 4.9 include/linux/mm.h, VM_MAX_READAHEAD: 128 KiB",
  },
  "cpu.memmap_init_page": {
    unit: "ns/page",
    low: 3.8,
    typical: 7.6,
    high: 16.5,
    kind: "measured",
    what: "Initialising one struct page of device memory",
    source:
      "six kernel logs of memmap_init_zone_device quoted on mailing lists, among them 8388608 pages in 64 ms and 2063872 in 34 ms; 8-10.7 ns in J. Martins's sparse-vmemmap cover letter",
  },
  "cpu.page_map_fixed": {
    unit: "ns",
    low: 50e3,
    typical: 300e3,
    high: 1e6,
    kind: "assumed",
    what: "devm_memremap_pages apart from its pages: sections, the linear mapping, a percpu reference",
    source:
      "assumed; high: with 1 GiB compound pages a 128 GiB namespace starts in under 1 ms (J. Martins, sparse-vmemmap cover letter), so what is not per page is less",
  },
  "cpu.page_map_ref": {
    unit: "ns/page",
    low: 10,
    typical: 25,
    high: 60,
    kind: "assumed",
    what: "Finding the page map of one device page and taking or dropping its percpu reference",
    source:
      "assumed: a radix tree lookup under RCU and a percpu add, as get_dev_pagemap of Linux 4.9 does for every page",
  },
  "cpu.mmap": {
    unit: "ns",
    low: 500,
    typical: 1500,
    high: 4000,
    kind: "assumed",
    what: "Making or removing one vma, apart from the system call and the pages",
    source:
      "assumed: mprotect of one page takes 2.1 us with its system call on this project's virtual machine, and does similar work",
  },
  "cpu.driver_bind": {
    unit: "ns",
    low: 1e6,
    typical: 5e6,
    high: 50e6,
    kind: "assumed",
    what: "Binding or unbinding a driver through sysfs: enable the function, map its registers, register the device",
    source: "assumed: no figure published; part of setting up only, never of a request",
  },
  "kernel.struct_page": {
    unit: "By/page",
    low: 64,
    typical: 64,
    high: 64,
    kind: "spec",
    what: "Memory taken by the struct page of one page of 4 KiB",
    source: "Linux on x86-64, include/linux/mm_types.h; 64 B a page seen when Linux 6.12 adds a page map",
  },
  "kernel.section_bytes": {
    unit: "By",
    low: 134217728,
    typical: 134217728,
    high: 134217728,
    kind: "spec",
    what: "Granularity of device memory with struct pages before sub-sections",
    source: "Linux 4.9 arch/x86/include/asm/sparsemem.h, SECTION_SIZE_BITS 27: 128 MiB",
  },
  "kernel.sg_entries_max": {
    unit: "1",
    low: 128,
    typical: 128,
    high: 128,
    kind: "spec",
    what: "Scatterlist entries of one chunk",
    source: "Linux since 4.7 include/linux/scatterlist.h, SG_CHUNK_SIZE",
  },
  "kernel.bio_vecs_max": {
    unit: "1",
    low: 256,
    typical: 256,
    high: 256,
    kind: "spec",
    what: "Page vectors of one bio",
    source: "Linux 4.9 include/linux/bio.h, BIO_MAX_PAGES",
  },
} as const satisfies Readonly<Record<string, Constant>>;
