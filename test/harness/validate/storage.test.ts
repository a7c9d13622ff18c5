import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { Parameters } from "../../../calibration/parameters.ts";
import { nsOfTicks } from "../../../sim/units.ts";
import { predicted, published } from "./cases.ts";

type Storage = Extract<Case["operation"], { readonly kind: "storage" }>;
const storage = (id: string, metric: Case["metric"], operation: Partial<Storage> = {}): Case => {
  const subject = published(id);
  return { ...subject, metric, operation: { ...(subject.operation as Storage), ...operation } };
};

describe("Drives", () => {
  it("are told of in requests, bytes and time, which agree", () => {
    const [rate, bandwidth, latency] = (["rate", "bandwidth", "latency"] as const).map((metric) =>
      predicted(storage("GDS-006", metric)),
    );
    expect((bandwidth ?? 0) / (4096 * (rate ?? 1))).toBeCloseTo(1, 6);
    expect((latency ?? 0) / ((8 * 1e9) / (rate ?? 1))).toBeCloseTo(1, 6);
  });

  it("serve threads that each wait for one request in proportion to their number", () => {
    const [four, sixteen] = ["GDS-005", "GDS-007"].map((id) => predicted(published(id)));
    expect((sixteen ?? 0) / (four ?? 1)).toBeCloseTo(4, 1);
  });

  it("are kept waiting by one core, which needs as long for each request as its parts", () => {
    const each = ["cpu.syscall", "cpu.bio_submit", "cpu.nvme_submit", "cpu.nvme_prp_entry", "host.mmio_write"] as const;
    const rest = ["cpu.nvme_complete", "cpu.bio_complete"] as const;
    const table = Parameters.typical();
    const busy = [...each, ...rest].reduce((sum, name) => sum + nsOfTicks(table.span(name)), 0);
    const [one, many] = [1, 64].map((cores) => predicted(storage("GDS-009", "rate", { cores })));
    expect(one).toBeLessThan(1e9 / busy);
    expect(one).toBeGreaterThan(1e9 / (busy + nsOfTicks(table.span("cpu.interrupt"))));
    expect(many).toBeGreaterThan(1.2 * (one ?? 0));
  });

  it("take a GPU's own commands as fast as their controllers can", () => {
    expect(predicted(published("BAM-002"), { "nvme.command_interval": 2000 }) / 5e5).toBeCloseTo(1, 1);
    expect(predicted(published("BAM-003"), { "nvme.command_interval": 2000 }) / 1e6).toBeCloseTo(1, 1);
  });

  it("answer a GPU that drives them without the kernel: what a bio costs changes nothing", () => {
    const subject = published("BAM-001");
    expect(predicted(subject, { "cpu.bio_submit": 50_000 })).toBe(predicted(subject));
  });

  it("serve nobody's own queues in system memory", () => {
    const subject = storage("BAM-001", "rate", { with: "memory 0" });
    expect(() => predicted(subject)).toThrow("its own memory");
  });

  it("move a long request as one, not as pieces that wait for each other", () => {
    const slow = { "nvme.read_latency": 1e6 };
    const [short, long] = [2 ** 20, 16 * 2 ** 20].map((size) =>
      predicted(storage("SMARTSSD-023", "bandwidth", { size }), slow),
    );
    expect((long ?? 0) / (short ?? 1)).toBeGreaterThan(2);
  });
});
