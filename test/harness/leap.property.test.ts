import fc from "fast-check";
import { expect, test } from "vitest";
import { PRESETS } from "../../machines/presets.ts";
import { result, run, type Words } from "./cells.ts";

/** Small constants make requests overlap in ways that typical ones never do. */
const constants = fc.record({
  "nvme.stripe_bytes": fc.constantFrom(512, 4096, 16384),
  "nvme.max_transfer": fc.constantFrom(4096, 16384, 131072),
  "nvme.command_latency": fc.constantFrom(0, 123, 1000),
  "nvme.read_latency": fc.constantFrom(0, 3333, 50000),
  "nvme.write_latency": fc.constantFrom(0, 100, 5200),
  "nvme.read_rate": fc.constantFrom(1e9, 2.4e9, 50e9),
  "iommu.flush_queue_entries": fc.constantFrom(3, 16, 250),
  "iommu.flush_timeout": fc.constantFrom(20e3, 10e6),
  "iommu.iotlb_entries": fc.constantFrom(4, 119),
  "credits.posted_header": fc.constantFrom(2, 64),
  "cpu.wakeup": fc.constantFrom(0, 10, 2000),
});

const cell: fc.Arbitrary<Words> = fc
  .record({
    machine: fc.constantFrom(...PRESETS.keys()),
    form: fc.constantFrom(
      "zone-device/as-posted",
      "staging/pipelined",
      "staging/naive",
      "iopmem/intended",
      "hmm/as-posted",
    ),
    workload: fc.constantFrom("storage-to-gpu" as const, "gpu-to-storage" as const),
    size: fc.constantFrom(512, 4096, 5000, 20480, 131072),
    count: fc.integer({ min: 30, max: 120 }),
    rest: fc.constantFrom(0, 100),
    depth: fc.integer({ min: 1, max: 7 }),
    reuse: fc.constantFrom(1, 3, 10, Number.POSITIVE_INFINITY),
    iommu: fc.constantFrom("off" as const, "lazy" as const, "strict" as const, "passthrough" as const),
    constants,
  })
  .map(({ count, rest, ...words }) => ({
    ...words,
    total: Math.min(count, Math.ceil(1e6 / words.size)) * words.size + rest,
  }));

test("A run that is leapt over ends like one that is not, to the tick, whatever it is asked for", () => {
  const methods: string[] = [];
  fc.assert(
    fc.property(cell, (words) => {
      const leapt = run({ ...words, leap: true });
      expect(result(leapt)).toEqual(result(run(words)));
      methods.push(leapt.method);
    }),
    { seed: 53, numRuns: 60 },
  );
  expect(methods.filter((method) => method === "leapt").length).toBeGreaterThan(20);
});
