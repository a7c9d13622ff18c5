import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { p2peval } from "./command.ts";

const FIXTURE = new URL("../kernel/p2pdma/fixtures/hierarchies.csv", import.meta.url).pathname;
const COLUMNS = "topology,cpu,iommu,provider,client,map_type,distance";
const HEADER = "topology,node,parent,kind,devfn,vendor,device,acs_ctl";

/** Two root ports of a Skylake below one host bridge; a card with ACS below the first. */
const SMALL = [
  HEADER,
  "pair,0,-1,R,0,8086,2030,0x0",
  "pair,1,-1,R,10,8086,2032,",
  "pair,2,0,E,0,15b3,1017,0x0",
  "pair,3,0,E,1,15b3,1017,",
  "pair,4,1,E,0,144d,a80a,",
  "",
].join("\n");

const verdicts = (args: readonly string[], input: string | Buffer = SMALL): ReturnType<typeof p2peval> =>
  p2peval(["kernel", "verdicts", "-", ...args], input);

const file = (name: string, content: string | Buffer): string => {
  const path = join(scratch(), name);
  writeFileSync(path, content);
  return path;
};

describe("p2peval kernel verdicts", () => {
  test("prints map type and distance of every ordered pair, under every boot, as CSV", () => {
    const { status, stdout, stderr } = verdicts([]);
    expect([status, stderr]).toEqual([0, ""]);
    const rows = parse<Record<string, string>>(stdout, { columns: true });
    expect(stdout.split("\n")[0]).toBe(COLUMNS);
    expect(stdout).toMatch(/[^\n]\n$/);
    const boots = [...new Set(rows.map(({ cpu, iommu }) => `${cpu} ${iommu}`))];
    expect(boots).toEqual(["generic off", "amd-zen off", "generic on", "amd-zen on"]);
    const pairs = rows.slice(0, 6).map(({ provider, client }) => `${provider}${client}`);
    expect(pairs).toEqual(["23", "24", "32", "34", "42", "43"]);
    expect(stdout.split("\n").slice(1, 4)).toEqual([
      "pair,generic,off,2,3,BUS_ADDR,2",
      "pair,generic,off,2,4,THRU_HOST_BRIDGE,4",
      "pair,generic,off,3,2,BUS_ADDR,2",
    ]);
    expect(stdout).toContain("pair,generic,on,2,3,THRU_HOST_BRIDGE,2");
  });

  test("prints the boots that are named, in their own order, however often they are named", () => {
    const all = verdicts([]).stdout.split("\n");
    const some = verdicts(["--iommu", "on", "--cpu", "amd-zen", "--cpu", "generic,amd-zen"]).stdout.split("\n");
    expect(some).toEqual(all.filter((line) => line.includes(",on,") || line === COLUMNS || line === ""));
  });

  test("judges the endpoints of an lspci dump by their addresses, with the machine's own CPU, and notes what was assumed", () => {
    const dump = new URL("../machines/fixtures/server.lspci-nnvvv.txt", import.meta.url).pathname;
    const { status, stdout, stderr } = p2peval(["kernel", "verdicts", dump]);
    const rows = parse<Record<string, string>>(stdout, { columns: true });
    expect(status).toBe(0);
    expect(rows).toHaveLength(2 * 4 * 3);
    expect(new Set(rows.map(({ topology, cpu }) => `${topology} ${cpu}`))).toEqual(new Set(["server generic"]));
    expect(rows[0]).toMatchObject({ provider: "0000:1a:00.0", client: "0000:1b:00.0", map_type: "THRU_HOST_BRIDGE" });
    expect(stderr).toContain("note: ");
    const both = p2peval(["kernel", "verdicts", dump, "--cpu", "generic,amd-zen"]).stdout;
    expect(parse(both, { columns: true })).toHaveLength(2 * rows.length);
  });

  test("tells what is wrong with an lspci dump by its line", () => {
    const cut = readFileSync(new URL("../machines/fixtures/server.lspci-nnvvv.txt", import.meta.url), "utf8");
    const path = file("cut.lspci.txt", cut.split("\n\n").slice(0, 1).join("\n\n"));
    const { status, stdout, stderr } = p2peval(["kernel", "verdicts", path]);
    expect([status, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/cut\.lspci\.txt:\d+:\d+: /);
  });

  test("takes a file, plain or gzip, and standard input alike", () => {
    const plain = p2peval(["kernel", "verdicts", FIXTURE]).stdout;
    expect(plain.split("\n").length).toBeGreaterThan(100);
    const packed = file("hierarchies.csv.gz", gzipSync(readFileSync(FIXTURE)));
    expect(p2peval(["kernel", "verdicts", packed]).stdout).toBe(plain);
    expect(verdicts([], readFileSync(FIXTURE)).stdout).toBe(plain);
    expect(verdicts([], readFileSync(packed)).stdout).toBe(plain);
  });

  test("follows the kernel that is named; 6.12 where none is", () => {
    expect(verdicts(["--kernel", "6.12"]).stdout).toBe(verdicts([]).stdout);
    const old = verdicts(["--kernel", "4.20"]).stdout;
    expect(old).toContain("pair,amd-zen,off,2,4,NOT_SUPPORTED,-1\n");
    expect(old).toContain("pair,generic,on,2,3,NOT_SUPPORTED,-2\n");
    expect(verdicts(["--kernel", "5.4"]).stdout).toContain("pair,amd-zen,off,2,4,NOT_SUPPORTED,4\n");
    expect(verdicts(["--kernel", "5.15"]).stdout).toContain("pair,generic,off,2,4,THRU_HOST_BRIDGE,4\n");
  });

  test("prints one document with --json", () => {
    const { status, stdout, stderr } = verdicts(["--json", "--cpu", "generic", "--iommu", "off"]);
    expect([status, stderr]).toEqual([0, ""]);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(["schema", "ok", "data", "warnings", "errors"]);
    expect(document).toMatchObject({ schema: "p2peval-kernel-verdicts/1", ok: true, warnings: [], errors: [] });
    expect(document.data.kernel).toBe("6.12");
    expect(document.data.verdicts).toHaveLength(6);
    expect(document.data.verdicts[1]).toEqual({
      topology: "pair",
      cpu: "generic",
      iommu: "off",
      provider: 2,
      client: 4,
      map_type: "THRU_HOST_BRIDGE",
      distance: 4,
    });
  });

  test("prints the header alone where there is no pair", () => {
    expect(verdicts([], `${HEADER}\nlone,0,-1,I,0,8086,1,\n`).stdout).toBe(`${COLUMNS}\n`);
  });

  test("is quiet when its reader goes away", () => {
    const command = `"${process.execPath}" dist/cli/main.js kernel verdicts "${FIXTURE}" | head -n 1`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect(stdout).toBe(`${COLUMNS}\n`);
    expect(stderr).toBe("");
  });

  test("stops when its reader goes away, however many pairs are left", () => {
    const many = Array.from({ length: 12_000 }, (_, node) => `t,${node},-${node + 1},E,0,1,1,`);
    const path = file("many.csv", `${[HEADER, ...many].join("\n")}\n`);
    const command = `"${process.execPath}" dist/cli/main.js kernel verdicts "${path}" | tail -n +3 | head -n 1`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8", timeout: 15_000 });
    expect([stdout, stderr]).toEqual(["t,generic,off,0,2,NOT_SUPPORTED,2\n", ""]);
  });

  test("explains itself, with an example", () => {
    const { status, stdout } = p2peval(["kernel", "verdicts", "--help"]);
    expect(status).toBe(0);
    for (const word of ["Example:", "--kernel", "amd-zen", "acs_ctl", COLUMNS]) expect(stdout).toContain(word);
  });
});

describe("Kernels without rules", () => {
  test.each([
    ["4.9", "4.9 has no pci_p2pdma: it was merged in 4.20"],
    ["4.19", "4.19 has no pci_p2pdma: it was merged in 4.20"],
    ["2.6", "2.6 has no pci_p2pdma: it was merged in 4.20"],
    ["5.1", 'the rules of "5.1" are not known; known: 4.20, 5.4, 5.15, 6.12'],
    ["newest", 'the rules of "newest" are not known; known: 4.20, 5.4, 5.15, 6.12'],
    ["constructor", 'the rules of "constructor" are not known'],
  ])("%s is a usage error", (kernel, words) => {
    const { status, stdout, stderr } = verdicts(["--kernel", kernel]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("Bad input", () => {
  const broken = [HEADER, "t,0,-1,R,8,8086,wxyz,", "t,1,7,E,0,1,1,", "t,2,0,E,0,1", ""].join("\n");

  test("has every error told at once, each at its file, line and column, and nothing on stdout", () => {
    const path = file("broken.csv", broken);
    const { status, stdout, stderr } = p2peval(["kernel", "verdicts", path]);
    expect([status, stdout]).toEqual([4, ""]);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => line.split(";")[0]),
    ).toEqual([
      `${path}:2:17: device is "wxyz"`,
      `${path}:3:5: t has no node 7`,
      `${path}:4:11: this row has 6 fields, and the header 8`,
    ]);
    expect(verdicts([], broken).stderr).toContain("standard input:2:17: device");
  });

  test("is one document with --json, with the same errors", () => {
    const { status, stdout } = verdicts(["--json"], broken);
    expect(status).toBe(4);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: "p2peval-error/1", ok: false, data: null });
    expect(document.errors).toHaveLength(3);
  });

  test.each([
    ["an empty file", "", "standard input:1:1: this is empty"],
    ["a binary file", Buffer.from([0, 1, 2, 255]), "standard input:1:1: this is binary"],
    [
      "a damaged gzip stream",
      gzipSync(SMALL).subarray(0, 20),
      "standard input:1:1: this is longer than 67108864 bytes, or a damaged gzip stream",
    ],
    ["another table", "a,b\n1,2\n", "standard input:1:1: the header lacks the column topology"],
  ])("%s is unreadable input", (_what, content, words) => {
    const { status, stdout, stderr } = verdicts([], content);
    expect([status, stdout]).toEqual([4, ""]);
    expect(stderr).toContain(words);
  });

  test.each([
    ["no such file", "nowhere.csv", "nowhere.csv: there is no such file"],
    ["a device that never ends", "/dev/zero", "/dev/zero: is no file that can be read to its end"],
  ])("%s is unreadable input too", (_what, path, words) => {
    const { status, stdout, stderr } = p2peval(["kernel", "verdicts", path]);
    expect([status, stdout]).toEqual([4, ""]);
    expect(stderr).toContain(words);
  });

  test("so is a folder", () => {
    const folder = join(scratch(), "folder");
    mkdirSync(folder);
    const { status, stderr } = p2peval(["kernel", "verdicts", folder]);
    expect(status).toBe(4);
    expect(stderr).toContain(`${folder}: is a folder`);
  });

  test("wrong words are told beside what is wrong in the file, and decide the status", () => {
    const { status, stdout, stderr } = verdicts(["--cpu", "zen", "--iommu", "strict", "--kernel", "4.9"], broken);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(6);
    expect(stderr).toContain('--cpu: "zen" is not one of generic, amd-zen');
    expect(stderr).toContain('--iommu: "strict" is not one of off, on');
  });
});

describe("p2peval kernel", () => {
  test("keeps counts for a later version", () => {
    const { status, stdout, stderr } = p2peval(["kernel", "counts", "--anything"]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('"kernel counts" is reserved for a later version');
  });

  test.each([[[]], [["verdict"]], [["verdicts"]]])("with %j is a usage error", (words) => {
    const { status, stdout, stderr } = p2peval(["kernel", ...words]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
  });
});

const RECORDED = new URL("../../../shared/data/kernel/", import.meta.url);
const here = existsSync(RECORDED);

describe.skipIf(!here)(`Recorded verdicts of Linux 6.12${here ? "" : " (skipped: ../shared/data is absent)"}`, () => {
  test("are printed to the byte", () => {
    const { status, stdout } = p2peval(["kernel", "verdicts", new URL("topologies.csv", RECORDED).pathname]);
    expect(status).toBe(0);
    expect(stdout === readFileSync(new URL("verdicts.csv", RECORDED), "utf8")).toBe(true);
  });
});
