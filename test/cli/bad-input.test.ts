import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.ts";
import { type Ended, p2peval, SMALL } from "./command.ts";

/** What every refusal of bad input has in common: one line per error, no stack trace, nothing on stdout, nothing left behind. */
function expectRefusal({ status, stdout, stderr }: Ended, expected: number, out: string, ...words: string[]): void {
  for (const word of words) expect(stderr).toContain(word);
  expect(status).toBe(expected);
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/\n\s+at |internal error|node:internal/);
  expect(existsSync(out)).toBe(false);
}

const run = (out: string, ...args: string[]): Ended => p2peval(["run", ...SMALL, "-o", out, ...args]);
const fresh = (): string => join(scratch(), "out");
const file = (name: string, content: string | Buffer): string => {
  const path = join(scratch(), name);
  writeFileSync(path, content);
  return path;
};

describe("bad names", () => {
  it("refuses an unknown preset, with near matches and what there is", () => {
    const out = fresh();
    expectRefusal(run(out, "-m", "one-swich"), 2, out, '"one-swich"', "did you mean one-switch?", "two-sockets");
  });
  it("refuses an unknown proposal, form and workload, all at once", () => {
    const out = fresh();
    const ended = run(out, "-p", "zone-devise", "-p", "staging/fast", "-w", "storage-to-cpu");
    expectRefusal(ended, 2, out, "did you mean zone-device?", 'no form "fast"', "did you mean storage-to-gpu?");
    expect(ended.stderr.trim().split("\n")).toHaveLength(3);
  });
  it.each([
    ["--request-size", "4 parsecs", "a size like 4KiB"],
    ["--request-size", "0", "a size like 4KiB"],
    ["--request-size", "4KiB,,1MiB", "a size like 4KiB"],
    ["--total", "-1", "a size like 4KiB"],
    ["--queue-depth", "0", "from 1 to 1024"],
    ["--queue-depth", "1e9", "from 1 to 1024"],
    ["--reuse", "often", "a whole number from 1 to 2^40, or inf"],
    ["--iommu", "strickt", "did you mean strict?"],
    ["--initiators", "0", "from 1 to 64"],
    ["--initiators", "1.5", "from 1 to 64"],
    ["--initiators", "-1", "from 1 to 64"],
    ["--dram-load", "40", "a rate like 40GB/s"],
    ["--dram-load", "-40GB/s", "a rate like 40GB/s"],
    ["--dram-load", "40 barns/s", "a rate like 40GB/s"],
    ["--dram-load", "400GB/s", "up to the 90.9GB/s of a socket's memory"],
    ["--acs", "maybe", "one of as-found, off, on, linux"],
    ["--bar", "3GiB", "as-found, or a power of two from 1MiB to 512GiB"],
    ["--bar", "1TiB", "as-found, or a power of two from 1MiB to 512GiB"],
    ["--bar", "512KiB", "as-found, or a power of two from 1MiB to 512GiB"],
    ["--kernel", "2.6", "4.9"],
    ["--seed", "-3", "a whole number"],
    ["--seeds", "none", "a whole number"],
    ["-j", "many", "a whole number"],
    ["--from", "gpu99", "has no device"],
  ])("refuses %s %s", (option, value, right) => {
    const out = fresh();
    expectRefusal(run(out, `${option}${option.startsWith("--") ? "=" : ""}${value}`), 2, out, right);
  });
  it("refuses a folder without a name", () => {
    const { status, stderr } = p2peval(["run", "-o", ""]);
    expect([status, stderr]).toEqual([2, "-o: is empty; give the path of a folder\n"]);
  });
  it("refuses requests that are larger than the total", () => {
    const out = fresh();
    expectRefusal(
      p2peval(["run", "--request-size", "1MiB", "--total", "4KiB", "-o", out]),
      2,
      out,
      "more than --total",
    );
  });
  it("tells of a reserved option and of everything else that is wrong at once", () => {
    const out = fresh();
    const ended = run(out, "--resume", "--shard", "1/2", "--seed", "x", "-w", "none");
    expectRefusal(ended, 2, out, "--resume is reserved", "--shard is reserved", '--seed: "x"', '"none"');
    expect(ended.stderr.trim().split("\n")).toHaveLength(4);
  });
  it.each(["x", "1KiB,2KiB"])("says one thing of --total %s, however small the requests", (total) => {
    const out = fresh();
    const ended = run(out, "--total", total);
    expectRefusal(ended, 2, out, "--total");
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  });
  it("refuses an unknown option and an unknown command with suggestions", () => {
    expect(p2peval(["run", "--sead", "1"])).toMatchObject({ status: 2, stderr: expect.stringContaining("--seed") });
    expect(p2peval(["rum"])).toMatchObject({ status: 2, stderr: expect.stringContaining("run") });
    expect(p2peval(["crossover"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("reserved for a later version"),
    });
  });
});

describe("bad dumps", () => {
  it.each([
    ["empty", ""],
    ["blank", "\n \n\t\n"],
    ["binary", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 0, 0, 0, 255])],
    [
      "tree",
      "-[0000:00]-+-00.0  Intel Corporation Device 09a2\n           +-01.0-[01]----00.0  NVIDIA Corporation GA100\n",
    ],
    ["xml", '<?xml version="1.0"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n<topology version="2.0"></topology>\n'],
    ["json", '{"fio version": "fio-3.33", "jobs": []}\n'],
    ["prose", "Dear list,\n\nhere is what I have.\n"],
  ])("refuses a dump that is %s, by file and line, with what would be right", (name, content) => {
    const out = fresh();
    const path = file(`${name}.txt`, content);
    const ended = run(out, "-m", path);
    expectRefusal(ended, 4, out, "lspci -Dnnvvv");
    expect(ended.stderr).toMatch(/^\S+:\d+:\d+: /m);
  });
  it("refuses a file that is not there, a folder, and a damaged gzip", () => {
    const out = fresh();
    expectRefusal(run(out, "-m", "./nowhere.txt"), 4, out, "there is no such file");
    expectRefusal(run(out, "-m", "./test"), 4, out, "is a folder");
    const whole = gzipSync("00:00.0 Host bridge: Intel Corporation Device 09a2\n".repeat(500));
    expectRefusal(
      run(out, "-m", file("cut.gz", whole.subarray(0, whole.length / 2))),
      4,
      out,
      "gzip stream is damaged",
    );
  });
  it("reads a dump from standard input and names it in errors", () => {
    const out = fresh();
    const ended = p2peval(["run", ...SMALL, "-m", "-", "-o", out], "hello\n");
    expectRefusal(ended, 4, out, "standard input:1:1:");
  });
  it("refuses a device that is not there, with near matches", () => {
    const out = fresh();
    expectRefusal(run(out, "--to", "gpu9"), 2, out, 'no device "gpu9"', "gpu0");
  });
});

describe("bad output folders", () => {
  it("refuses one that has something in it, and touches nothing in it", () => {
    const out = scratch();
    writeFileSync(join(out, "precious.txt"), "mine");
    const { status, stderr } = run(out);
    expect(status).toBe(5);
    expect(stderr).toContain("exists already");
    expect(readdirSync(out)).toEqual(["precious.txt"]);
    expect(run(out, "--force")).toMatchObject({ status: 5, stderr: expect.stringContaining("no run is in it") });
    writeFileSync(join(out, "manifest.json"), "{}");
    expect(run(out, "--force").status).toBe(0);
    expect(readFileSync(join(out, "precious.txt"), "utf8")).toBe("mine");
  });
  it("refuses a file, and a place below a file", () => {
    const path = file("a-file", "");
    expect(run(path)).toMatchObject({ status: 5, stderr: expect.stringContaining("is a file") });
    expect(run(join(path, "below"))).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("cannot be made here"),
    });
  });
  it("refuses one that another run is writing", () => {
    const out = scratch();
    mkdirSync(join(out, "charts"));
    writeFileSync(join(out, "p2peval.lock"), "");
    expect(run(out, "--force")).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("another run is writing it"),
    });
  });
});

describe("bad plugins", () => {
  it.each([
    ["is not there", undefined, "no such plugin file"],
    ["is not JavaScript", "this is { not", "not a JavaScript module that loads"],
    ["exports nothing", "export const other = 1;\n", 'exports no "proposal"'],
    ["exports something else", 'export const proposal = { name: "x y", contract: 2 };\n', "proposal.contract"],
    ["throws while loading", 'throw new Error("boom");\n', "boom"],
    [
      "takes a name that is taken",
      'export const proposal = { contract: 1, name: "staging", title: "x", forms: { a: { provenance: "posted", sources: [], install: () => ({}) } } };\n',
      "another proposal is called",
    ],
  ])("refuses a file that %s", (_, content, words) => {
    const out = fresh();
    const path = content === undefined ? "./nowhere.mjs" : file("plugin.mjs", content);
    const ended = run(out, "-p", path);
    expectRefusal(ended, words === "another proposal is called" ? 2 : 4, out, words, path);
  });
  it("ends with one line and status 70, and leaves nothing, where a plugin throws while it runs", () => {
    const out = fresh();
    const path = file(
      "throws.mjs",
      'export const proposal = { contract: 1, name: "throws", title: "x", forms: { a: { provenance: "posted", sources: [], install: () => { throw new Error("boom"); } } } };\n',
    );
    const ended = run(out, "-p", path);
    expectRefusal({ ...ended, stderr: ended.stderr.replace("internal error", "") }, 70, out, "boom");
  });
});
