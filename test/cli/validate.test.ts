import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.ts";
import { p2peval } from "./command.ts";

const SUITE = {
  schema: "p2peval-suite/1",
  cases: [
    {
      id: "MINE-1",
      class: "link",
      what: "one GPU writes to another behind a switch",
      platform: "wrx90",
      metric: "bandwidth",
      measured: { value: 56.26e9, unit: "By/s" },
      machine: {
        devices: {
          a: { role: "gpu", link: { generation: 5, width: 16 }, below: { switch: "s" } },
          b: { role: "gpu", link: { generation: 5, width: 16 }, below: { switch: "s" } },
        },
        switches: { s: { link: { generation: 5, width: 16 }, below: { socket: 0 } } },
      },
      operation: { kind: "flows", flows: [{ from: "a", to: "b", by: "write" }], size: 1048576, in_flight: 1 },
      source: { origin: "my bench", where: "here", year: 2026 },
    },
  ],
};
const text = JSON.stringify(SUITE, null, 2);

describe("p2peval validate --suite", () => {
  it("runs the cases of a file, and of standard input", () => {
    const file = join(scratch(), "mine.json");
    writeFileSync(file, text);
    const ended = p2peval(["validate", "-q", "--suite", file]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(ended.stdout).toMatch(/MINE-1 +bandwidth +56\.3 GB\/s/);
    expect(p2peval(["validate", "--suite", "-"], text).stdout).toBe(ended.stdout);
  });

  it("gives every field as one JSON document", () => {
    const { status, stdout } = p2peval(["validate", "--suite", "-", "--json"], text);
    expect(status).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: "p2peval-validation/1", ok: true, warnings: [], errors: [] });
    expect(document.data.rows[0]).toMatchObject({ id: "MINE-1", standing: "independent", inexpressible: null });
    expect(document.data.platforms).toMatchObject([{ name: "wrx90", rows: 1, free_parameters: 0 }]);
  });

  it("tells everything that is wrong with its line and column, and runs nothing", () => {
    const broken = text.replace('"class": "link"', '"class": "links"').replace('"by": "write"', '"by": "push"');
    const ended = p2peval(["validate", "--suite", "-"], broken);
    expect(ended).toMatchObject({ status: 4, stdout: "" });
    const lines = ended.stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^standard input:\d+:\d+: cases\[0\]\..*; /);
    expect(ended.stderr).not.toMatch(/ at .*\.js/);
  });

  it("answers with JSON, too, where the file is bad or missing", () => {
    const { status, stdout, stderr } = p2peval(["validate", "--suite", "/nowhere.yaml", "--json"]);
    expect(status).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, data: null });
    expect(stderr).toContain("/nowhere.yaml: there is no such file; give a suite of cases");
  });

  it("takes no other words", () => {
    expect(p2peval(["validate", "--siute", "x"])).toMatchObject({ status: 2, stdout: "" });
    expect(p2peval(["validate", "extra"]).status).toBe(2);
  });
});

describe("p2peval validate --only", () => {
  it("runs a part of the cases, the same on one thread as on four", () => {
    const one = p2peval(["validate", "--only", "DONARD-00,b70", "-q", "-j", "1"]);
    expect(one).toMatchObject({ status: 0, stderr: "" });
    expect(one.stdout.match(/^(DONARD|B70)-\d+ /gm)).toHaveLength(6);
    expect(one.stdout).not.toMatch(/^PB-/m);
    expect(p2peval(["validate", "--only", "DONARD-00,b70", "-q", "-j", "4"]).stdout).toBe(one.stdout);
  });

  it("says of a word that names no case what would name one", () => {
    const ended = p2peval(["validate", "--only", "pin,nothing", "-j", "0"]);
    expect(ended).toMatchObject({ status: 2, stdout: "" });
    expect(ended.stderr).toMatch(/^-j: .*\n--only "nothing" names no case; a class \(link, .*\), a platform, or/);
  });
});
