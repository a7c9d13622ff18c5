import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.ts";
import { type Ended, p2peval, SMALL } from "./command.ts";
import { pluginFile } from "./plugin.ts";

interface Run extends Ended {
  readonly left: readonly string[];
}

/** Runs a plugin into a folder two levels below one that is there, and says what is left in that. */
function run(path: string, ...more: string[]): Run {
  const folder = scratch();
  const ended = p2peval(["run", ...SMALL, "-p", path, "-o", join(folder, "new", "out"), ...more]);
  return { ...ended, left: readdirSync(folder) };
}

describe("A plugin that ends the process", () => {
  it.each([0, 13])("while it is loaded, with %d, is told with its line, and leaves nothing", (status) => {
    const path = pluginFile({ top: `process.exit(${status});` });
    expect(run(path)).toEqual({
      status: 70,
      stdout: "",
      stderr: `${path}: ended the process (process.exit) while it was loaded, line 1\n`,
      left: [],
    });
  });

  it.each(["1", "2"])("in a verb is told with form, verb and line, on %s threads, and leaves nothing", (jobs) => {
    const path = pluginFile({ access: "*access() {\n process.exit(0); }" });
    const ended = run(path, "-j", jobs);
    expect(ended).toMatchObject({ status: 70, stdout: "", left: [] });
    expect(ended.stderr).toContain(`${path}: ended the process (process.exit) in intended/access, line 4; see`);
  });
});

describe("A plugin that does not finish loading", () => {
  it("because it awaits what nothing settles is told at once", () => {
    const path = pluginFile({ top: "await new Promise(() => {});" });
    const { status, stderr, left } = run(path);
    expect({ status, left }).toEqual({ status: 4, left: [] });
    expect(stderr).toContain(`${path}: never finishes loading`);
  });

  it("because it loops is told after ten seconds", () => {
    const path = pluginFile({ top: "for (;;);" });
    const { status, stderr, left } = run(path);
    expect({ status, left }).toEqual({ status: 4, left: [] });
    expect(stderr).toContain(`${path}: did not finish loading in 10 s`);
  });
});

describe("A plugin that prints", () => {
  it("prints to stderr, all of it, so that stdout is one JSON document", () => {
    const path = pluginFile({
      top: 'console.log("from loading");',
      access: '*access() { console.log("from access"); yield* kernel.cpu.run("cpu.syscall", 1); return ""; }',
    });
    const { status, stdout, stderr } = run(path, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: "p2peval-run/1", ok: true });
    expect(stderr).toContain("from loading\n");
    expect(stderr.match(/from access\n/g)).toHaveLength(32);
  });
});

describe("A plugin with timers", () => {
  it("does not keep the process alive", () => {
    expect(run(pluginFile({ top: "setInterval(() => {}, 1000);" })).status).toBe(0);
  });
});

describe("A plugin that is another one each time", () => {
  it("is refused when it is loaded again", () => {
    const path = join(scratch(), "mine.mjs");
    writeFileSync(
      path,
      'const forms = { ["f" + process.hrtime.bigint()]: { provenance: "posted", sources: [], install() {} } };\nexport const proposal = { contract: 1, name: "mine", title: "x", forms };\n',
    );
    const { status, stderr, left } = run(path);
    expect({ status, left }).toEqual({ status: 70, left: [] });
    expect(stderr).toContain(`${path}: is another proposal when it is loaded again`);
  });
});

describe("A plugin whose form has no kebab-case name", () => {
  it.each(["A b", "", "a--b", "a/b", "ä"])("%j is refused by that name", (form) => {
    const path = pluginFile({ form });
    const { status, stderr } = run(path);
    expect(status).toBe(4);
    expect(stderr).toBe(
      `${path}: proposal.forms: "${form}" is no name of a form; a kebab-case one, like as-posted, would be\n`,
    );
  });
});

describe("A name that goes on after its form", () => {
  it.each([
    ["./mine.mjs/form/x", "give ./mine.mjs or ./mine.mjs/form"],
    ["staging/pipelined/x", "give staging or staging/pipelined"],
  ])("%s is a usage error", (name, right) => {
    const { status, stderr, left } = run(name);
    expect({ status, left }).toEqual({ status: 2, left: [] });
    expect(stderr).toContain(`-p: "${name}" goes on after a form; ${right}`);
  });
});
