import { existsSync, readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { CONSTANTS, type ConstantName } from "../../calibration/constants.ts";
import { MEASUREMENTS } from "../../calibration/measurements.ts";

const DATA = new URL("../../../shared/data/", import.meta.url);
/** The collected figures are for development only: where they are absent, these tests are skipped. */
const here = existsSync(new URL("constants.csv", DATA)) && existsSync(new URL("measured.csv", DATA));
const NEEDS = here ? "" : " (skipped: ../shared/data is absent)";

type Row = Readonly<
  Partial<Record<"name" | "low" | "typical" | "high" | "confidence" | "id" | "value" | "unit" | "year", string>>
>;
type Range = readonly [low: number, typical: number, high: number];
type Reading = (range: Range) => Range;

function rowsOf(file: string, key: "name" | "id"): ReadonlyMap<string, Row> {
  if (!here) return new Map();
  const rows = parse(readFileSync(new URL(file, DATA), "utf8"), { columns: true }) as Row[];
  return new Map(rows.map((row) => [row[key] ?? "", row]));
}

const collected = rowsOf("constants.csv", "name");
const measured = rowsOf("measured.csv", "id");

const times =
  (factor: number): Reading =>
  ([low, typical, high]) => [low * factor, typical * factor, high * factor];
const less =
  (part: number): Reading =>
  ([low, typical, high]) => [low - part, typical - part, high - part];
/** A rate as the time of one byte: the fastest is the least. */
const perByte =
  (bytesPerNs: number): Reading =>
  ([low, typical, high]) => [1 / (high * bytesPerNs), 1 / (typical * bytesPerNs), 1 / (low * bytesPerNs)];
const wholeOf: Reading = ([low, typical, high]) => [Math.floor(low), Math.floor(typical), Math.floor(high)];
const same = times(1);

const CORRESPONDING: readonly (readonly [ConstantName, string, Reading])[] = [
  ["link.port_delay", "pcie.port_delay", same],
  ["tlp.framing", "pcie.tlp.framing_nonflit", same],
  ["tlp.header_3dw", "pcie.tlp.hdr_3dw", same],
  ["tlp.header_4dw", "pcie.tlp.hdr_4dw", same],
  ["dllp.size", "pcie.dllp.size", same],
  ["rcb.root", "pcie.rcb.root", same],
  ["credits.posted_header", "pcie.credits.sim_default.PH", same],
  ["credits.posted_data", "pcie.credits.sim_default.PD", same],
  ["credits.nonposted_header", "pcie.credits.sim_default.NPH", same],
  ["switch.latency", "pcie.switch.cut_through.generic", same],
  ["rc.forward_latency", "pcie.rc.forward_latency", same],
  ["rc.xeon-snb.read_rate", "pcie.p2p.read.snb_rc", times(1e9)],
  ["rc.xeon-ivb.read_rate", "pcie.p2p.read.ivb_rc", times(1e9)],
  ["rc.socket_rate", "host.dram.bw_remote", times(1e9)],
  ["host.dram_latency", "host.dram.latency", same],
  ["host.copy", "host.memcpy.dram_1thread", perByte(1)],
  ["host.ddio_share", "host.ddio.capacity_fraction", same],
  ["host.wc_write", "host.mmio.write_bw_wc", perByte(1e-3)],
  ["host.mmio_write", "host.mmio.write_posted_latency_cpu", same],
  ["host.mmio_read", "host.mmio.read", same],
  ["cpu.mmu_notifier_invalidate", "k.mmu_notifier_invalidate", times(1e3)],
  ["cpu.device_fault", "k.uvm_gpu_fault", times(1e3)],
  ["cpu.dax_lookup", "k.dax_lookup", same],
  ["iommu.iotlb_entries", "host.iotlb.entries_effective", same],
  ["iommu.iotlb_miss", "host.iotlb.miss_cost", same],
  ["iommu.walkers", "host.iommu.walk_concurrency", wholeOf],
  ["cpu.syscall", "k.syscall", same],
  ["cpu.gup_fixed", "k.gup_fixed", less(166)],
  ["cpu.gup_page", "k.gup_fast_per_page", same],
  ["cpu.gup_subpage", "k.gup_thp_per_4k", same],
  ["cpu.put_page", "k.unpin_per_page", same],
  ["cpu.dma_map_entry", "k.dma_map_sg.nommu_per_entry", same],
  ["cpu.memmap_init_page", "k.memmap_init_zone_device", same],
  ["cpu.interrupt", "k.msi_to_handler", times(1e3)],
  ["cpu.wakeup", "k.irq_wakeup_ctxsw", times(1e3)],
  ["kernel.struct_page", "k.struct_page_bytes", same],
  ["kernel.section_bytes", "k.section_size", times(2 ** 20)],
  ["kernel.sg_entries_max", "k.sg_chunk", same],
  ["kernel.bio_vecs_max", "k.bio_max_vecs", same],
  ["nvme.sqe", "k.nvme_sqe", same],
  ["nvme.cqe", "k.nvme_cqe", same],
  ["nvme.read_rate", "nvme.optane_p4800x.bw_read", times(1e6)],
];

/** Where we differ on purpose. */
const DEVIATIONS: readonly (readonly [ConstantName, string, Reading, reason: string])[] = [
  [
    "iommu.invalidate",
    "host.iommu.sync_inval",
    times(1e3),
    "3 us is far above the 1.24 us that strict protection adds",
  ],
  ["iommu.flush_queue_entries", "host.iommu.flush_queue_entries", same, "250 in Linux 4.9, 256 in 6.12"],
  ["host.dram_rate", "host.dram.bw_per_socket", times(1e9), "one two-socket Xeon of 2018, not servers up to 2024"],
];

const rangeOf = (name: string): Range => {
  const { low, typical, high } = collected.get(name) ?? {};
  return [Number(low), Number(typical), Number(high)];
};
const ours = (name: ConstantName): Range => [CONSTANTS[name].low, CONSTANTS[name].typical, CONSTANTS[name].high];
/** Four digits are enough: we write the inverse of a rate with four. */
const agree = (one: Range, other: Range): boolean =>
  one.every((value, index) => Math.abs(value / (other[index] ?? Number.NaN) - 1) < 1e-3);

describe.skipIf(!here)(`Our constants and the collected figures${NEEDS}`, () => {
  it.each(CORRESPONDING)("agree on %s (%s)", (name, theirs, reading) => {
    const expected = reading(rangeOf(theirs));
    expect(agree(ours(name), expected), `${ours(name)} is not ${expected}`).toBe(true);
  });

  it.each(DEVIATIONS)("differ on %s (%s), for a reason that still holds", (name, theirs, reading, reason) => {
    expect(reason.length).toBeGreaterThan(10);
    expect(agree(ours(name), reading(rangeOf(theirs)))).toBe(false);
  });

  it("call assumed whatever the collection has from memory", () => {
    const remembered = CORRESPONDING.filter(([, theirs]) => collected.get(theirs)?.confidence === "memory");
    expect(remembered.length).toBeGreaterThan(3);
    for (const [name] of remembered) expect(["assumed", "spec"], name).toContain(CONSTANTS[name].kind);
  });
});

const BASE: Readonly<Record<string, number>> = { "GB/s": 1e9, "GiB/s": 2 ** 30, ns: 1, us: 1e3 };

describe.skipIf(!here)(`Our measurements and the collected ones${NEEDS}`, () => {
  const rows = MEASUREMENTS.filter(({ id }) => id !== "RTX6K-RC-DIRECT");

  it.each(rows.map((each) => [each.id, each] as const))("agree on %s", (id, { value, year, source }) => {
    const row = measured.get(id) ?? {};
    const parts = (row.value ?? "").split("-").map(Number);
    const middle = parts.reduce((sum, part) => sum + part, 0) / parts.length;
    expect(Math.abs(value / (middle * (BASE[row.unit ?? ""] ?? Number.NaN)) - 1)).toBeLessThan(1e-3);
    expect(year).toBe(Number(row.year));
    expect(source.length).toBeGreaterThan(15);
  });

  it("agree on the read that crosses a root complex and no switch", () => {
    const direct = MEASUREMENTS.find(({ id }) => id === "RTX6K-RC-DIRECT");
    expect(direct?.value).toBe(rangeOf("pcie.p2p.rtt_read128.rc_direct")[1]);
  });
});
