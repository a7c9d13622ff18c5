import { describe, expect, it } from "vitest";
import type { Cell } from "../../record/cell.ts";
import { type Setting, settingsOf } from "../../reports/setting.ts";
import { bytes } from "../../sim/units.ts";
import { result } from "./results.ts";

const cells = (...parts: readonly Partial<Cell>[]): readonly Cell[] => parts.map((part) => result(part).cell);
const names = (settings: readonly Setting[]): readonly string[] => settings.map(({ name }) => name);

describe("settings that vary", () => {
  it("are none in a single cell: all are said once", () => {
    const { same, apart, named } = settingsOf(cells({}));
    expect(names(same)).toEqual(["iommu", "acs", "kernel", "depth", "reuse", "total", "ends"]);
    expect([...apart, ...named]).toEqual([]);
  });

  it("stay unsaid while BARs are as found, and set cells apart where they are not", () => {
    const sized = cells({}, { bar: bytes(2 ** 28) });
    expect(names(settingsOf(sized).apart)).toEqual(["bar"]);
    expect(names(settingsOf(sized.slice(1)).same)).toContain("bar");
  });

  it("set cells of one proposal apart", () => {
    expect(names(settingsOf(cells({ iommu: "off" }, { iommu: "strict" })).apart)).toEqual(["iommu"]);
  });

  it("say a background load only where there is one", () => {
    expect(names(settingsOf(cells({ dramLoad: 40e9 }, { dramLoad: 40e9 })).same)).toContain("load");
    const { apart } = settingsOf(cells({}, { initiators: 4 }, { dramLoad: 40e9 }));
    expect(names(apart)).toEqual(["initiators", "load"]);
    expect(apart.map(({ phrase }) => cells({ initiators: 4, dramLoad: 2.5e9 }).map(phrase))).toEqual([
      ["4 initiators"],
      ["DRAM load 2.5GB/s"],
    ]);
  });

  it("become part of a name where each form has its own: an upstream form runs on another kernel", () => {
    const { apart, named } = settingsOf(
      cells({ form: "as-posted", kernel: "4.9" }, { form: "upstream", kernel: "6.12" }),
    );
    expect([names(apart), names(named)]).toEqual([[], ["kernel"]]);
  });

  it("stay unsaid where they follow the workload: the ends of a transfer", () => {
    const { same, apart, named } = settingsOf(
      cells({ workload: "storage-to-gpu" }, { workload: "gpu-to-storage", from: "gpu0", to: "nvme0" }),
    );
    expect(names([...same, ...apart, ...named])).not.toContain("ends");
  });

  it("stay unsaid where they follow the size: the bytes in all", () => {
    const { apart, named } = settingsOf(
      cells(
        { requestBytes: bytes(4096), totalBytes: bytes(2 ** 20) },
        { requestBytes: bytes(65536), totalBytes: bytes(2 ** 24) },
      ),
    );
    expect([...apart, ...named]).toEqual([]);
  });

  it("set cells apart where they follow the size and should not: no line may join two settings", () => {
    const { apart } = settingsOf(
      cells({ requestBytes: bytes(4096), iommu: "off" }, { requestBytes: bytes(65536), iommu: "strict" }),
    );
    expect(names(apart)).toEqual(["iommu"]);
  });
});
