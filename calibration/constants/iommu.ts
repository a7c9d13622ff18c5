import type { Constant } from "../constant.ts";

/**
 * Translation, and the CPU's work to set it up. How the four CPU costs are found:
 *
 * - x86, one page a request, one core (A. Gupta, linux-nvme, 24 Nov 2025): 5.01 M requests/s without translation, 1.93 M lazy, 570 k
 *   strict. So map + unmap cost 1/1.93 M - 1/5.01 M = 318 ns, and strict adds 1.24 us more. These are the typical values.
 * - arm64 (dma_map_benchmark): 4 KiB map 1.1 us, unmap 0.5 us with 16 threads; 8 pages 1.0 us contiguous, 1.4 us scattered with 8.
 *   The ratio 1.1 : 0.5 splits the 318 ns into map and unmap; the values themselves are the high ends.
 * - 1 GiB in tenstorrent/tt-umd PR 1317: pin and map 47.3 ns a page, unmap and unpin 19.6 ns. With huge pages pinning is about 2 ns of
 *   either, so 45 and 17.7 ns are the most that a page can cost; a PTE store costs at least a few ns; typical lies between.
 */
export const IOMMU = {
  "iommu.iotlb_entries": {
    unit: "1",
    low: 116,
    typical: 119,
    high: 128,
    kind: "measured",
    what: "Translations that the IOTLB holds, fully associative, least recently used out first",
    source:
      "fitted to the latency sweeps of pcie-bench/data (five Xeon hosts): average = base + cost x (1 - entries / pages), within 4.1 ns",
  },
  "iommu.iotlb_miss": {
    unit: "ns",
    low: 229,
    typical: 288,
    high: 300,
    kind: "measured",
    what: "A page walk after an IOTLB miss",
    source: "fitted to the latency sweeps of pcie-bench/data (five Xeon hosts), with iommu.iotlb_entries",
  },
  "iommu.walkers": {
    unit: "1",
    low: 4,
    typical: 5,
    high: 6,
    kind: "measured",
    what: "Page walks that run at the same time",
    source:
      "derived from pcie-bench/data: cost of a miss x rate of misses in a 64 MiB window = 4.0/5.5/6.4, taken as whole walkers",
  },
  "iommu.map_fixed": {
    unit: "ns",
    low: 100,
    typical: 200,
    high: 1000,
    kind: "assumed",
    what: "Mapping one range: an IOVA and the walk to its table, apart from the pages",
    source:
      "derived: map's share of 318 ns (lazy against no translation, A. Gupta on linux-nvme 2025), 219 ns, less one page; high: 8 contiguous pages in dma_map_benchmark (arm64); low assumed",
  },
  "iommu.map_page": {
    unit: "ns/page",
    low: 5,
    typical: 25,
    high: 45,
    kind: "assumed",
    what: "Writing one page table entry while mapping",
    source:
      "derived: tenstorrent/tt-umd PR 1317, 47.3 ns a page with pinning, of which 2 ns pinning: at most 45; low: one cached store; typical between",
  },
  "iommu.unmap_fixed": {
    unit: "ns",
    low: 50,
    typical: 90,
    high: 500,
    kind: "assumed",
    what: "Unmapping one range and returning its IOVA, apart from the pages and from invalidation",
    source:
      "derived: unmap's share of 318 ns (lazy against no translation, A. Gupta on linux-nvme 2025), 100 ns, less one page; high: 0.5 us in dma_map_benchmark (arm64, 16 threads); low assumed",
  },
  "iommu.unmap_page": {
    unit: "ns/page",
    low: 2,
    typical: 10,
    high: 17.7,
    kind: "assumed",
    what: "Clearing one page table entry while unmapping",
    source:
      "derived: tenstorrent/tt-umd PR 1317, 19.6 ns a page with unpinning, of which 2 ns unpinning: at most 17.7; low and typical assumed",
  },
  "iommu.invalidate": {
    unit: "ns",
    low: 500,
    typical: 1000,
    high: 2000,
    kind: "assumed",
    what: "One synchronous IOTLB invalidation: queue it, and wait for the wait descriptor",
    source:
      "assumed: about 2000 cycles in papers on strict protection (Malka, Markuze, Peleg), from memory; strict against lazy in A. Gupta's post of 2025 gives 1.24 us",
  },
  "iommu.invalidate_device": {
    unit: "ns",
    low: 100,
    typical: 300,
    high: 1000,
    kind: "assumed",
    what: "The CPU's part of invalidating a device's translation cache, apart from the way to the device and back",
    source:
      "assumed: two descriptors in memory and a posted register write; less than iommu.invalidate, which has the IOTLB's own time in it",
  },
  "ats.cache_entries": {
    unit: "1",
    low: 64,
    typical: 128,
    high: 1024,
    kind: "assumed",
    what: "Translations that a device with ATS caches, fully associative, least recently used out first",
    source:
      "assumed: vendors publish none; low: the device TLB of 64 entries in studies of ATS (HyperTRIO, ISCA 2020), from memory",
  },
  "ats.requests": {
    unit: "1",
    low: 1,
    typical: 8,
    high: 32,
    kind: "assumed",
    what: "Translation Requests that a device has under way at once, and so how many pages ahead it asks",
    source:
      "assumed: with one a device asks only for what it needs now; 32 is as many as it has tags without Extended Tags",
  },
  "iommu.flush_queue_entries": {
    unit: "1",
    low: 250,
    typical: 250,
    high: 250,
    kind: "spec",
    what: "Unmapped ranges that may wait before lazy mode flushes the IOTLB",
    source: "Linux 4.9 drivers/iommu/intel-iommu.c, HIGH_WATER_MARK",
  },
  "iommu.flush_timeout": {
    unit: "ns",
    low: 10e6,
    typical: 10e6,
    high: 10e6,
    kind: "spec",
    what: "How long an unmapped range may stay reachable in lazy mode",
    source: "Linux 4.9 drivers/iommu/intel-iommu.c: the deferred flush timer fires after 10 ms",
  },
} as const satisfies Readonly<Record<string, Constant>>;
