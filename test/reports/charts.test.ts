import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Result } from "../../record/result.ts";
import { type Chart, renderCharts } from "../../reports/charts.ts";
import { bytes } from "../../sim/units.ts";
import { shuffledWith, someResults } from "./arbitrary.ts";
import { fullHouse, house } from "./house.ts";
import { measure, result } from "./results.ts";
import { type PlacedText, textsIn } from "./svg-text.ts";

const [throughput, rootComplex] = ["throughput-by-size", "root-complex-bytes"];

async function chart(name: string | undefined, results: readonly Result[]): Promise<Chart> {
  const found = (await renderCharts(results)).find((one) => one.name === name);
  if (!found) throw new Error(`no chart ${name}`);
  return found;
}

const wordsOf = ({ svg }: Chart): string =>
  textsIn(svg)
    .map(({ text }) => text)
    .join(" ");

describe("every chart", () => {
  it("has the same bytes at the second rendering and in whatever order the results come", async () => {
    const once = await renderCharts(fullHouse());
    expect(await renderCharts(fullHouse())).toEqual(once);
    expect(await renderCharts([...fullHouse()].reverse())).toEqual(once);
  });

  it("compiles without a complaint of Vega, whatever the results", async () => {
    const pair = someResults.chain((results) => fc.tuple(fc.constant(results), shuffledWith(results)));
    await fc.assert(
      fc.asyncProperty(pair, async ([results, shuffled]) => {
        const charts = await renderCharts(results);
        expect(charts.flatMap(({ warnings }) => warnings)).toEqual([]);
        for (const { svg } of charts) expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        expect(await renderCharts(shuffled)).toEqual(charts);
      }),
      { numRuns: 25 },
    );
  });

  it("stands on a white ground, so that it can be read on a dark page", async () => {
    for (const { svg } of await renderCharts(house()))
      expect(svg).toMatch(/<rect width="\d+" height="\d+" fill="white"/);
  });

  it("keeps its data in its specification", async () => {
    for (const { spec } of await renderCharts(house())) {
      expect(spec.endsWith("}\n")).toBe(true);
      expect(JSON.stringify(JSON.parse(spec))).not.toContain('"url"');
    }
  });

  it.each([
    ["the whole house", fullHouse()],
    ["one cell", house().slice(0, 1)],
    [
      "long names",
      house().map((one) => ({
        ...one,
        cell: { ...one.cell, machine: `${one.cell.machine}-as-found-in-march.lspci.txt` },
      })),
    ],
    [
      "two settings",
      house().flatMap((one) => (["off", "strict"] as const).map((iommu) => ({ ...one, cell: { ...one.cell, iommu } }))),
    ],
  ])("cuts no text, lets none leave the picture, and lets none cover another: %s", async (_, results) => {
    for (const { svg } of await renderCharts(results)) {
      const [width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).slice(1).map(Number);
      const texts = textsIn(svg);
      // At the least: title, subtitle, "Nothing to draw.", and why.
      expect(texts.length).toBeGreaterThanOrEqual(4);
      expect(texts.filter(({ text }) => text.includes("\u2026"))).toEqual([]);
      expect(texts.filter(({ left, right, bottom }) => left < 0 || right > width || bottom > height)).toEqual([]);
      expect(
        texts.flatMap((a, index) =>
          texts
            .slice(index + 1)
            .filter((b) => covers(a, b))
            .map((b) => [a, b]),
        ),
      ).toEqual([]);
    }
  });
});

describe("the caption of every chart", () => {
  it("says what its numbers rest on, and under which settings", async () => {
    for (const one of await renderCharts(house())) {
      expect(wordsOf(one)).toContain("Basis: extrapolated; weakest constant: claimed.");
      // No setting decides how many struct pages there are.
      if (one.name !== "struct-pages-by-bar")
        expect(wordsOf(one)).toContain("IOMMU off, ACS as-found, Linux 4.9, queue depth 32, reuse 1");
    }
  });

  it("names what it does not draw, and why", async () => {
    for (const one of await renderCharts(house())) {
      expect(wordsOf(one)).toContain(
        "Not drawn: zone-device/as-posted (posted), refused: ENXIO: nvme0 cannot read gpu0",
      );
    }
  });

  it("tells what is missing even where nothing can be drawn", async () => {
    const refused = house().filter(({ outcome }) => outcome.status === "refused");
    for (const one of await renderCharts(refused))
      expect(wordsOf(one)).toMatch(/Nothing to draw\..*Not drawn: zone-device/);
    for (const one of await renderCharts([])) expect(wordsOf(one)).toContain("Nothing to draw.");
  });
});

describe("throughput by size", () => {
  it("draws a panel per workload and machine, and one more where a setting varies", async () => {
    expect(panelsOf(await chart(throughput, house()))).toEqual([
      "gpu-to-storage on one-switch",
      "gpu-to-storage on two-sockets",
      "storage-to-gpu on one-switch",
      "storage-to-gpu on two-sockets",
    ]);
    const both = [result({ iommu: "off" }), result({ iommu: "strict" })];
    expect(panelsOf(await chart(throughput, both))).toEqual([
      "storage-to-gpu on one-switch\nIOMMU off",
      "storage-to-gpu on one-switch\nIOMMU strict",
    ]);
  });

  it("draws the median of repetitions and their range", async () => {
    const reps = [1, 2, 9].map((rep) =>
      result({ rep }, { measures: [measure("throughput", rep * 1e9, { stat: "mean" })] }),
    );
    const one = await chart(throughput, reps);
    expect(dataOf(one)).toMatchObject([{ value: 2, low: 1, high: 9, runs: 3 }]);
    expect(wordsOf(one)).toContain("Medians of up to 3 runs");
  });

  it("crosses out what is fast and corrupt, and says so", async () => {
    const one = await chart(throughput, house());
    expect(dataOf(one).filter((point) => point["outcome"] === "corrupt")).toHaveLength(2);
    expect(wordsOf(one)).toContain("crossed: corrupt, the data are wrong");
  });

  it("keeps the colour of a proposal whatever is drawn beside it", async () => {
    const alone = await chart(
      throughput,
      house().filter(({ cell }) => cell.proposal === "zone-device"),
    );
    for (const one of [alone, await chart(throughput, house()), await chart(throughput, fullHouse())])
      expect(one.svg).toContain("#d55e00");
  });

  it("draws nothing of a transfer that failed, however fast", async () => {
    expect(wordsOf(await chart(throughput, [result({}, { status: "failed", reason: "EIO" })]))).toContain(
      "failed: EIO",
    );
  });
});

describe("bytes through the root complex", () => {
  it("are divided by the payload, and named at every bar", async () => {
    const one = await chart(rootComplex, [
      result(
        {},
        {
          measures: [
            measure("root_complex_payload_bytes", 2 * 67108864),
            measure("root_complex_control_bytes", 67108864 / 16),
          ],
        },
      ),
    ]);
    expect(dataOf(one)).toMatchObject([
      { part: "payload", value: 2, label: "2" },
      { part: "control", value: 0.0625, label: "0.0625" },
    ]);
  });

  it("say in place of a bar why there is none", async () => {
    const labels = dataOf(await chart(rootComplex, house())).map((bar) => bar["label"]);
    expect(labels).toContain("refused");
    expect(labels).toContain("0 corrupt");
  });
});

/** A pixel is allowed for what a font draws outside its box. */
const covers = (a: PlacedText, b: PlacedText): boolean =>
  a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;

interface Unit {
  readonly data?: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly facet?: { readonly sort: readonly string[] };
}

/** The part of a specification that holds the panels: legend before it, caption after it. */
function panels({ spec }: Chart): Unit {
  const { vconcat } = JSON.parse(spec) as { readonly vconcat: readonly Unit[] };
  return vconcat[1] ?? {};
}

const panelsOf = (one: Chart): readonly string[] => panels(one).facet?.sort ?? [];
const dataOf = (one: Chart): readonly Readonly<Record<string, unknown>>[] => panels(one).data?.values ?? [];

describe("struct pages by BAR size", () => {
  const pages = (bar: number, taken: number, form = "as-posted") =>
    result(
      { form, bar: bytes(bar), barBytes: bytes(bar) },
      { measures: [measure("struct_page_bytes", taken, { stat: "peak" })] },
    );
  const by = "struct-pages-by-bar";

  it("has one line per form over the sizes of a run, whatever else was asked, and names who makes none", async () => {
    const one = await chart(by, [
      pages(2 ** 28, 2 ** 22),
      pages(2 ** 34, 2 ** 28),
      { ...pages(2 ** 34, 2 ** 28), cell: { ...pages(2 ** 34, 2 ** 28).cell, workload: "gpu-to-gpu", id: "other" } },
      pages(2 ** 28, 0, "intended"),
    ]);
    expect(dataOf(one).map(({ size, value }) => [size, value])).toEqual([
      [2 ** 34, 256],
      [2 ** 28, 4],
    ]);
    expect(wordsOf(one)).toContain("No struct pages at any size: zone-device/intended.");
  });

  it("says with one size how to get more", async () => {
    const one = await chart(by, [pages(2 ** 28, 2 ** 22)]);
    expect(wordsOf(one)).toContain("run --bar as-found,256MiB,16GiB,128GiB");
  });
});
