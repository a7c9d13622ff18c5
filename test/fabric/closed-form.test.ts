import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkTicksPerByte } from "../../calibration/link-rate.ts";
import { ticksOfNs } from "../../sim/units.ts";
import { closedForm, postedWindow } from "./closed-form.ts";
import { type OneFlow, simulated } from "./one-flow.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const ABOVE_4_GIB = 2 ** 40;
const BELOW_4_GIB = 3 * 2 ** 30;

const hop = (generation: 1 | 2 | 3 | 4 | 5, width: number, ns = 10): OneFlow["first"] => ({
  ticksPerByte: linkTicksPerByte(generation, width),
  flight: ticksOfNs(ns),
});

/** gen3 x16 on both sides, nothing ever the limit but the links. */
const PLAIN: OneFlow = {
  first: hop(3, 16),
  second: hop(3, 16),
  residence: ticksOfNs(110),
  cutThroughBytes: 32,
  postedHeaders: 1024,
  postedData: 65536,
  creditLatency: ticksOfNs(60),
  maxPayload: 256,
  maxReadRequest: 512,
  tags: 256,
  readLatency: ticksOfNs(340),
  readTicksPerByte: 0,
  address: ABOVE_4_GIB,
};

/** Every way in which a stage or a window of the formula may be the limit. */
const FLOWS: readonly (readonly [string, Partial<OneFlow>])[] = [
  ["two equal links", {}],
  ["gen1 x1 on both sides", { first: hop(1, 1), second: hop(1, 1) }],
  ["a drive's gen3 x4 onto a faster link", { first: hop(3, 4) }],
  ["a drive's gen3 x4 below a switch of faster links", { second: hop(3, 4) }],
  ["gen5 x16 onto gen4 x8", { first: hop(5, 16), second: hop(4, 8) }],
  ["gen2 x8 onto gen5 x16, so nearly store and forward", { first: hop(2, 8), second: hop(5, 16) }],
  ["long wires of unequal length", { first: hop(3, 16, 75), second: hop(3, 8, 20) }],
  ["MPS 128", { maxPayload: 128 }],
  ["MPS 512", { maxPayload: 512 }],
  ["MPS 512, MRRS 128", { maxPayload: 512, maxReadRequest: 128 }],
  ["MRRS 4096, sixteen completions each", { maxReadRequest: 4096 }],
  ["addresses below 4 GiB, so headers of 12 B", { address: BELOW_4_GIB }],
  ["8 posted headers, which bind", { postedHeaders: 8 }],
  ["64 units of posted data, which bind", { postedData: 64 }],
  ["room for a single packet", { postedData: 16, postedHeaders: 1 }],
  ["posted credits that bind, onto a slower link", { postedHeaders: 4, second: hop(3, 8) }],
  ["posted credits that bind, onto a faster link", { postedHeaders: 4, first: hop(3, 8) }],
  ["8 tags, which bind", { tags: 8 }],
  ["a single tag", { tags: 1, maxReadRequest: 4096 }],
  ["5 tags, which divide no size", { tags: 5 }],
  ["tags that bind on unequal links", { tags: 3, first: hop(3, 4), second: hop(4, 16) }],
  ["a target that serves reads at 6 GB/s", { readTicksPerByte: 683 }],
  ["a slow target and few tags", { readTicksPerByte: 683, tags: 6 }],
  ["no cut through", { cutThroughBytes: 4096 }],
];

const SIZES: readonly number[] = [4 * KIB, 16 * KIB, 64 * KIB, 1 * MIB];

describe("A single flow through one switch ends when the closed form says, to the tick", () => {
  describe.each(FLOWS)("%s", (_name, change) => {
    const flow = { ...PLAIN, ...change };
    test.each(SIZES)("writing %i B", (length) => {
      expect(simulated(flow, false, length)).toBe(closedForm(flow, false, length));
    });
    test.each(SIZES)("reading %i B", (length) => {
      expect(simulated(flow, true, length)).toBe(closedForm(flow, true, length));
    });
  });

  test.each(FLOWS.filter(([name]) => name.includes("bind")))("and a window is the limit with %s", (_name, change) => {
    const flow = { ...PLAIN, ...change };
    const endless = { ...flow, postedHeaders: 1024, postedData: 65536, tags: 1024 };
    const late = (reads: boolean): number => closedForm(flow, reads, MIB) - closedForm(endless, reads, MIB);
    expect(late(false) + late(true)).toBeGreaterThan(0);
  });

  test("whatever the links, sizes, credits, tags and latencies (writes)", () => {
    fc.assert(
      fc.property(arbitraryFlow(), fc.integer({ min: 1, max: 512 }), (flow, packets) => {
        const length = packets * flow.maxPayload;
        expect(simulated(flow, false, length)).toBe(closedForm(flow, false, length));
      }),
      { numRuns: 400 },
    );
  });

  test("whatever the links, sizes, credits, tags and latencies (reads)", () => {
    fc.assert(
      fc.property(arbitraryFlow(), fc.integer({ min: 1, max: 256 }), (flow, requests) => {
        const length = requests * flow.maxReadRequest;
        expect(simulated(flow, true, length)).toBe(closedForm(flow, true, length));
      }),
      { numRuns: 400 },
    );
  });
});

describe("The closed form agrees with what the model's notes worked out by hand", () => {
  test("64 units of posted data and a loop of 189.0625 ns let 5.4162 GB/s through", () => {
    // 4 packets of 256 B a loop: 10 flight + 110 switch + 32 B x 65/1024 ns cut through = 122.03; the rest is the credit's way back.
    const flow = { ...PLAIN, postedData: 64, creditLatency: ticksOfNs(189.0625 - 122.03125) };
    const [short, long] = [64 * KIB, 2 * MIB];
    const span = simulated(flow, false, long) - simulated(flow, false, short);
    expect(((long - short) / (span / 4096)).toFixed(4)).toBe("5.4162");
  });

  test("32 tags of 512 B at a round trip of 1 us let 16.4 GB/s through", () => {
    const flow = { ...PLAIN, first: hop(5, 16), second: hop(5, 16), tags: 32 };
    const rest = simulated(flow, true, 512) - flow.readLatency;
    const slow = { ...flow, readLatency: ticksOfNs(1000) - rest };
    const span = simulated(slow, true, 2 * MIB) - simulated(slow, true, MIB);
    expect((MIB / (span / 4096)).toFixed(1)).toBe("16.4");
  });
});

/** Any flow for which the closed form's conditions hold. */
function arbitraryFlow(): fc.Arbitrary<OneFlow> {
  const anyHop = fc
    .tuple(fc.constantFrom<(1 | 2 | 3 | 4 | 5)[]>(1, 2, 3, 4, 5), fc.constantFrom(1, 2, 4, 8, 16), fc.nat(100))
    .map(([generation, width, ns]) => hop(generation, width, ns));
  return fc
    .record({
      first: anyHop,
      second: anyHop,
      residence: fc.nat(200 * 4096),
      cutThroughBytes: fc.constantFrom(16, 32, 64, 128),
      postedHeaders: fc.integer({ min: 1, max: 128 }),
      postedData: fc.integer({ min: 32, max: 2048 }),
      creditLatency: fc.nat(400 * 4096),
      maxPayload: fc.constantFrom(128, 256, 512),
      maxReadRequest: fc.constantFrom(128, 256, 512, 1024, 2048, 4096),
      tags: fc.integer({ min: 1, max: 64 }),
      readLatency: fc.nat(1000 * 4096),
      readTicksPerByte: fc.oneof(fc.constant(0), fc.nat(3000)),
      address: fc.constantFrom(ABOVE_4_GIB, BELOW_4_GIB),
    })
    .filter((flow) => postedWindow(flow) >= 1);
}
