import type { Constant } from "../constant.ts";

/** Memory, and what a CPU core pays to move bytes itself. Nanoseconds per byte are the inverse of the published GB/s. */
export const HOST = {
  "host.core_speed": {
    unit: "ratio",
    low: 1,
    typical: 1,
    high: 1,
    kind: "spec",
    what: "How fast a core is: costs that were measured on a known one are converted to it",
    source:
      "by definition: 1 is a server core of 2016 at 3.6 GHz, the Xeon E5-2698 v4 of a DGX-1, on which GPU drivers' costs were measured; it is what a platform may differ in, and no uncertainty",
  },
  "host.dram_latency": {
    unit: "ns",
    low: 75,
    typical: 90,
    high: 120,
    kind: "assumed",
    what: "From the memory controller to DRAM and back",
    source:
      "assumed: common figures of DDR4 servers, unpublished here; only its sum with rc.request_latency is measured",
  },
  "host.llc_latency": {
    unit: "ns",
    low: 14.3,
    typical: 33.5,
    high: 42,
    kind: "assumed",
    what: "From the memory controller to the last-level cache and back, where it holds what is read",
    source:
      "derived: host.dram_latency (90, assumed) less what reads of a window that the CPU has written save, 48-58 ns on four Xeons (pcie-bench/data, single 64 B reads, HWarm against Cold); low: a window that the device has written, DWarm, 76 ns",
  },
  "host.dram_rate": {
    unit: "By/s",
    low: 74e9,
    typical: 90.9e9,
    high: 90.9e9,
    kind: "measured",
    what: "Memory traffic of one socket, reads and writes together",
    source:
      "Intel MLC on a 2018 Xeon, local node (cncf/cnf-testbed issue 129): 90.9 GB/s reads only; low: its triad-like mix, 147.9 GB/s over two sockets",
  },
  "host.write_queue": {
    unit: "By",
    low: 8192,
    typical: 24576,
    high: 49152,
    kind: "assumed",
    what: "Writes that a socket's memory controllers hold back while reads go first",
    source:
      "assumed: 64 lines of 64 B for each of six channels; controllers buffer writes and drain them in batches, how many is unpublished",
  },
  "host.stream_period": {
    unit: "ns",
    low: 128,
    typical: 512,
    high: 1024,
    kind: "assumed",
    what: "How often the cores of a --dram-load ask for the next part of it, all at once",
    source:
      "assumed: so that at four fifths of host.dram_rate a read waits some 40 ns longer on average, the size of what loaded-latency curves of Intel MLC show; from memory",
  },
  "host.copy": {
    unit: "ns/By",
    low: 0.0741,
    typical: 0.1149,
    high: 0.1449,
    kind: "measured",
    what: "One core copying from DRAM to DRAM",
    source:
      "8.7 GB/s and 6.9 GB/s with this project's memcpy loop on an AMD EPYC virtual machine; 13.5 GB/s on Ampere (AmpereComputing/HPL issue 10)",
  },
  "host.wc_write": {
    unit: "ns/By",
    low: 0.099,
    typical: 0.1038,
    high: 0.1667,
    kind: "measured",
    what: "One core storing into a write-combined BAR",
    source: "NVIDIA/gdrcopy README: 9.64 GB/s and, for 16 MiB, 10.1 GB/s on V100; 6 GB/s on Ivy Bridge",
  },
  "host.line": {
    unit: "By",
    low: 64,
    typical: 64,
    high: 64,
    kind: "spec",
    what: "A cache line of x86: what a write-combining buffer or a streaming load holds",
    source: "Intel 64 and IA-32 Software Developer's Manual, volume 1, 12.10.3: streaming lines are aligned 64 B",
  },
  "host.fill_buffers": {
    unit: "1",
    low: 8,
    typical: 10,
    high: 12,
    kind: "paper",
    what: "Lines that one core may have on their way to or from a write-combined BAR",
    source:
      "line fill buffers, which combine writes and hold streaming loads: 8 in Core 2, 10 from Nehalem to Broadwell, 12 in Skylake (newbedev.com, Where is the Write-Combining Buffer located; Intel's optimization manual for the first two)",
  },
  "host.fill_buffer_hold": {
    unit: "ns",
    low: 18,
    typical: 25,
    high: 70,
    kind: "assumed",
    what: "From a full write-combining buffer until the root complex has taken it, so that it is free",
    source:
      "assumed: as far as to a slice of the last-level cache and back, some 50-70 cycles of a server's core, from memory; nobody is known to have published it for a BAR",
  },
  "host.uncached_access": {
    unit: "By",
    low: 4,
    typical: 8,
    high: 8,
    kind: "spec",
    what: "What one load or store of an uncached BAR moves, one at a time",
    source:
      "Intel 64 and IA-32 Software Developer's Manual, volume 3, memory types: UC accesses are not combined and keep their order; general registers have 8 B",
  },
  "host.mmio_write": {
    unit: "ns",
    low: 88,
    typical: 90,
    high: 98,
    kind: "measured",
    what: "What a core spends on one posted store to a device, such as a doorbell",
    source: "NVIDIA/gdrcopy README, copylat host to device up to 256 B: 88-98 ns as the CPU sees it",
  },
  "host.mmio_read": {
    unit: "ns",
    low: 787,
    typical: 900,
    high: 1720,
    kind: "measured",
    what: "What a core waits for one load from a device: a round trip that stalls it",
    source:
      "NVIDIA/gdrcopy README, copylat device to host: 907 ns for 1 B, 1.72 us for 8 B; 787 ns in andre-richter/pcie-lat issue 4",
  },
  "host.bounce_bytes": {
    unit: "By",
    low: 131072,
    typical: 524288,
    high: 1048576,
    kind: "assumed",
    what: "The piece in which capture cards and adapters are staged through system memory",
    source:
      "assumed: large enough that the start of a copy (6.5 us, NVIDIA/gdrcopy README) is a tenth of it, small enough to overlap",
  },
  "host.llc": {
    unit: "By",
    low: 15728640,
    typical: 26214400,
    high: 57671680,
    kind: "assumed",
    what: "Last-level cache of one socket",
    source:
      "assumed, for a dump does not say which processor it is: 25 MB of a Xeon E5-2630 v4; low: 15 MB of an E5-2630, E5-2620 v2 and E5-2637 v3; high: 55 MB of an E5-2699 v4 (Intel data sheets)",
  },
  "host.xeon-sp.llc": {
    unit: "By",
    low: 11534336,
    typical: 23068672,
    high: 40370176,
    kind: "assumed",
    what: "Last-level cache of one socket of a Xeon Scalable",
    source:
      "assumed, for a dump does not say which processor it is: 1.375 MB for each core, 22 MB of a 16-core Gold 6130; low: 11 MB of a Silver 4110; high: 38.5 MB of a Platinum 8180 (Intel data sheets)",
  },
  "host.ddio_share": {
    unit: "share",
    low: 0.062,
    typical: 0.098,
    high: 0.103,
    kind: "measured",
    what: "The part of the last-level cache that devices write to (Data Direct I/O)",
    source:
      "pcie-bench/data, reads over growing windows that the device has written: hits end at 2.44 MiB of 25 MB (Broadwell), 1.42 and 1.55 MiB of 15 MB (Ivy Bridge, Haswell); two of 20 ways by name; low: Sandy Bridge",
  },
  "host.xeon-snb.ddio_share": {
    unit: "share",
    low: 0.062,
    typical: 0.062,
    high: 0.1,
    kind: "measured",
    what: "The part of a Sandy Bridge-EP's last-level cache that devices write to",
    source:
      "pcie-bench/data, reads over growing windows that the device has written: hits end at 0.93 MiB of 15 MB on a Xeon E5-2630; high: two of 20 ways",
  },
  "host.xeon-sp.ddio_share": {
    unit: "share",
    low: 0.112,
    typical: 0.1818,
    high: 0.1818,
    kind: "paper",
    what: "The part of a Xeon Scalable's last-level cache that devices write to",
    source:
      "two of eleven ways: a Xeon Gold 6126 shares ways 0x600 of 11 with devices (intel/intel-cmt-cat issue 128); low: as far below it as Sandy Bridge's 0.062 is below two of 20",
  },
} as const satisfies Readonly<Record<string, Constant>>;
