import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROPOSALS } from "../../proposals/index.ts";
import { numeral } from "../../reports/numeral.ts";
import { WORKLOADS } from "../../workloads/index.ts";
import { scratch } from "../scratch.ts";
import { type Ended, p2peval } from "./command.ts";

const PAIR = ["-m", "one-switch", "--from", "nvme0", "--to", "gpu0"] as const;
const explain = (...args: readonly string[]): Ended => p2peval(["explain", ...args]);

describe("p2peval explain", () => {
  test("prints the explanation, and nothing else", () => {
    const { status, stdout, stderr } = explain(...PAIR);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^nvme0 \(0000:1a:00\.0\) and gpu0 \(0000:1b:00\.0\) on one-switch;/);
    expect(stdout).toContain("kernel: BUS_ADDR, distance 4");
  });

  test("knows a device by its full address, its short one and its role", () => {
    const expected = explain(...PAIR).stdout;
    for (const [from, to] of [
      ["0000:1a:00.0", "0000:1b:00.0"],
      ["1A:00.0", "1b:00.0"],
    ] as const)
      expect(explain("-m", "one-switch", "--from", from, "--to", to).stdout).toBe(expected);
  });

  test("prints one document with --json, with the same numbers as the text", () => {
    const args = [...PAIR, "--iommu", "strict", "--kernel", "5.15", "--request-size", "64KiB"];
    const { status, stdout } = explain(...args, "--json");
    expect(status).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(["schema", "ok", "data", "warnings", "errors"]);
    expect(document).toMatchObject({ schema: "p2peval-explain/1", ok: true, warnings: [], errors: [] });
    expect(document.data.settings).toMatchObject({ iommu: "strict", kernel: "5.15", request_bytes: 65536 });
    const text = explain(...args).stdout;
    const latencies: readonly number[] = document.data.mechanisms.flatMap(
      // What was refused has none.
      ({ latency_p50_ns }: { readonly latency_p50_ns: number | null }) => latency_p50_ns ?? [],
    );
    expect(latencies.length).toBeGreaterThan(0);
    for (const each of latencies) expect(text).toContain(` ${numeral(each * 1e-3)} `);
  });

  test("tries every form of every proposal in every workload that joins the two roles", () => {
    const { data } = JSON.parse(explain(...PAIR, "--request-size", "4KiB", "--json").stdout);
    const tried = data.mechanisms.map(
      (each: Readonly<Record<"proposal" | "form" | "workload", string>>) =>
        `${each.proposal}/${each.form} ${each.workload}`,
    );
    const joining = WORKLOADS.filter(({ from, to }) => [from, to].sort().join() === "gpu,nvme");
    const expected = joining.flatMap(({ name }) =>
      PROPOSALS.flatMap((each) => Object.keys(each.forms).map((form) => `${each.name}/${form} ${name}`)),
    );
    expect([...tried].sort()).toEqual([...expected].sort());
  });

  test("says the same every time", () => {
    const args = [...PAIR, "--iommu", "lazy", "--request-size", "16KiB"];
    expect(explain(...args).stdout).toBe(explain(...args).stdout);
  });

  test("reads a dump from standard input", () => {
    const dump = readFileSync(new URL("../machines/fixtures/server.lspci-nnvvv.txt", import.meta.url));
    const ended = p2peval(["explain", "-m", "-", "--from", "nvme0", "--to", "gpu0", "--request-size", "4KiB"], dump);
    expect([ended.status, ended.stderr.split("\n")[0]]).toEqual([0, expect.stringMatching(/^note: /)]);
    expect(ended.stdout).toContain("ReqRedir");
  });

  test("is quiet when its reader goes away", () => {
    const command = `"${process.execPath}" dist/cli/main.js explain ${PAIR.join(" ")} --request-size 4KiB | head -n 1`;
    expect(spawnSync("bash", ["-c", command], { encoding: "utf8" }).stderr).toBe("");
  });

  test("explains itself, with examples", () => {
    const { status, stdout } = explain("--help");
    expect(status).toBe(0);
    for (const word of ["Examples:", "--iommu", "--kernel", "6.12", "host.lspci.txt"]) expect(stdout).toContain(word);
  });
});

describe("Bad input", () => {
  const on = (...args: readonly string[]): readonly string[] => ["-m", "one-switch", ...args];

  test.each<[string, readonly string[], number, readonly string[]]>([
    ["nothing at all", [], 2, ["--from: names no device", "--to: names no device", "-m: names no machine"]],
    ["an unknown device", on("--from", "gpu9", "--to", "nvme0"), 2, ['no device "gpu9"; did you mean gpu0 or gpu1?']],
    [
      "a device like no other",
      on("--from", "flux-capacitor", "--to", "nvme0"),
      2,
      ["p2peval list machines -m one-switch"],
    ],
    ["the same device twice", on("--from", "gpu0", "--to", "1b:00.0"), 2, ["are the same device, 0000:1b:00.0"]],
    [
      "a downstream port",
      on("--from", "0000:19:00.0", "--to", "gpu0"),
      2,
      ["0000:19:00.0 of one-switch is a switch's downstream port, no endpoint; below it: nvme0 (0000:1a:00.0)"],
    ],
    ["a root port by its short name", on("--from", "17:02.0", "--to", "gpu0"), 2, ["is a root port, no endpoint"]],
    ["two machines", [...PAIR, "-m", "two-sockets"], 2, ["-m: takes one machine, not 2"]],
    ["an unknown machine", ["-m", "one-swich", "--from", "a", "--to", "b"], 2, ["did you mean one-switch?"]],
    ["a file that is not there", ["-m", "./no.txt", "--from", "a", "--to", "b"], 4, ["there is no such file"]],
    ["an IOMMU mode that is none", [...PAIR, "--iommu", "strickt"], 2, ["did you mean strict?"]],
    ["two IOMMU modes", [...PAIR, "--iommu", "off,strict"], 2, ["--iommu: takes one value, not 2"]],
    ["an ACS setting that is none", [...PAIR, "--acs", "maybe"], 2, ["one of as-found, off, on"]],
    ["a kernel without rules", [...PAIR, "--kernel", "5.3"], 2, ["known: 4.9, 4.20, 5.4, 5.15, 6.12"]],
    ["a size that is none", [...PAIR, "--request-size", "0"], 2, ["a size like 4KiB"]],
    ["a size that nobody waits for", [...PAIR, "--request-size", "1GiB"], 2, ["are more than 67108864"]],
    ["an unknown option", [...PAIR, "--form", "x"], 2, ["--from"]],
  ])("%s is told in a line, with nothing on stdout", (_what, args, status, words) => {
    const ended = explain(...args);
    expect([ended.status, ended.stdout]).toEqual([status, ""]);
    for (const word of words) expect(ended.stderr).toContain(word);
    expect(ended.stderr).not.toMatch(/\n\s+at |internal error/);
  });

  test("is told all at once, and is one document with --json", () => {
    const args = on("--from", "gpu9", "--to", "19:00.0", "--iommu", "x", "--kernel", "one", "--json");
    const { status, stdout, stderr } = explain(...args);
    expect(status).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(4);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: "p2peval-error/1", ok: false, data: null });
    expect(document.errors).toHaveLength(4);
  });

  test("in a dump has its place", () => {
    const path = join(scratch(), "empty.txt");
    writeFileSync(path, "");
    const { status, stderr } = explain("-m", path, "--from", "gpu0", "--to", "nvme0");
    expect([status, stderr.startsWith(`${path}:1:1: `)]).toEqual([4, true]);
  });
});

const DUMP = new URL("../../../shared/data/inputs/lspci/gpud-hgx-h100-dell-xe9680.lspci-vvv.txt.gz", import.meta.url);
const here = existsSync(DUMP);

describe.skipIf(!here)(`A server with eight H100${here ? "" : " (skipped: ../shared/data is absent)"}`, () => {
  const lines = (from: string, to: string): string =>
    explain("-m", DUMP.pathname, "--from", from, "--to", to, "--request-size", "64KiB").stdout.replace(/ +/g, " ");

  test("has a drive and a GPU below one switch", () => {
    const text = lines("0000:19:00.0", "0000:18:00.0");
    for (const line of [
      "switch, upstream 0000:16:00.0 gen5 x16 MPS 256 no ACS capability",
      "downstream 0000:17:00.0 MPS 256 no ACS bit (as found)",
      "0000:18:00.0 nvme0 (--to) gen4 x4 MPS 256 no ACS capability Micron Device 51c3",
      "kernel: BUS_ADDR, distance 4",
      "turns at switch 0000:16:00.0",
      "0000:19:00.0 also has NVLink",
    ])
      expect(text).toContain(line);
  });

  test("has two GPUs below two host bridges, both on the list, and NVLink between them", () => {
    const text = lines("0000:19:00.0", "0000:3b:00.0");
    for (const line of [
      "host bridge 0000:37 (8086:09a2, socket 0): on Linux 6.12's list",
      "kernel: THRU_HOST_BRIDGE, distance 8",
      "crosses from host bridge 0000:15 to host bridge 0000:37",
      "0000:19:00.0 and 0000:3b:00.0 also have NVLink",
    ])
      expect(text).toContain(line);
  });

  test("has NVSwitches whose ports redirect, below a root port that does not send back down", () => {
    const text = lines("0000:83:00.0", "0000:84:00.0");
    for (const line of [
      "root port 0000:80:01.0 MPS 256 no ACS bit (as found)",
      "downstream 0000:82:00.0 MPS 256 SrcValid ReqRedir CmpltRedir UpstreamFwd (as found)",
      "kernel: THRU_HOST_BRIDGE, distance 4",
      "they differ: ",
      "clear ReqRedir, CmpltRedir on 0000:82:00.0 and 0000:82:01.0",
    ])
      expect(text).toContain(line);
  });
});
