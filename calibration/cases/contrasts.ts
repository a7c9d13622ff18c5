/** Two measured cases of which one wins: what a reader of results decides by. Each names cases, so that it has no number of its own. */
export interface Contrast {
  readonly question: string;
  /** Ids of two cases with the same metric; which of them wins is for their measured values to say. */
  readonly between: readonly [string, string];
}

const contrast = (question: string, one: string, other: string): Contrast => ({ question, between: [one, other] });

export const CONTRASTS: readonly Contrast[] = [
  contrast("peer to peer or through memory, GPU to GPU, gen4", "CANYON-001", "CANYON-002"),
  contrast("peer to peer or through memory, GPU to GPU both ways, gen4", "CANYON-003", "CANYON-004"),
  contrast("peer to peer or through memory, a small copy", "CANYON-005", "CANYON-006"),
  contrast("peer to peer or through memory, drives to GPU, DGX-2", "GDS-001", "GDS-003"),
  contrast("peer to peer or through memory, drive to GPU, 2014", "DONARD-002", "DONARD-001"),
  contrast("peer to peer or through memory, GPU to drive, 2014: the reversal", "DONARD-004", "DONARD-003"),
  contrast("drives into memory or into a peer, Broadwell-EP", "NVFORUM-004", "NVFORUM-003"),
  contrast("ACS off or on, both ways behind one switch", "RTX6K-027", "RTX6K-026"),
  contrast("no translation or strict, mapped for each request", "IOMMUIO-003", "IOMMUIO-001"),
  contrast("strict, mapped once or for each request", "IOMMUIO-004", "IOMMUIO-001"),
  contrast("no translation or strict, mapped once", "IOMMUIO-003", "IOMMUIO-004"),
  contrast("strict or lazy, mapped once", "IOMMUIO-004", "IOMMUIO-005"),
  contrast("no IOMMU or 4 KiB pages over 64 MiB, small reads", "PB-bdw-037", "PB-bdw-iommu-nosp-005"),
  contrast("no IOMMU or 4 KiB pages over 256 KiB, small reads", "PB-bdw-034", "PB-bdw-iommu-nosp-002"),
  contrast("large pages or 4 KiB pages in the IOMMU, small reads", "PB-ib-iommu-005", "PB-ib-iommu-nosp-005"),
  contrast("no IOMMU or 4 KiB pages over 64 MiB, reads of 512 B", "PB-bdw-042", "PB-bdw-iommu-nosp-010"),
  contrast("no IOMMU or 4 KiB pages over 64 MiB, latency", "PB-bdw-056", "PB-bdw-iommu-nosp-024"),
  contrast("one switch or the root complex, writes", "RTX6K-001", "RTX6K-002"),
  contrast("one switch or the root complex, flag", "RTX6K-003", "RTX6K-005"),
  contrast("one switch or the root complex, reads of 128 B", "RTX6K-020", "RTX6K-021"),
  contrast("one switch or two root ports, reads of 128 B", "RTX6K-020", "RTX6K-RC-DIRECT"),
  contrast("two root ports or two switches, reads of 128 B", "RTX6K-RC-DIRECT", "RTX6K-021"),
  contrast("one host bridge or two, flag between two switches", "RTX6K-006", "RTX6K-005"),
  contrast("one socket or two, writes between root ports, Turin", "RTX6K-038", "RTX6K-039"),
  contrast("one socket or two, both ways, Turin", "RTX6K-040", "RTX6K-041"),
  contrast("one socket or two, writes between root ports, Genoa", "RTX6K-043", "RTX6K-042"),
  contrast("one switch or two sockets, writes", "RTX6K-029", "RTX6K-030"),
  contrast("two host bridges or one, eight GPUs read memory", "RTX6K-012", "RTX6K-013"),
  contrast("local or remote memory, small reads", "PB-ib-020", "PB-ib-numa-020"),
  contrast("read or write between sockets", "RTX6K-032", "RTX6K-030"),
  contrast("read or write of a peer, consumer hardware, 2016", "IOPMEM-002", "IOPMEM-001"),
  contrast("fill or drain a peer, SmartSSD", "SMARTSSD-024", "SMARTSSD-012"),
  contrast("fill or drain a peer, 2014", "DONARD-002", "DONARD-004"),
  contrast("one switch or two of one socket, both ways", "RTX6K-027", "RTX6K-028"),
  contrast("one switch or a tree of three, writes", "RTX6K-016", "RTX6K-023"),
  contrast("write or read memory, gen4", "CANYON-008", "CANYON-007"),
  contrast("write or read memory, gen3", "AMDH-002", "AMDH-001"),
  contrast("write or read memory, one GPU", "RTX6K-011", "RTX6K-010"),
  contrast("read or write memory, 64 B", "PB-bdw-001", "PB-bdw-007"),
  contrast("read or write memory, 2 KiB", "PB-snb-006", "PB-snb-012"),
];
