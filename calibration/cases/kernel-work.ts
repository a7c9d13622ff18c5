import type { Case, CaseMachine } from "./case.ts";
import { device, root, X4_GEN3, X16_GEN3, X16_GEN4 } from "./machines.ts";
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

const XU: Case["source"] = {
  origin: "mm/gup FOLL_PIN scaling",
  where: "P. Xu, cover letter of version 2 and 3",
  year: 2021,
};
const CKI: Case["source"] = { origin: "Red Hat CKI", where: "gup_test script, expected results", year: 2022 };
const UMEM: Case["source"] = { origin: "RDMA/umem", where: "Linux commit 1d4b0166e363", year: 2021 };
const HUGETLB: Case["source"] = {
  origin: "follow_hugetlb_page() improvements",
  where: "Linux commit 0fa5bc4023c1",
  year: 2021,
};
const GDRCOPY: Case["source"] = {
  origin: "NVIDIA/gdrcopy",
  where: "README, commit fcec3ce, gdrcopy_apiperf -s 8",
  year: 2024,
};
const MORI: Case["source"] = { origin: "ROCm/mori", where: "pull request 679", year: 2026 };

const gup = (id: string, what: string, us: number, source: Case["source"], platform: string, pin: PinWords): Case => ({
  id,
  class: "pin",
  what,
  platform,
  metric: "time",
  measured: microseconds(us),
  operation: { kind: "pin", page: 4096, threads: 1, ...pin },
  source,
});
type Pin = Extract<Case["operation"], { readonly kind: "pin" }>;
type PinWords = Pick<Pin, "size" | "part"> & Partial<Pin>;

/** gup_test touches its buffer first, makes a call for each page, and has all its threads pin the one buffer. */
const FORTY: PinWords = {
  size: 512 * MIB,
  part: "pin",
  threads: 40,
  cores: 20,
  memory: "of all threads",
  pages_per_call: 1,
};
const BOARD: PinWords = { size: 128 * MIB, part: "pin", pages_per_call: 1 };
const HUGE: PinWords = { size: 16 * GIB, part: "pin", page: 1073741824, pages_per_call: 512 };

const GUP_CASES: readonly Case[] = [
  gup("GUP-001", "pin 16 GiB of 1 GiB pages, references page by page", 87_600, HUGETLB, "gup-hugetlb", {
    ...HUGE,
    taken: "page by page",
  }),
  gup("GUP-001-BATCHED", "pin 16 GiB of 1 GiB pages, references at once", 12_800, HUGETLB, "gup-hugetlb", HUGE),
  gup("GUP-001-AFTER", "the same with a quicker list of pages", 5_800, HUGETLB, "gup-hugetlb", HUGE),
  gup("GUP-002", "40 threads pin the same 512 MiB", 89_144.65, XU, "e5-40-cpus", FORTY),
  gup("GUP-003", "40 threads pin the same 512 MiB and mark the process", 477_729.97, XU, "e5-40-cpus", {
    ...FORTY,
    marked: "at each call",
  }),
  gup("GUP-004", "unpin 512 MiB, the first of 40 threads", 7041, XU, "e5-40-cpus", { ...FORTY, part: "unpin" }),
  gup("GUP-005", "get_user_pages of 128 MiB", 36_058, CKI, "automotive-board", BOARD),
  gup("GUP-005-PUT", "put_page of 128 MiB", 818, CKI, "automotive-board", { ...BOARD, part: "unpin" }),
  gup("GUP-006", "pin_user_pages of 128 MiB", 38_827, CKI, "automotive-board", BOARD),
  gup("GUP-006-PUT", "unpin_user_pages of 128 MiB", 2214, CKI, "automotive-board", { ...BOARD, part: "unpin" }),
];

type Register = Extract<Case["operation"], { readonly kind: "register" }>;
const registered = (
  id: string,
  what: string,
  source: Case["source"],
  platform: string,
  us: number,
  words: Pick<Register, "size" | "part"> & Partial<Register>,
): Case => ({
  id,
  class: "pin",
  what,
  platform,
  metric: "time",
  measured: microseconds(us),
  machine: words.device === "gpu0" ? GPU : ADAPTER,
  operation: { kind: "register", device: "nic0", page: 4096, ...words },
  source,
});
const REGION = { size: GIB, page: 2097152, adapter: "software", part: "both" } as const;
const TIER = { device: "gpu0", part: "register", size: 1_500_000_000_000 } as const;
const AT_LEAST = "a lower bound: the source says more than";

const REGISTER_CASES: readonly Case[] = [
  registered(
    "MRREG-001",
    "register 1 GiB of huge pages and undo it, unpinning page by page",
    UMEM,
    "kvm-rxe",
    8480.335,
    {
      ...REGION,
      dropped: "page by page",
    },
  ),
  registered("MRREG-002", "register 1 GiB of huge pages and undo it, unpinning at once", UMEM, "kvm-rxe", 1860.786, {
    ...REGION,
    dropped: "compound page by compound page",
  }),
  {
    ...registered(
      "REG-001",
      "register 256 GiB with an adapter",
      { origin: "ofiwg/libfabric issue 4738", where: "the issue", year: 2019 },
      "libfabric-verbs",
      20e6,
      { size: 256 * GIB, part: "register" },
    ),
    note: AT_LEAST,
  },
  registered("REG-002", "hipHostRegister of 1.5 TB of 4 KiB pages", MORI, "mi355x", 242.4e6, TIER),
  registered("REG-003", "hipHostRegister of 1.5 TB of huge pages", MORI, "mi355x", 98.2e6, { ...TIER, page: 2097152 }),
  registered("REG-004", "hipHostRegister of 512 GiB of 4 KiB pages", MORI, "mi355x", 98.5e6, {
    ...TIER,
    size: 512 * GIB,
  }),
  registered("REG-005", "hipHostRegister of 512 GiB of huge pages", MORI, "mi355x", 36.4e6, {
    ...TIER,
    size: 512 * GIB,
    page: 2097152,
  }),
  {
    ...registered(
      "REG-006",
      "register 500 GB with an adapter",
      { origin: "Mooncake issue 848", where: "a comment", year: 2025 },
      "mooncake",
      87e6,
      { size: 499_999_997_952, part: "register" },
    ),
    note: `${AT_LEAST}; with how many adapters is not stated`,
  },
  {
    ...registered(
      "REG-007",
      "ibv_reg_mr of a small buffer",
      { origin: "ut-osa/gpunet", where: "issue 1", year: 2015 },
      "gpunet",
      60,
      { size: 4096, part: "register" },
    ),
    note: "about; size not stated",
  },
];

type DevicePart = Extract<Case["operation"], { readonly kind: "pin device memory" }>["part"];
const onGpu = (id: string, part: DevicePart, what: string, us: number): Case => ({
  id,
  class: "pin",
  what,
  platform: "gdrcopy-v100",
  metric: "time",
  measured: microseconds(us),
  machine: GPU,
  operation: { kind: "pin device memory", device: "gpu0", size: 64 * KIB, part },
  source: GDRCOPY,
});

const PIN_CASES: readonly Case[] = [
  ...GUP_CASES,
  ...REGISTER_CASES,
  onGpu("GDRCOPY-017", "pin", "pin 64 KiB of a GPU's memory (nvidia_p2p_get_pages)", 1346.03406),
  onGpu("GDRCOPY-018", "map", "map 64 KiB of a GPU's memory (gdr_map)", 3.6038),
  onGpu("GDRCOPY-019", "unmap", "unmap 64 KiB of a GPU's memory (gdr_unmap)", 4.70093),
  onGpu("GDRCOPY-020", "unpin", "unpin 64 KiB of a GPU's memory (nvidia_p2p_put_pages)", 676.6128),
];

const XE: Case["source"] = { origin: "drm/pagemap", where: "Linux commit 192cb1f5cb16", year: 2026 };
const THP: Case["source"] = {
  origin: "page migration enhancement for thp",
  where: "Linux commit 88aaa2a1d732",
  year: 2017,
};
type PageSize = Extract<Case["operation"], { readonly kind: "migrate" }>["page"];
const moved = (id: string, what: string, size: number, page: PageSize, us: number, platform = "e5-2640v3"): Case => ({
  id,
  class: "migrate",
  what,
  platform,
  metric: "time",
  measured: microseconds(us),
  operation: { kind: "migrate", size, page, by: "move_pages" },
  source: THP,
});
const faulted = (id: string, what: string, page: PageSize, us: number): Case => ({
  id,
  class: "migrate",
  what,
  platform: "xe-svm",
  metric: "time",
  measured: microseconds(us),
  machine: { devices: { gpu0: device("gpu", X16_GEN4, root()) } },
  // The driver's largest chunk, 2 MiB, is one fault (drivers/gpu/drm/xe/xe_svm.c, fault_chunk_sizes).
  operation: { kind: "migrate", size: 2 * MIB, page, by: "device fault", device: "gpu0", batch: 512 },
  note: "GPU not stated; its copy of 2 MiB in 106 us needs 16 lanes of gen4, or 8 of gen5",
  source: XE,
});

const MIGRATE_CASES: readonly Case[] = [
  faulted("XESVM-001", "a GPU faults on 2 MiB of small pages, which move to it", 4096, 966),
  faulted("XESVM-001-THP", "a GPU faults on one huge page, which moves to it", 2097152, 132),
  moved("MIGR-001", "move_pages of one page of 4 KiB to the other socket", 4 * KIB, 4096, 62.47),
  moved("MIGR-002", "move_pages of one huge page to the other socket", 2 * MIB, 2097152, 658.54),
  moved("MIGR-003", "move_pages of 512 pages of 4 KiB to the other socket", 2 * MIB, 4096, 1987.38),
  moved("MIGR-004", "move_pages of one page of 64 KiB to the other socket", 64 * KIB, 65536, 49.3, "power8"),
  moved("MIGR-005", "move_pages of one page of 16 MiB to the other socket", 16 * MIB, 16777216, 2202.17, "power8"),
  moved("MIGR-006", "move_pages of 256 pages of 64 KiB to the other socket", 16 * MIB, 65536, 2543.65, "power8"),
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
