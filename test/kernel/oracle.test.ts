import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countOf, KIB, MIB, run, type Words } from "../harness/cells.ts";

/**
 * What a real Linux 6.12 did under QEMU, transfer by transfer (../shared/data/kernel/README.md), against what our 4.9 counts. The two
 * kernels do the same number of the things below. Where they differ in name: 6.12 pins with pin_user_pages_fast and unpins a folio per
 * page, 4.9 takes and drops a page reference with get_user_pages_fast and put_page. Where they differ in number is said at the end.
 */
const FILE = new URL("../../../shared/data/kernel/operation-counts.csv", import.meta.url);
const PRESENT = existsSync(FILE);
const RECORDED = PRESENT ? recordings() : new Map<string, number>();

/** QEMU's drive takes 512 KiB a command; behind VT-d the driver keeps to 128 KiB (dma_opt_mapping_size, which 4.9 does not have). */
const WITHOUT_IOMMU = { "nvme.max_transfer": 512 * KIB };
const BEHIND_VTD = { "nvme.max_transfer": 128 * KIB };

interface Pair {
  readonly boot: string;
  readonly transfer: string;
  readonly words: Words;
}
const whole = { size: MIB, total: MIB, depth: 1 };
const pieces = { size: 4 * KIB, total: MIB, depth: 1 };

const PAIRS: readonly Pair[] = [
  { boot: "amd-zen,off", transfer: "p2p-read-B-to-cmbA-1MiB", words: { ...whole, constants: WITHOUT_IOMMU } },
  {
    boot: "amd-zen,off",
    transfer: "p2p-read-B-to-cmbA-4KiB",
    words: { ...pieces, total: 4 * KIB, constants: WITHOUT_IOMMU },
  },
  { boot: "amd-zen,off", transfer: "p2p-read-B-to-cmbA-1MiB-by-4KiB", words: { ...pieces, constants: WITHOUT_IOMMU } },
  {
    boot: "amd-zen,off",
    transfer: "p2p-write-cmbA-to-B-1MiB",
    words: { ...whole, workload: "gpu-to-storage", constants: WITHOUT_IOMMU },
  },
  { boot: "amd-zen,off", transfer: "dram-read-B-1MiB", words: { ...whole, constants: WITHOUT_IOMMU } },
  {
    boot: "amd-zen,vt-d lazy",
    transfer: "dram-read-B-1MiB",
    words: { ...whole, iommu: "lazy", constants: BEHIND_VTD },
  },
  {
    boot: "amd-zen,vt-d lazy",
    transfer: "dram-read-B-1MiB-by-4KiB",
    words: { ...pieces, iommu: "lazy", constants: BEHIND_VTD },
  },
];

/** Ours, theirs. */
const SAME_COUNT = [
  ["cpu.syscall", "__x64_sys_pread64"],
  ["cpu.gup_fixed", "pin_user_pages_fast"],
  ["cpu.gup_page", "try_grab_folio_fast"],
  ["cpu.put_page", "unpin_user_folio"],
  ["cpu.bio_submit", "submit_bio"],
  ["cpu.nvme_submit", "nvme_queue_rq"],
  ["cpu.nvme_complete", "nvme_complete_rq"],
] as const;

describe.skipIf(!PRESENT)("A real kernel's counts (skipped where ../shared/data is absent)", () => {
  test.each(PAIRS)("$transfer on $boot: $words.size bytes a request", ({ boot, transfer, words }) => {
    const recorded = (name: string): number | undefined => RECORDED.get(`${boot},${transfer},${name}`);
    const outcome = run(words);
    const call = transfer.includes("write") ? "__x64_sys_pwrite64" : "__x64_sys_pread64";
    for (const [ours, theirs] of SAME_COUNT) {
      const count = recorded(theirs === "__x64_sys_pread64" ? call : theirs);
      expect(`${ours} ${countOf(outcome, ours)}`).toBe(`${ours} ${count}`);
    }
  });

  test("commands are 2 a MiB at 512 KiB and 8 at 128 KiB, pages 256", () => {
    expect(RECORDED.get("amd-zen,off,dram-read-B-1MiB,nvme_queue_rq")).toBe(2);
    expect(RECORDED.get("amd-zen,vt-d lazy,dram-read-B-1MiB,nvme_queue_rq")).toBe(8);
    expect(RECORDED.get("amd-zen,off,dram-read-B-1MiB,unpin_user_folio")).toBe(256);
  });

  test("differs: the kernel maps each command's part of a request on its own, this model a whole request at once", () => {
    const mapped = (words: Words, name: string): number => countOf(run(words), name);
    expect(RECORDED.get("amd-zen,off,p2p-read-B-to-cmbA-1MiB,dma_map_sgtable")).toBe(2);
    expect(mapped({ ...whole, constants: WITHOUT_IOMMU }, "cpu.dma_map_entry")).toBe(1);
    expect(RECORDED.get("amd-zen,vt-d lazy,dram-read-B-1MiB,iommu_dma_map_sg")).toBe(8);
    expect(mapped({ ...whole, iommu: "lazy", constants: BEHIND_VTD }, "iommu.map_fixed")).toBe(1);
    // At one command a request, which is all that short requests need, the two agree again.
    expect(RECORDED.get("amd-zen,vt-d lazy,dram-read-B-1MiB-by-4KiB,iommu_dma_alloc_iova")).toBe(256);
    expect(mapped({ ...pieces, iommu: "lazy", constants: BEHIND_VTD }, "iommu.map_fixed")).toBe(256);
  });

  test("struct pages: one page map, initialised once for its whole range", () => {
    expect(RECORDED.get("amd-zen,off,lab-add_resource-64MiB,memmap_init_zone_device")).toBe(1);
    expect(RECORDED.get("amd-zen,off,lab-add_resource-64MiB,devm_memremap_pages")).toBe(1);
  });
});

/** Counts by "cpu,iommu,transfer,function". */
function recordings(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(FILE, "utf8").split("\n").slice(1)) {
    const [, cpu, iommu, transfer, , name, count] = line.split(",");
    if (name !== undefined) counts.set(`${cpu},${iommu},${transfer},${name}`, Number(count));
  }
  return counts;
}
