import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { Parameters } from "../../../calibration/parameters.ts";
import { nsOfTicks } from "../../../sim/units.ts";
import { predicted, published } from "./cases.ts";

type PerIo = Extract<Case["operation"], { readonly kind: "per-I/O" }>;
const perIo = (operation: Partial<PerIo>): Case => {
  const subject = published("IOMMUIO-003");
  return { ...subject, operation: { ...(subject.operation as PerIo), map: "once", size: 512, ...operation } };
};
/** A drive that is never the limit. */
const ENDLESS = { "nvme.read_rate": 100e9, "nvme.write_rate": 100e9 };
const TABLE = Parameters.typical();
const EACH = [
  "cpu.bio_submit",
  "cpu.nvme_submit",
  "cpu.nvme_prp_entry",
  "cpu.nvme_complete",
  "cpu.bio_complete",
] as const;
const each = EACH.reduce((sum, name) => sum + nsOfTicks(TABLE.span(name)), 0);
const once = nsOfTicks(TABLE.span("host.mmio_write"));
const call = nsOfTicks(TABLE.span("cpu.syscall"));

describe("Requests that one core issues", () => {
  it("cost a doorbell each, by themselves", () => {
    const rate = predicted(perIo({ completions: "polled", in_flight: 128 }), ENDLESS);
    expect(Math.abs(rate / (1e9 / (each + once)) - 1)).toBeLessThan(0.015);
  });

  it.each([2, 8, 32])("cost one doorbell and one call for all %i of a batch", (batch) => {
    const rate = predicted(perIo({ completions: "polled", in_flight: 128, batch }), ENDLESS);
    expect(Math.abs(rate / (1e9 / (each + (once + call) / batch)) - 1)).toBeLessThan(0.015);
  });

  it("are all served where a batch wants more tags than a queue has", () => {
    const rate = predicted(perIo({ completions: "polled", in_flight: 1100, batch: 1100 }), ENDLESS);
    expect(rate).toBeGreaterThan(5e5);
  });

  it.each([2, 3])("are as many times as many on %i cores, each with a queue of its own", (cores) => {
    const one = predicted(perIo({ completions: "polled", in_flight: 64 }), ENDLESS);
    const all = predicted(perIo({ completions: "polled", in_flight: 64 * cores, cores }), ENDLESS);
    expect(Math.abs(all / (cores * one) - 1)).toBeLessThan(0.02);
  });

  it("are reads unless they are said to be writes, which the drive takes at its own rate", () => {
    const slow = { "nvme.read_rate": 100e9, "nvme.write_rate": 100e6 };
    const size = 4096;
    expect(predicted(perIo({ size, in_flight: 32 }), slow)).toBe(
      predicted(perIo({ size, in_flight: 32, access: "read" }), slow),
    );
    const written = predicted(perIo({ size, in_flight: 32, access: "write" }), slow);
    expect(Math.abs((written * size) / 100e6 - 1)).toBeLessThan(0.02);
    const batched = predicted(perIo({ size, in_flight: 32, access: "write", batch: 4 }), slow);
    expect(Math.abs((batched * size) / 100e6 - 1)).toBeLessThan(0.02);
  });
});
