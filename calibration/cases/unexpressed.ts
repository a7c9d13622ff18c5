/** A published measurement that is no case, and why: the model has no words for what decides it. */
export interface Unexpressed {
  readonly id: string;
  readonly what: string;
  readonly reason: string;
  readonly source: string;
}

const NO_DRIVE = "the drive decides it, and the source does not name it";
const NO_LINKS = "neither the links nor the processor are stated, and they decide it";

export const UNEXPRESSED: readonly Unexpressed[] = [
  {
    id: "RTX6K-033",
    what: "two flows of posted writes from one virtual switch to two root ports collapse to 2.7 GB/s",
    reason: "a defect of one switch: switches of the model have none",
    source: "voipmonitor/rtx6kpro, hardware/asus-esc8000a-e13p-broadcom-switches.md",
  },
  {
    id: "GDS-011",
    what: "64 threads, 4 KiB each, a GPU behind another switch: 2,301 us",
    reason: "bounced through the memory of another GPU and from there over NVLink, which the model leaves out",
    source: "GPUDirect Storage Benchmarking and Configuration Guide, 5.1",
  },
  {
    id: "GDS2-001",
    what: "a drive fills memory, 1 MiB: 3.23 GiB/s",
    reason: NO_DRIVE,
    source: "NVIDIA, GDS support for NVMe, Test GDS",
  },
  {
    id: "GDS2-002",
    what: "the same drive fills a GPU by way of memory: 3.14 GiB/s",
    reason: NO_DRIVE,
    source: "NVIDIA, GDS support for NVMe, Test GDS",
  },
  {
    id: "AISIO-005",
    what: "sixteen drives, 512 B each: 21.6 GB/s at the GPU's port",
    reason:
      "counts bytes on the wire with their headers, which is no metric of a case; AISIO-006 is the same in requests",
    source: "xnvme/aisio, docs/src/experiments/device_initiated_iosize.md",
  },
  {
    id: "B70-002",
    what: "GPU to GPU through memory on bare root ports: about 3 GB/s",
    reason: NO_LINKS,
    source: "intel/compute-runtime issue 935",
  },
  { id: "C3090-001", what: "a peer copy: 6.6 GB/s", reason: NO_LINKS, source: "noonghunna/club-3090 PR 926" },
  { id: "C3090-002", what: "the same staged: 3.1 GB/s", reason: NO_LINKS, source: "noonghunna/club-3090 PR 926" },
  {
    id: "NTB-001",
    what: "a push from memory into the GPU of another host: 10.2 GB/s",
    reason: "a non-transparent bridge between two hosts, which the model leaves out",
    source: "enfiskutensykkel/cuda-rdma-bench, README",
  },
  {
    id: "IOTLBWALL-001",
    what: "200 Gb/s of network lose up to a fifth behind an IOMMU",
    reason: "a share at most, of a rate and for buffers that are not stated",
    source: "Farshin et al., PeerJ CS 9:e1385",
  },
  {
    id: "NVMEPREMAP-001",
    what: "buffers mapped beforehand: 4 % more requests",
    reason:
      "a share of a rate that is not stated; without an IOMMU mapping costs nothing here but the pages' addresses",
    source: "J. Axboe, commit 03c40e57f86a",
  },
  {
    id: "MEM-005",
    what: "an adapter reads a GPU of the other socket: 0.3 GB/s",
    reason: "from memory; the model's root complex of those years forwards nothing between sockets",
    source: "MVAPICH2-GDR slides, from memory",
  },
  {
    id: "MEM-006",
    what: "an IOTLB miss: 330 ns",
    reason: "a difference, from memory; the data that it was taken from are cases themselves (PB-bdw-iommu)",
    source: "Neugebauer et al., SIGCOMM 2018, from memory",
  },
];
