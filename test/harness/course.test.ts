import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import { refuse } from "../../kernel/refusal.ts";
import type { Form } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";
import { altered, watched } from "../proposals/watched.ts";
import { brokenIn, countOf, formOf, historyOf, KIB, measured, only, result, run, type Words } from "./cells.ts";

const ZONE_DEVICE = formOf("zone-device/as-posted");
const PAGES = 16;

/** Counts how often each verb returns. */
function verbsOf(words: Words): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const form = watched(formOf(words.form ?? ZONE_DEVICE), (verb) => {
    counts[verb] = (counts[verb] ?? 0) + 1;
  });
  run({ ...words, form });
  return counts;
}

describe("Reuse", () => {
  const cell: Words = { size: PAGES * 4 * KIB, total: 250 * PAGES * 4 * KIB, depth: 1 };

  // The mapping that is still held when the last request ends is taken down afterwards, and not counted.
  test.each([
    [1, 250, 250],
    [100, 3, 2],
    [125, 2, 2],
    [250, 1, 1],
    [Number.POSITIVE_INFINITY, 1, 0],
  ])("of %d requests a mapping makes %d mappings and %d unmappings of 250 requests", (reuse, maps, unmaps) => {
    for (const leap of [false, true]) {
      const outcome = run({ ...cell, reuse, leap });
      const counted = ["cpu.gup_fixed", "cpu.gup_page", "cpu.dma_map_entry", "cpu.put_page", "cpu.dma_unmap_entry"];
      expect(counted.map((each) => countOf(outcome, each))).toEqual([maps, maps * PAGES, maps, unmaps * PAGES, unmaps]);
      expect(countOf(outcome, "cpu.bio_submit")).toBe(250);
      expect(brokenIn(outcome)).toEqual([]);
    }
  });

  test("without end makes one mapping a lane", () => {
    const reused: Words = { ...cell, depth: 5, reuse: Number.POSITIVE_INFINITY };
    expect(verbsOf(reused)).toMatchObject({ alloc: 5, resolve: 5, map: 5, access: 250, unmap: 5, release: 5, free: 5 });
  });
});

describe("The queue", () => {
  test("has no more lanes than there are requests", () => {
    expect(verbsOf({ size: 4 * KIB, total: 3 * 4 * KIB, depth: 32 })).toMatchObject({ alloc: 3, access: 3, free: 3 });
    expect(verbsOf({ size: 4 * KIB, total: 3 * 4 * KIB + 1, depth: 32 })).toMatchObject({ alloc: 4, access: 4 });
  });

  test("serves a total that is less than one request", () => {
    for (const form of ["zone-device/as-posted", "staging/pipelined", "staging/naive"])
      for (const workload of ["storage-to-gpu", "gpu-to-storage"] as const) {
        const words: Words = { form, workload, size: 256 * KIB, total: 1000, depth: 4 };
        expect(only(historyOf(words), "served").map(({ length, error }) => `${length} ${error}`)).toEqual(["1000 "]);
        expect(["completed", "staged"]).toContain(run(words).status);
      }
  });

  test("serves the rest last, and only once", () => {
    const lengths = only(historyOf({ size: 8 * KIB, total: 3 * 8 * KIB + 100, depth: 1 }), "submitted");
    expect(lengths.map(({ length }) => length)).toEqual([8 * KIB, 8 * KIB, 8 * KIB, 100]);
  });

  test("never has more requests open than its depth, and always as many while work is left", () => {
    let open = 0;
    const depths: number[] = [];
    for (const { kind } of historyOf({ depth: 6 })) {
      if (kind === "submitted") open += 1;
      if (kind === "served") depths.push(open--);
    }
    expect([...new Set(depths.slice(0, 64 - 6))]).toEqual([6]);
    expect(depths.slice(-6)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test("may be deeper than the drive has tags: who comes late waits for one", () => {
    const slow = { "nvme.read_latency": 20e6 };
    const outcome = run({ depth: 1100, total: 1100 * 4 * KIB, iommu: "strict", constants: slow });
    expect(outcome.status).toBe("completed");
    expect(brokenIn(outcome)).toEqual([]);
    expect(measured(outcome, "latency", "max")).toBeGreaterThan(2 * 20e6);
  });
});

describe("Latency", () => {
  const cell: Words = { size: PAGES * 4 * KIB, total: 20 * PAGES * 4 * KIB, depth: 1 };

  test("includes mapping and unmapping, each operation at its cost", () => {
    const typical = Parameters.typical();
    const cost = (name: Parameters extends { span(name: infer N): unknown } ? N : never): number => typical.value(name);
    const once = cost("cpu.syscall") + cost("cpu.gup_fixed") + cost("cpu.dma_map_entry") + cost("cpu.dma_unmap_entry");
    const page = cost("cpu.page_map_ref") + cost("cpu.gup_page") + cost("cpu.put_page");
    const mapped = measured(run({ ...cell, reuse: 1 }), "latency", "min");
    const reused = measured(run({ ...cell, reuse: Number.POSITIVE_INFINITY }), "latency", "min");
    expect(mapped - reused).toBe(once + PAGES * page);
  });

  test("is from submission to completion, of every request", () => {
    const events = historyOf({ ...cell, depth: 3 });
    const since = new Map(only(events, "submitted").map(({ request, at }) => [request, at]));
    const spans = only(events, "served").map(({ request, at }) => (at - (since.get(request) ?? 0)) / 4096);
    const outcome = run({ ...cell, depth: 3 });
    expect(measured(outcome, "latency", "min")).toBe(Math.min(...spans));
    expect(measured(outcome, "latency", "max")).toBe(Math.max(...spans));
    expect(measured(outcome, "latency", "mean")).toBeCloseTo(spans.reduce((sum, span) => sum + span, 0) / spans.length);
  });
});

describe("Throughput", () => {
  test("is the bytes served over the time from the first submission to the last completion", () => {
    for (const form of ["zone-device/as-posted", "staging/naive"]) {
      const words: Words = { form, size: 20 * KIB, total: 30 * 20 * KIB + 77, depth: 3, workload: "gpu-to-storage" };
      const events = historyOf(words);
      const [first, last] = [only(events, "submitted")[0]?.at ?? 0, only(events, "served").at(-1)?.at ?? 0];
      const expected = (30 * 20 * KIB + 77) / ((last - first) / 4096 / 1e9);
      expect(measured(run(words), "throughput")).toBeCloseTo(expected, 0);
    }
  });

  test("leaves setting up and taking down out, which have measures of their own", () => {
    const few = run({ total: 16 * 4 * KIB });
    expect(measured(few, "setup_time")).toBeGreaterThan(1e6);
    expect(measured(few, "teardown_time")).toBeGreaterThan(0);
    expect(measured(few, "throughput")).toBeGreaterThan(0.5e9);
  });
});

describe("Every outcome", () => {
  const never = altered(ZONE_DEVICE, () => ({ *release(): Task<void> {} }));
  const CELLS: readonly (readonly [string, Words])[] = [
    ["completed", {}],
    ["staged", { form: "staging/pipelined" }],
    ["refused", { machine: "client-root-ports", size: 2 ** 27, total: 2 ** 29 }],
    ["failed", { machine: "client-root-ports", workload: "gpu-to-storage" }],
    ["hung", { form: never }],
    ["refused", { total: 2 ** 21, depth: 1, constants: { "nvme.read_latency": 9e9 } }],
  ];

  test.each(CELLS)(
    "%s has a reason, a direction and a word on how it was computed, leapt or not: %j",
    (status, words) => {
      for (const leap of [false, true]) {
        const outcome = run({ ...words, leap });
        expect(outcome.status).toBe(status);
        expect(outcome.reason).toMatch(/\S/);
        expect(outcome.direction).toMatch(/^(nvme to gpu|gpu to nvme)$/);
        for (const { because } of outcome.verdicts) expect(because).toMatch(/\S/);
        if (outcome.verdicts.length > 0) expect(outcome.methodReason).toMatch(/\S/);
      }
    },
  );

  test("beyond 2^53 ticks is refused, whether it is leapt over or not", () => {
    const words: Words = { total: 2 ** 21, depth: 1, constants: { "nvme.read_latency": 9e9 } };
    const full = run(words);
    expect(full).toMatchObject({
      status: "refused",
      reason:
        "the simulator, not the kernel: simulated time exceeds 2^53 and could not be told exactly; ask for less in one cell",
      measures: [],
    });
    expect(result(run({ ...words, leap: true }))).toEqual(result(full));
  });
});

describe("A refusal", () => {
  const refusal = refuse({
    errno: "EPERM",
    who: "a test",
    whom: "the importer",
    why: "it says so",
    remedy: "ask again",
  });
  const refusing = (verb: string, after: number = 0): Form =>
    altered(ZONE_DEVICE, (kernel) => ({
      *[verb](go): Task<unknown> {
        const asked = kernel.table.get(verb);
        kernel.table.set(verb, asked + 1);
        return asked >= after ? refusal : yield* go();
      },
    }));

  test.each(["provide", "alloc", "expose", "resolve", "map", "access"])(
    "by %s ends the cell in its own words, and everything is given back",
    (verb) => {
      for (const after of [0, 2]) {
        if (verb === "provide" && after > 0) continue;
        const outcome = run({ form: refusing(verb, after), depth: 3 });
        expect([outcome.status, outcome.reason]).toEqual([
          "refused",
          "EPERM from a test for the importer: it says so; ask again",
        ]);
        expect(brokenIn(outcome)).toEqual([]);
      }
    },
  );

  test.each(["alloc", "expose"])("by %s frees the regions that there are already", (verb) => {
    const counts = verbsOf({ form: refusing(verb, 2), depth: 4 });
    expect(counts).toMatchObject({ free: verb === "alloc" ? 2 : 3, withdraw: 1 });
  });

  test("of one request is told to the history, and the others in flight still end", () => {
    const events = historyOf({ form: refusing("access", 10), depth: 3 });
    const [asked, done, denied] = (["submitted", "served", "refused"] as const).map(
      (kind) => only(events, kind).length,
    );
    expect((done ?? 0) + (denied ?? 0)).toBe(asked);
    expect(done).toBe(10);
    expect(only(events, "refused")[0]).toMatchObject({ errno: "EPERM", why: "it says so" });
  });
});
