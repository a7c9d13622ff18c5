/** What the model leaves out, as README.md says it too; text between backquotes is code. */
export const LEFT_OUT: readonly string[] = [
  "Link layer: replay, gen6 flits. Acks and flow-control updates are counted, not timed.",
  "Root complex: only forwarding latency, reach, ceilings for Ivy Bridge, and for AMD Zen one per host bridge towards memory; peers within a quadrant meet no ceiling. The last-level cache answers where a validation case says that it holds the window, and otherwise DRAM does: no run fills it, DMA writes do not allocate in it (DDIO), and a remote socket's cache is as near as its DRAM. A memory controller lets reads pass writes and loses nothing by turning its bus round; what the CPU copies competes with nobody.",
  "IOMMU: runs map with 4 KiB pages, validation cases with 2 MiB pages where they say so; a walk costs the same for both. No ATS, no interrupt remapping.",
  "Kernel: one core per initiator and no lock between them, no preemption, no interrupt coalescing; buffers are physically contiguous; drives are used with O_DIRECT and without a file system, except for the page cache of `staging/naive`; the file system of `iopmem` has one extent per file and no journal.",
  "Devices: one class of drive, whose block size is not enforced; one GPU copy engine per direction, no power states. Constants marked `assumed` in `p2peval list constants` are nobody's measurement.",
  "Results say `extrapolated` or `assumed`, never `checked`: how far the model is off from what others measured, `p2peval validate` says.",
];
