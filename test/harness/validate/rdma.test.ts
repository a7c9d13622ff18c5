import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { predicted, published } from "./cases.ts";

type Rdma = Extract<Case["operation"], { readonly kind: "rdma" }>;
const message = (id: string, operation: Partial<Rdma>): Case => {
  const subject = published(id);
  return { ...subject, operation: { ...(subject.operation as Rdma), ...operation } };
};

describe("Messages between two adapters", () => {
  it.each([12.5e9, 5e9])("that are long fill the line: %d B/s", (rate) => {
    expect(predicted(published("ROCRDMA-016"), { "nic.line_rate": rate }) / rate).toBeCloseTo(1, 2);
  });

  it("are as fast as the core that posts them where they are small", () => {
    const posting = 100 + 90;
    expect(predicted(published("ROCRDMA-002")) / ((2 * 1e9) / posting)).toBeCloseTo(1, 1);
  });

  it("take longer by what the line needs for their bytes, pipelined with both buses", () => {
    const [short, long] = [2, 2 ** 20].map((size) => predicted(message("ROCRDMA-001", { size })));
    const line = (2 ** 20 * 1e9) / 12.5e9;
    expect((long ?? 0) - (short ?? 0)).toBeGreaterThan(line * 0.99);
    expect((long ?? 0) - (short ?? 0)).toBeLessThan(line * 1.1);
  });

  it("start at each adapter once", () => {
    const plain = predicted(published("ROCRDMA-001"));
    expect(predicted(published("ROCRDMA-001"), { "nic.start_latency": 1400 }) - plain).toBeCloseTo(2000, 0);
  });

  it("do not leave a GPU that the sender cannot read", () => {
    const subject = { ...message("ROCRDMA-001", {}), platform: "i9-9900k" };
    expect(() => predicted(subject)).toThrow("cannot reach");
  });
});
