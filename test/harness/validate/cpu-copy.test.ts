import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { linkTicksPerByte } from "../../../calibration/link-rate.ts";
import { Parameters } from "../../../calibration/parameters.ts";
import { nsOfTicks } from "../../../sim/units.ts";
import { EIGHT_ON_ONE_BRIDGE, predicted, published } from "./cases.ts";

type Copy = Extract<Case["operation"], { readonly kind: "cpu copy" }>;
const TABLE = Parameters.typical();
const ns = (name: "rc.response_latency" | "rc.forward_latency" | "gpu.bar_read_latency" | "link.port_delay"): number =>
  nsOfTicks(TABLE.span(name));
const BYTE = nsOfTicks(linkTicksPerByte(3, 16));

const copy = (operation: Partial<Copy>, metric: "latency" | "bandwidth" = "latency"): Case => {
  const subject = published("GDRCOPY-003");
  return { ...subject, metric, operation: { ...(subject.operation as Copy), ...operation } };
};

/** A header of 24 B there, one of 20 B with the data back, two ports each way, the GPU, and the ways inside the root complex. */
const roundTrip = (length: number): number =>
  ns("rc.response_latency") +
  ns("rc.forward_latency") +
  ns("gpu.bar_read_latency") +
  4 * ns("link.port_delay") +
  (24 + 20 + length) * BYTE;

describe("A core's copy", () => {
  it.each([8, 64])("of %i B out of a BAR is one round trip, by hand", (size) => {
    expect(Math.abs(predicted(copy({ access: "load", size })) - roundTrip(size))).toBeLessThan(1);
  });

  it("out of an uncached BAR is a round trip for every eight bytes", () => {
    const span = predicted(copy({ access: "load", mapping: "uncached", size: 1024 }));
    expect(span / (128 * roundTrip(8))).toBeCloseTo(1, 3);
  });

  it("out of a write-combined BAR has as many lines under way as there are fill buffers", () => {
    const lines = 1000 * 10;
    const span = predicted(copy({ access: "load", size: 64 * lines }), { "host.fill_buffers": 10 });
    const line = span / lines;
    expect(line / (roundTrip(64) / 10)).toBeCloseTo(1, 1);
    const one = predicted(copy({ access: "load", size: 64 * 100 }), { "host.fill_buffers": 1 });
    expect(one / (100 * roundTrip(64))).toBeCloseTo(1, 3);
  });

  it("into a write-combined BAR fills the link with packets of one line, headers and all", () => {
    const rate = predicted(copy({ access: "store", size: 2 ** 20 }, "bandwidth"));
    const used = (1 - TABLE.share("link.skp_share")) * TABLE.share("link.efficiency");
    expect(rate / ((64 / (64 + 24)) * (1e9 / BYTE) * used)).toBeCloseTo(1, 1);
  });

  it("into a BAR is no faster than its buffers come free", () => {
    const hold = 1000;
    const rate = predicted(copy({ access: "store", size: 2 ** 20 }, "bandwidth"), { "host.fill_buffer_hold": hold });
    const bound = (10 * 64e9) / hold;
    expect(rate).toBeLessThanOrEqual(bound);
    expect(rate).toBeGreaterThan(0.9 * bound);
  });

  it("into an uncached BAR waits for every eight bytes until they are taken", () => {
    const rate = predicted(copy({ access: "store", mapping: "uncached", size: 2 ** 16 }, "bandwidth"));
    expect(rate / (8e9 / 25)).toBeCloseTo(1, 1);
  });

  it("comes back past a host bridge that has a ceiling towards memory", () => {
    const subject = { ...copy({ access: "load", size: 64 }), platform: "wrx90", machine: EIGHT_ON_ONE_BRIDGE };
    expect(predicted(subject)).toBeGreaterThan(ns("rc.response_latency") + ns("gpu.bar_read_latency"));
  });

  it("takes twice as long for twice as much, beyond what is simulated whole", () => {
    const [once, twice] = [2 ** 20, 2 ** 21].map((size) => predicted(copy({ access: "load", size })));
    expect((twice ?? 0) / (once ?? 1)).toBeCloseTo(2, 2);
  });
});

describe("A flag from a core to a GPU and back", () => {
  it("is longer than both ways on the wire and the two cores of the GPU, and grows with either of them", () => {
    const subject = published("GDRCOPY-021");
    const plain = predicted(subject);
    expect(predicted(subject, { "gpu.core_poll": 1251 }) - plain).toBeCloseTo(1000, 0);
    expect(predicted(subject, { "gpu.core_store": 1251 }) - plain).toBeCloseTo(1000, 0);
    expect(predicted(subject, { "rc.response_latency": 1183.14 }) - plain).toBeCloseTo(1000, 0);
  });
});

describe("A core's copy in memory", () => {
  it("takes what the table says of a byte", () => {
    expect(predicted(published("MEMCPY-001")) / (1e9 / 0.1149)).toBeCloseTo(1, 2);
  });
});
