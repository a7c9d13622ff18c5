import { describe, expect, test } from "vitest";
import { memoryBarOf } from "../../fabric/memory-bar.ts";
import { MachineVariants } from "../../harness/machine-variants.ts";
import { bytes } from "../../sim/units.ts";
import { endpointOf, GIB, KIB, MIB, machineOf, measured, run, type Words } from "./cells.ts";

const AS_FOUND = { iommu: "off", acs: "as-found", bar: "as-found" } as const;

describe("A machine under the settings of a cell", () => {
  test("is the machine as found where nothing is asked, and made once where something is", () => {
    const machine = machineOf("one-switch");
    const variants = new MachineVariants(machine);
    expect(variants.under(AS_FOUND)).toBe(machine);
    const sized = { ...AS_FOUND, bar: bytes(256 * MIB) };
    expect(memoryBarOf(endpointOf(variants.under(sized), "gpu"))?.size).toBe(256 * MIB);
    expect(variants.under(sized)).toBe(variants.under(sized));
  });

  test("has under --acs linux what Linux sets with the IOMMU of the cell, so payload climbs where it would turn", () => {
    const crossed = (words: Words) => measured(run({ ...words, total: 64 * 4 * KIB }), "root_complex_payload_bytes");
    expect(crossed({ acs: "linux" })).toBe(0);
    for (const iommu of ["lazy", "strict", "passthrough"] as const) {
      expect(crossed({ acs: "linux", iommu })).toBe(2 * 64 * 4 * KIB);
      expect(crossed({ acs: "linux", iommu })).toBe(crossed({ acs: "on", iommu }));
    }
    expect(crossed({ acs: "as-found", iommu: "passthrough" })).toBe(0);
  });
});

describe("By the size of a BAR", () => {
  const of = (form: string, bar: number) => run({ form, bar: bytes(bar) });

  test("struct pages take a sixty-fourth of it in whole sections, and setting up takes as long as there are pages", () => {
    for (const form of ["zone-device/as-posted", "iopmem/intended", "hmm/as-posted"]) {
      const outcomes = [MIB, 256 * MIB, 16 * GIB, 128 * GIB].map((bar) => of(form, bar));
      const bytesOf = outcomes.map((each) => measured(each, "struct_page_bytes"));
      expect(bytesOf).toEqual([2 * MIB, 4 * MIB, 256 * MIB, 2 * GIB]);
      const times = outcomes.map((each) => measured(each, "setup_time"));
      expect([...times].sort((a, b) => a - b)).toEqual(times);
    }
  });

  test("the window that must stay is all of it with struct pages, what is mapped without, and none when staging", () => {
    const windows = (form: string, workload: Words["workload"] = "gpu-to-gpu") =>
      measured(run({ form, workload, bar: bytes(16 * GIB), depth: 4 }), "bar_window_bytes");
    expect(windows("zone-device/as-posted")).toBe(16 * GIB);
    expect(windows("iopmem/intended")).toBe(16 * GIB);
    expect(windows("map-peer-resource/intended")).toBe(4 * 4 * KIB);
    expect(windows("rdma-dma-buf/as-posted")).toBe(4 * 4 * KIB);
    for (const form of ["staging/pipelined", "staging/naive", "hmm/as-posted"]) expect(windows(form)).toBe(0);
  });

  test("what does not fit is refused, and staging does not care", () => {
    const words: Words = { size: 2 * MIB, depth: 1, total: 4 * MIB, bar: bytes(MIB) };
    expect(run({ ...words, form: "zone-device/as-posted" })).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("ENOSPC"),
    });
    const staged = (bar: Words["bar"]) => run({ ...words, form: "staging/pipelined", ...(bar && { bar }) });
    expect(staged(bytes(MIB)).measures).toEqual(staged("as-found").measures);
  });

  test("part of the payload is staged where part of the memory found room, and the reason says how much", () => {
    const words: Words = { form: "hmm/intended", workload: "gpu-to-gpu", size: 64 * KIB, depth: 32, total: 16 * MIB };
    const { status, reason } = run({ ...words, bar: bytes(MIB) });
    expect(status).toBe("staged");
    expect(reason).toMatch(/^\d\d % of the payload went through system memory, the rest from device to device$/);
    expect(run({ ...words, form: "staging/pipelined" }).reason).toBe("every byte went through system memory");
  });
});
