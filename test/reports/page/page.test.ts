import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Status } from "../../../record/outcome.ts";
import type { Result } from "../../../record/result.ts";
import { LEFT_OUT } from "../../../reports/left-out.ts";
import { reportPage } from "../../../reports/page/page.ts";
import { STATUS_LOOKS, STATUSES } from "../../../reports/page/status-mark.ts";
import { bytes } from "../../../sim/units.ts";
import { awkward, shuffledWith, someResults } from "../arbitrary.ts";
import { fullHouse, house } from "../house.ts";
import { result } from "../results.ts";
import { factsFor } from "./facts.ts";
import { tagsOf, textIn } from "./markup.ts";

const HOUSE = house();
const PAGE = await reportPage(HOUSE, factsFor(HOUSE));

const sectionOf = (page: string, id: string): string =>
  page.split("<section").find((part) => part.includes(`<h2 id="${id}">`)) ?? "";
const answerOf = (page: string): readonly string[] =>
  [...(/<section class="answer".*?<\/section>/s.exec(page)?.[0] ?? "").matchAll(/<p>(.*?)<\/p>/gs)].map(([, text]) =>
    textIn(text ?? ""),
  );

describe("the page of a run", () => {
  it("answers first, in three sentences, and then says what the model leaves out", () => {
    expect(answerOf(PAGE)).toHaveLength(3);
    expect(PAGE.indexOf('class="answer"')).toBeLessThan(PAGE.indexOf('id="left-out"'));
    const ids = [...PAGE.matchAll(/<h2 id="([\w-]+)">/g)].map(([, id]) => id);
    expect(ids).toEqual(["left-out", "outcomes", "numbers", "changes", "refusals", "sure", "again"]);
  });

  it("leaves out what README.md says is left out, word by word", () => {
    const readme = readFileSync("README.md", "utf8");
    const section = /## What the model leaves out\n\n(.*?)\n\n/s.exec(readme)?.[1] ?? "";
    expect(section.split("\n")).toEqual(LEFT_OUT.map((line) => `- ${line}`));
    for (const line of LEFT_OUT) expect(textIn(sectionOf(PAGE, "left-out"))).toContain(line.replaceAll("`", ""));
  });

  it("is well formed, has a language and a title, and every heading, table, chart and box that scrolls has a name", () => {
    const tags = tagsOf(PAGE);
    expect(tags.find(({ name }) => name === "html")?.attributes.get("lang")).toBe("en");
    expect(/<title>(.*?)<\/title>/.exec(PAGE)?.[1]).toBe("PCIe peer-to-peer proposals on one-switch and two-sockets");
    const opened = (name: string) => tags.filter((tag) => tag.name === name && !tag.closes);
    expect(opened("h1")).toHaveLength(1);
    expect(opened("caption")).toHaveLength(opened("table").length);
    for (const { attributes } of opened("th")) expect(["row", "col"]).toContain(attributes.get("scope"));
    for (const { attributes } of opened("svg")) {
      expect(attributes.get("role")).toBe("img");
      expect(attributes.get("aria-label")).not.toBe("");
    }
    for (const { attributes } of tags.filter(({ attributes }) => attributes.get("role") === "region"))
      expect(attributes.get("aria-label")).not.toBe("");
  });

  it("has no id twice, and every link within it leads somewhere", () => {
    const tags = tagsOf(PAGE);
    const ids = tags.flatMap(({ attributes }) => attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of tags) {
      const target = attributes.get("href");
      if (target?.startsWith("#")) expect(ids).toContain(target.slice(1));
    }
  });

  it("loads nothing: no script, no address, nothing but links to the files beside it", () => {
    expect(/https?:|url\(|@import|<script|<link|<img|<iframe/.exec(PAGE)).toBeNull();
    for (const { name, attributes } of tagsOf(PAGE)) {
      for (const loading of ["src", "srcset", "data", "xlink:href", "action"])
        expect(attributes.has(loading)).toBe(false);
      const href = attributes.get("href");
      if (href !== undefined) expect([name, /^(#|(charts\/)?[\w-]+\.)/.test(href)]).toEqual(["a", true]);
    }
  });

  it("says no time of day", () => {
    expect(/\b\d{1,2}:\d{2}:\d{2}\b|\b20\d\d-\d\d-\d\d\b/.exec(PAGE)).toBeNull();
  });

  it("is the same, to the byte, in whatever order the results come", async () => {
    await fc.assert(
      fc.asyncProperty(shuffledWith(HOUSE), async (shuffled) => {
        expect((await reportPage(shuffled, factsFor(HOUSE))) === PAGE).toBe(true);
      }),
      { numRuns: 3 },
    );
  });

  it("gives every proposal one colour, in the charts and in the tables", async () => {
    const results = fullHouse();
    const page = await reportPage(results, factsFor(results));
    const swatches = new Map(
      [...page.matchAll(/<span class="swatch" style="background:(#\w+)"><\/span><code>([\w-]+)\//g)].map(
        ([, color, name]) => [name, color],
      ),
    );
    expect(swatches.size).toBe(8);
    for (const color of swatches.values()) expect(page.includes(`stroke="${color}"`)).toBe(true);
  });
});

describe("the text of others on the page", () => {
  const HOSTILE = `</td><script>x</script>"' onload="x" & <!--`;
  const known = new Set(tagsOf(PAGE).map(({ name }) => name));

  it("never becomes markup, wherever it stands", async () => {
    const text = fc.oneof(awkward, fc.constantFrom(HOSTILE, "</style><b>", "&lt;b&gt;", "<svg/onload=x>"));
    await fc.assert(
      fc.asyncProperty(someResults, text, async (results, evil) => {
        const hostile = results.map((one, index) => (index % 2 === 0 ? poisoned(one, evil) : one));
        for (const { name, attributes } of tagsOf(await reportPage(hostile, factsFor(hostile, evil)))) {
          expect(known.has(name) || /^(path|circle|rect|line|text|tspan|g|h3)$/.test(name)).toBe(true);
          expect([...attributes.keys()].filter((key) => key.startsWith("on"))).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("is there to be read", async () => {
    const results = [poisoned(result(), HOSTILE), poisoned(result({ form: "other" }, { status: "refused" }), HOSTILE)];
    const page = await reportPage(results, factsFor(results, HOSTILE));
    for (const id of ["left-out", "outcomes", "changes", "refusals", "sure", "again"])
      expect(textIn(sectionOf(page, id))).toContain(HOSTILE);
  });

  it("cannot turn the direction of what follows it", async () => {
    const results = [result({ machine: "a\u202eb" })];
    expect((await reportPage(results, factsFor(results))).includes("\u202e")).toBe(false);
  });
});

describe("the outcome matrix", () => {
  it("has glyph, colour and word for every status, with its reason", async () => {
    const results = STATUSES.map((status) => result({ form: `is-${status}` }, { status, reason: `because ${status}` }));
    const matrix = sectionOf(await reportPage(results, factsFor(results)), "outcomes");
    for (const status of STATUSES) {
      const row = matrix.split("<tr>").find((each) => each.includes(`is-${status}<`)) ?? "";
      const { glyph, word } = STATUS_LOOKS[status];
      expect(textIn(row)).toContain(`${glyph} ${word}`);
      expect(row).toContain(`class="status ${status}"`);
      expect(row).toContain(`because ${status}`);
    }
    expect(new Set(Object.values(STATUS_LOOKS).map(({ glyph }) => glyph)).size).toBe(STATUSES.length);
  });

  it("shows the worst of several ends and how many of each there are", async () => {
    const ends: readonly Status[] = ["completed", "completed", "refused"];
    const results = ends.map((status, index) => result({ requestBytes: bytes(4096 * (index + 1)) }, { status }));
    const matrix = textIn(sectionOf(await reportPage(results, factsFor(results)), "outcomes"));
    expect(matrix).toContain("\u2298 refused1 of 3; else 2 \u2713 works");
  });

  it("is one for each machine and setting of IOMMU and ACS that varies", async () => {
    const results = (["off", "strict"] as const).flatMap((iommu) =>
      ["one-switch", "two-sockets"].map((machine) => result({ iommu, machine })),
    );
    const matrix = sectionOf(await reportPage(results, factsFor(results)), "outcomes");
    expect([...matrix.matchAll(/<caption>(.*?)<\/caption>/g)].map(([, caption]) => caption).sort()).toEqual([
      "Outcomes on one-switch, IOMMU off",
      "Outcomes on one-switch, IOMMU strict",
      "Outcomes on two-sockets, IOMMU off",
      "Outcomes on two-sockets, IOMMU strict",
    ]);
  });

  it("says which invariants a mechanism breaks that otherwise works", async () => {
    const broken = { invariant: "no-dma-after-unmap", verdict: "broken", because: "a write landed late" } as const;
    const results = [result({}, { verdicts: [broken] })];
    const page = await reportPage(results, factsFor(results));
    expect(textIn(sectionOf(page, "outcomes"))).toContain("breaks no-dma-after-unmap");
    expect(textIn(sectionOf(page, "refusals"))).toContain("a write landed late");
    expect(answerOf(page)[1]).toContain("breaks no-dma-after-unmap in 1 of 1 cell");
  });
});

describe("the other sections", () => {
  it("split a refusal of the kernel into its five parts, with how often it was met", async () => {
    const reason =
      "EREMOTEIO from p2pdma for 0000:1a:00.0: the root complex forwards nothing; move it below one switch";
    const results = [4096, 8192].map((size) => result({ requestBytes: bytes(size) }, { status: "refused", reason }));
    const row = sectionOf(await reportPage(results, factsFor(results)), "refusals");
    const parts = [
      "EREMOTEIO",
      "p2pdma",
      "0000:1a:00.0",
      "the root complex forwards nothing",
      "move it below one switch",
    ];
    const cells = parts.map((part) => `>${part}</t[dh]>`).join(".*?");
    expect(row).toMatch(new RegExp(`${cells}<td class="text">2</td>`, "s"));
  });

  it("say what a form changes with its source, and \u201cnot told\u201d where nobody told", async () => {
    const results = [result(), result({ form: "upstream", provenance: "merged" })];
    const facts = factsFor(results);
    const change = { where: "exporter", what: "a page map for its BAR", source: "a message" } as const;
    const [proposal] = facts.proposals;
    const forms = { ...proposal?.forms, upstream: { provenance: "merged", sources: [], changes: [change] } } as const;
    const page = await reportPage(results, { ...facts, proposals: [{ name: "zone-device", title: "t", forms }] });
    const changes = textIn(sectionOf(page, "changes"));
    expect(changes).toMatch(/zone-device\/as-posted postednot told/);
    expect(changes).toMatch(/zone-device\/upstream mergedevery exportera page map for its BARa message/);
  });

  it("say how to run it again, and what the tables hash to", () => {
    const again = textIn(sectionOf(PAGE, "again"));
    for (const word of ["p2peval run -m 'a text'", "00aa", "11bb", "22cc", "0123456789abcdef"])
      expect(again).toContain(word);
  });

  it("stand on a page of no results, too", async () => {
    const page = await reportPage([], factsFor([]));
    expect(answerOf(page)[0]).toContain("Nothing was compared");
    tagsOf(page);
  });
});

/** The same result with a text of another's wherever one can stand. */
function poisoned(one: Result, text: string): Result {
  const basis = { basis: "assumed", nearest: text, sourceKind: text } as const;
  return {
    ...one,
    cell: { ...one.cell, proposal: text, workload: text, machine: text, from: text, to: text },
    outcome: {
      ...one.outcome,
      reason: text,
      measures: one.outcome.measures.map((measure) => ({ ...measure, basis })),
      verdicts: [{ invariant: text, verdict: "broken", because: text }],
    },
  };
}
