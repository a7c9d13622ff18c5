import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SuiteSchema } from "../../../calibration/cases/case.ts";
import { CONTRASTS } from "../../../calibration/cases/contrasts.ts";
import { MEASURED_PLATFORMS } from "../../../calibration/cases/measured-platforms.ts";
import { PUBLISHED_CASES } from "../../../calibration/cases/published.ts";
import { readSuite } from "../../../harness/validate/suite.ts";

const GOOD = `schema: p2peval-suite/1
platforms:
  mine:
    title: a machine of mine
    year: 2026
    root_complex: amd-zen
cases:
  - id: MINE-1
    class: link
    what: one GPU writes to another
    platform: mine
    metric: bandwidth
    measured: { value: 5.6e10, unit: By/s }
    machine:
      devices:
        gpu0: { role: gpu, link: { generation: 5, width: 16 }, below: { switch: s0 } }
        gpu1: { role: gpu, link: { generation: 5, width: 16 }, below: { switch: s0 } }
      switches:
        s0: { link: { generation: 5, width: 16 }, below: { socket: 0 } }
    operation: { kind: flows, flows: [{ from: gpu0, to: gpu1, by: write }], size: 1048576, in_flight: 1 }
    source: { origin: my bench, where: here, year: 2026 }
`;

const faultsOf = (text: string): readonly string[] =>
  readSuite(text, MEASURED_PLATFORMS).faults.map(
    ({ line, column, what, remedy }) => `${line}:${column}: ${what}; ${remedy}`,
  );
const broken = (from: string, to: string): readonly string[] => faultsOf(GOOD.replace(from, to));

describe("A suite file", () => {
  it("is read, as YAML and as JSON", () => {
    const { suite } = readSuite(GOOD, MEASURED_PLATFORMS);
    expect(suite?.cases).toHaveLength(1);
    expect(readSuite(JSON.stringify(suite), MEASURED_PLATFORMS)).toEqual({ suite, faults: [] });
  });

  it("may be our own: the published cases are in the documented format", () => {
    const ours = {
      schema: "p2peval-suite/1",
      platforms: MEASURED_PLATFORMS,
      cases: PUBLISHED_CASES,
      contrasts: CONTRASTS,
    };
    expect(faultsOf(JSON.stringify(ours))).toEqual([]);
  });

  it("has the JSON Schema that ships", async () => {
    const text = `${JSON.stringify(z.toJSONSchema(SuiteSchema), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../../docs/suite.schema.json");
  });
});

describe("What is wrong with a suite file", () => {
  it.each([
    ["class: link", "class: lnk", '9:12: cases[0].class: "lnk" is not right; one of link'],
    ["class: link", "class: lnk", "did you mean link?"],
    ["unit: By/s", "unit: ns", "13:38: cases[0].measured.unit: bandwidth is not in ns; By/s is right"],
    ["platform: mine", "platform: mime", '11:15: cases[0].platform: there is no platform "mime"; describe it'],
    ["value: 5.6e10, ", "", "13:15: cases[0].measured.value: is missing; a number is"],
    [
      "width: 16 }, below: { socket",
      "width: 3 }, below: { socket",
      "19:45: cases[0].machine.switches.s0.link.width: 3",
    ],
    ["kind: flows", "kind: flow", 'cases[0].operation.kind: "flow" is not right; one of dma'],
    ["to: gpu1", "to: gpu2", '20:57: cases[0].operation.flows[0].to: the machine has no device "gpu2"; gpu0 or gpu1'],
    [
      "below: { switch: s0 } }",
      "below: { switch: s1 } }",
      "16:81: cases[0].machine.devices.gpu0.below.switch: there is no",
    ],
    ["below: { socket: 0 }", "below: { switch: s0 }", 'switch "s0" hangs below itself'],
    ["in_flight: 1", "in_fligth: 1", "cases[0].operation.in_fligth: this name means nothing here"],
    ["p2peval-suite/1", "p2peval-suite/9", "1:9: schema:"],
    ["metric: bandwidth", "metric: rate", "flows has no rate; bandwidth or latency or success is right"],
    ["id: MINE-1", 'id: ""', "8:9: cases[0].id"],
  ])("is told with its place: %s as %s", (from, to, expected) => {
    expect(broken(from, to).join("\n")).toContain(expected);
  });

  it("is told all at once, in the order of the file", () => {
    const text = GOOD.replace("class: link", "class: lnk").replace("by: write", "by: wrote");
    expect(faultsOf(text).map((fault) => fault.split(":")[0])).toEqual(["9", "20"]);
  });

  it("is a place, too, where it is no YAML, no mapping or empty", () => {
    expect(faultsOf("cases: [")[0]).toMatch(/^1:\d+: this is no YAML or JSON/);
    expect(faultsOf("")[0]).toMatch(/^1:1: /);
    expect(faultsOf("- 1")[0]).toMatch(/^1:1: /);
    expect(faultsOf(GOOD.replace("    what: one", "    id: again\n    what: one"))[0]).toMatch(/^10:5: /);
  });

  it("is a file that repeats itself without end, or nests without end", () => {
    const bomb = `a: &a [x, x]\n${"bcdefghij"
      .split("")
      .map((name, place) => `${name}: &${name} [${`*${"abcdefghi"[place]},`.repeat(9)}]`)
      .join("\n")}`;
    expect(faultsOf(bomb)[0]).toMatch(/^1:1: this nests too deeply or refers to itself too often/);
    expect(faultsOf("[".repeat(50_000))[0]).toMatch(/^1:\d+: this /);
  });

  it("is an id that is there twice, a constant that nobody knows, a contrast of what is not there", () => {
    const [, head = "", one = ""] = /^([\s\S]*cases:\n)([\s\S]*)$/.exec(GOOD) ?? [];
    expect(faultsOf(head + one + one).join()).toContain("there is a case MINE-1 already");
    const parameters = `amd-zen
    parameters:
      - { constant: switch.latencie, value: 1, kind: assumed, source: made up for this test }`;
    expect(broken("amd-zen", parameters).join()).toContain('there is no constant "switch.latencie"');
    expect(broken("amd-zen", parameters).join()).toContain("did you mean switch.latency?");
    expect(faultsOf(`${GOOD}contrasts: [{ question: which, between: [MINE-1, MINE-2] }]`).join()).toContain(
      "there is no case MINE-2",
    );
  });

  it("is one operation under way that is to read and write at the same time, and more cores than requests", () => {
    const operation = (text: string): string => faultsOf(GOOD.replace(/operation: .*/, `operation: ${text}`)).join();
    const dma = (in_flight: number): string =>
      operation(
        `{ kind: dma, device: gpu0, access: read and write, size: 64, in_flight: ${in_flight}, window: 4096, order: random, memory: 0, cache: cold }`,
      );
    expect(dma(1)).toContain("cases[0].operation.in_flight: with 1 operation under way reads and writes take turns");
    expect(dma(1)).toContain("2 or more is right");
    expect(dma(2)).toBe("");
    const perIo = (more: string): string =>
      operation(`{ kind: per-I/O, device: gpu0, size: 512, in_flight: 8, map: once, ${more} }`);
    expect(perIo("cores: 16")).toContain("8 under way are not enough for 16 cores; 16 or more is right");
    expect(perIo("cores: 4, batch: 4")).toContain("8 under way in batches of 4 are not enough for 4 cores; 16 or more");
    expect(perIo("cores: 2, batch: 4")).not.toContain("not enough");
    expect(perIo("batch: 16")).not.toContain("not enough");
  });
});
