import type { Case, CaseMachine } from "./case.ts";
import { device, root, X4_GEN3, X16_GEN3 } from "./machines.ts";
import { GIB, KIB, MIB, microseconds, perSecond } from "./quantity.ts";

/** What mapping, pinning, registering and moving pages costs. */

const GUPTA: Case["source"] = {
  origin: "linux-nvme",
  where: "A. Gupta, 24 Nov 2025, on [RFC v2 00/11] Add dmabuf read/write via io_uring",
  year: 2025,
};
const DRIVE: CaseMachine = { devices: { nvme0: device("nvme", X4_GEN3, root()) } };
const ADAPTER: CaseMachine = { devices: { nic0: device("nic", X16_GEN3, root()) } };
const GPU: CaseMachine = { devices: { gpu0: device("gpu", X16_GEN3, root()) } };

const perIo = (id: string, iommu: "strict" | "passthrough" | "lazy", map: "each" | "once", rate: number): Case => ({
  id,
  class: "IOMMU",
  what: `random reads of a drive on one core, ${iommu}, ${map === "each" ? "mapped for each" : "mapped once"}`,
  platform: "optane",
  metric: "rate",
  measured: perSecond(rate),
  machine: DRIVE,
  configuration: { iommu },
  operation: { kind: "per-I/O", device: "nvme0", size: 512, in_flight: 128, map, completions: "polled" },
  note: "size not stated; 5.01 M/s implies 512 B",
  source: GUPTA,
});

const ARM: Case["source"] = {
  origin: "dma_map_benchmark",
  where: "outputs in its submission (2020) and a later one (2025)",
  year: 2020,
};
const dmaMap = (id: string, part: "map" | "unmap", size: number, us: number): Case => ({
  id,
  class: "IOMMU",
  what: `dma_${part} of ${size / KIB} KiB`,
  platform: "arm-smmu",
  metric: "time",
  measured: microseconds(us),
  machine: ADAPTER,
  configuration: { iommu: "strict" },
  operation: { kind: "map and unmap", device: "nic0", size, part },
  note: "8 to 16 threads at once",
  source: ARM,
});

const gup = (id: string, rest: Pick<Case, "what" | "platform" | "measured" | "operation" | "source">): Case => ({
  id,
  class: "pin",
  metric: "time",
  ...rest,
});
const XU: Case["source"] = { origin: "mm/gup FOLL_PIN scaling", where: "P. Xu, cover letter of version 3", year: 2021 };
const CKI: Case["source"] = { origin: "Red Hat CKI", where: "gup_test script, expected results", year: 2022 };
const UMEM: Case["source"] = { origin: "RDMA/umem", where: "Linux commit 1d4b0166e363", year: 2021 };
const GDRCOPY: Case["source"] = {
  origin: "NVIDIA/gdrcopy",
  where: "README, commit fcec3ce, gdrcopy_apiperf -s 8",
  year: 2024,
};

const PIN_CASES: readonly Case[] = [
  gup("MRREG-001", {
    what: "register 1 GiB of huge pages and undo it, unpinning page by page",
    platform: "kvm-rxe",
    measured: microseconds(8480.335),
    operation: { kind: "register", device: "nic0", size: GIB, page: 2097152, part: "both" },
    source: UMEM,
  }),
  gup("GUP-002", {
    what: "40 threads pin 512 MiB each",
    platform: "e5-40-cpus",
    measured: microseconds(89144.65),
    operation: { kind: "pin", size: 512 * MIB, page: 4096, threads: 40, part: "pin" },
    source: XU,
  }),
  gup("GUP-004", {
    what: "unpin 512 MiB",
    platform: "e5-40-cpus",
    measured: microseconds(7041),
    operation: { kind: "pin", size: 512 * MIB, page: 4096, threads: 1, part: "unpin" },
    source: XU,
  }),
  gup("GDRCOPY-017", {
    what: "pin 64 KiB of a GPU's memory (nvidia_p2p_get_pages)",
    platform: "gdrcopy-v100",
    measured: microseconds(1346.03406),
    operation: { kind: "pin device memory", device: "gpu0", size: 64 * KIB, part: "pin" },
    source: GDRCOPY,
  }),
  gup("GUP-005", {
    what: "get_user_pages of 128 MiB, first touch included",
    platform: "automotive-board",
    measured: microseconds(36058),
    operation: { kind: "pin", size: 128 * MIB, page: 4096, threads: 1, part: "pin", touched: false },
    source: CKI,
  }),
].map((each) => ({
  ...each,
  ...(each.id === "MRREG-001" ? { machine: ADAPTER } : {}),
  ...(each.id === "GDRCOPY-017" ? { machine: GPU } : {}),
}));

const XE: Case["source"] = { origin: "drm/pagemap", where: "Linux commit 192cb1f5cb16", year: 2026 };
const THP: Case["source"] = {
  origin: "page migration enhancement for thp",
  where: "Linux commit 88aaa2a1d732",
  year: 2017,
};
const moved = (id: string, what: string, size: number, page: 4096 | 2097152, us: number): Case => ({
  id,
  class: "migrate",
  what,
  platform: "e5-2640v3",
  metric: "time",
  measured: microseconds(us),
  operation: { kind: "migrate", size, page, by: "move_pages" },
  source: THP,
});

const MIGRATE_CASES: readonly Case[] = [
  {
    id: "XESVM-001",
    class: "migrate",
    what: "a GPU faults on 2 MiB of small pages, which move to it",
    platform: "xe-svm",
    metric: "time",
    measured: microseconds(966),
    machine: GPU,
    operation: { kind: "migrate", size: 2 * MIB, page: 4096, by: "device fault", device: "gpu0" },
    source: XE,
  },
  moved("MIGR-001", "move_pages of one page of 4 KiB to the other socket", 4 * KIB, 4096, 62.47),
  moved("MIGR-002", "move_pages of one huge page to the other socket", 2 * MIB, 2097152, 658.54),
  moved("MIGR-003", "move_pages of 512 pages of 4 KiB to the other socket", 2 * MIB, 4096, 1987.38),
];

export const KERNEL_CASES: readonly Case[] = [
  perIo("IOMMUIO-001", "strict", "each", 570_000),
  perIo("IOMMUIO-003", "passthrough", "each", 5_010_000),
  perIo("IOMMUIO-004", "strict", "once", 5_010_000),
  perIo("IOMMUIO-005", "lazy", "once", 5_010_000),
  dmaMap("DMAMAP-001", "map", 4 * KIB, 1.1),
  dmaMap("DMAMAP-002", "unmap", 4 * KIB, 0.5),
  dmaMap("DMAMAP-003", "map", 32 * KIB, 1.0),
  dmaMap("DMAMAP-004", "unmap", 32 * KIB, 1.3),
  ...PIN_CASES,
  ...MIGRATE_CASES,
];
