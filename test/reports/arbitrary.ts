import fc from "fast-check";
import type { Cell } from "../../record/cell.ts";
import type { Measure } from "../../record/measure.ts";
import { METRICS } from "../../record/metric.ts";
import type { Outcome } from "../../record/outcome.ts";
import type { Result } from "../../record/result.ts";
import { bytes } from "../../sim/units.ts";
import { measure, result } from "./results.ts";

/** Text with all that CSV, terminals and SVG trip over. */
export const awkward: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom(
    "",
    " ",
    ",",
    '"',
    '""',
    "\n",
    "\r\n",
    "a\rb",
    "=1+1",
    "-x",
    "+x",
    "@x",
    "'",
    "<&>",
    "inf",
    "\u0000",
    "\u001b[2J",
  ),
);

const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeNat());

const someMeasure: fc.Arbitrary<Measure> = fc
  .record({
    metric: fc.constantFrom(...Object.keys(METRICS)),
    subject: awkward,
    stat: fc.constantFrom("mean", "p50", "total"),
    value: number,
    nearest: awkward,
  })
  .map(({ metric, subject, stat, value, nearest }) =>
    measure(metric, value, { subject, stat, basis: { basis: "assumed", nearest, sourceKind: "paper" } }),
  );

/** What the charts draw; throughputs of any size, from nothing to far too much. */
const drawnMeasures: fc.Arbitrary<readonly Measure[]> = fc
  .tuple(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e15, noNaN: true })), fc.maxSafeNat())
  .map(([rate, crossed]) => [
    measure("throughput", rate, { stat: "mean" }),
    measure("root_complex_payload_bytes", crossed),
    measure("root_complex_control_bytes", crossed % 4096),
  ]);

const someCell: fc.Arbitrary<Partial<Cell>> = fc.record({
  proposal: fc.oneof(fc.constantFrom("staging", "zone-device", "hmm"), awkward),
  form: fc.constantFrom("as-posted", "upstream", "draft"),
  workload: fc.constantFrom("storage-to-gpu", "gpu-to-storage"),
  machine: fc.oneof(fc.constantFrom("one-switch", "host.lspci.txt"), awkward),
  requestBytes: fc.constantFrom(512, 4096, 65536, 1000000).map(bytes),
  iommu: fc.constantFrom("off", "strict"),
  initiators: fc.constantFrom(1, 3),
  dramLoad: fc.constantFrom(0, 40e9),
  reuse: fc.constantFrom(1, 100, Number.POSITIVE_INFINITY),
  rep: fc.nat(2),
});

const someOutcome: fc.Arbitrary<Partial<Outcome>> = fc.record({
  status: fc.constantFrom("completed", "staged", "refused", "corrupt", "hung", "failed", "inapplicable"),
  reason: awkward,
  measures: fc.oneof(drawnMeasures, fc.array(someMeasure, { maxLength: 4 })),
  verdicts: fc.array(
    fc.record({
      invariant: fc.constantFrom("bytes-conserved", "no-dma-after-unmap"),
      verdict: fc.constantFrom("holds", "broken", "unknown"),
      because: awkward,
    }),
    { maxLength: 2 },
  ),
});

/** Any results at all, duplicates and nonsense among them. */
export const someResults: fc.Arbitrary<readonly Result[]> = fc.array(
  fc.tuple(someCell, someOutcome).map(([cell, outcome]) => result(cell, outcome)),
  { maxLength: 8 },
);

/** The same results in another order. */
export function shuffledWith<T>(items: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}
