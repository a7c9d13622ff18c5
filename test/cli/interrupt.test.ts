import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.ts";
import { p2peval, SMALL } from "./command.ts";
import { pluginFile } from "./plugin.ts";

const LONG = [
  "run",
  ...["-w", "storage-to-gpu,gpu-to-storage"],
  "--no-leap",
  "--request-size",
  "4KiB",
  "--total",
  "64MiB",
  "-q",
];

/** Runs something long and ends it by a signal as soon as its folder is there. */
function interrupted(
  signal: "SIGINT" | "SIGTERM" | "SIGHUP",
  jobs: string,
  out: string,
  ...more: readonly string[]
): Promise<{ status: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["dist/cli/main.js", ...LONG, "-j", jobs, "-o", out, ...more]);
    let stderr = "";
    child.stderr.on("data", (part) => {
      stderr += String(part);
    });
    const poll = setInterval(() => {
      if (!existsSync(join(out, "journal.jsonl"))) return;
      clearInterval(poll);
      setTimeout(() => child.kill(signal), 300);
    }, 20);
    child.on("close", (status) => resolve({ status, stderr }));
  });
}

describe("An interrupted run", () => {
  it.each([
    ["SIGINT", "1", 130],
    ["SIGINT", "2", 130],
    ["SIGTERM", "1", 143],
    ["SIGHUP", "2", 129],
  ] as const)(
    "says so after %s with -j %s, ends with %d, and leaves its journal and no lock",
    async (signal, jobs, status) => {
      const out = join(scratch(), "out");
      const ended = await interrupted(signal, jobs, out);
      expect(ended.stderr).toMatch(/interrupted after \d+ of \d+ cells/);
      expect(ended.status).toBe(status);
      expect(readdirSync(out)).toEqual(["journal.jsonl"]);
    },
  );
});

describe("A plugin that loops in a verb", () => {
  it.each([
    ["SIGINT", "1", 130],
    ["SIGTERM", "2", 143],
    ["SIGHUP", "1", 129],
  ] as const)("is ended by %s with -j %s, with %d", async (signal, jobs, status) => {
    const out = join(scratch(), "out");
    const path = pluginFile({ access: "*access() { for (;;); }" });
    const ended = await interrupted(signal, jobs, out, "-p", path);
    expect(ended.stderr).toContain("interrupted after 0 of 2 cells");
    expect(ended.status).toBe(status);
    expect(readdirSync(out)).toEqual(["journal.jsonl"]);
  });
});

describe("A fault of our own outside of any call", () => {
  it("ends the run in one line with 70, and leaves neither lock nor folder", () => {
    const folder = scratch();
    const preload = join(folder, "preload.mjs");
    writeFileSync(
      preload,
      `import { existsSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
const out = ${JSON.stringify(join(folder, "a", "out", "journal.jsonl"))};
const look = () => { if (existsSync(out)) throw new Error("boom"); setTimeout(look, 20); };
if (isMainThread) look();\n`,
    );
    const args = ["--import", preload, "dist/cli/main.js", ...LONG, "-o", join(folder, "a", "out")];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 15_000 });
    expect(status).toBe(70);
    expect(stderr.split("\n").filter((line) => !line.startsWith("note: "))).toEqual([
      "p2peval: internal error: boom; please report it",
      "",
    ]);
    expect(readdirSync(folder)).toEqual(["preload.mjs"]);
  });
});

describe("A plugin that is not honest", () => {
  it("ends corrupt where it says that it moved what never crossed the exporter's link", () => {
    const path = pluginFile({ name: "liar" });
    const { status, stdout } = p2peval(["run", ...SMALL, "-p", path, "-o", join(scratch(), "out")]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/liar\/intended +storage-to-gpu +one-switch +64KiB +corrupt/);
    expect(stdout).toContain("but only 0 crossed the link");
  });

  it("is named by its path where it breaks", () => {
    const path = pluginFile({ name: "thrower", access: '*access() { throw new Error("boom"); }' });
    const out = join(scratch(), "out");
    for (const jobs of ["1", "2"]) {
      const { status, stderr } = p2peval(["run", ...SMALL, "-p", path, "-j", jobs, "-o", out]);
      expect(status).toBe(70);
      expect(stderr).toContain(`${path}: boom`);
      expect(existsSync(out)).toBe(false);
    }
  });

  it("is refused with its constants, one line each", () => {
    const path = join(scratch(), "constants.mjs");
    writeFileSync(
      path,
      'export const proposal = { contract: 1, name: "mine", title: "x", forms: { a: { provenance: "posted", sources: [], install: () => ({}) } }, constants: { lock: { unit: "ns", low: 3, typical: 2, high: 1, source: "", kind: "spec", what: "" } } };\n',
    );
    const { status, stderr } = p2peval(["run", ...SMALL, "-p", path, "-o", join(scratch(), "out")]);
    expect(status).toBe(4);
    for (const line of stderr.trim().split("\n")) expect(line).toMatch(/constants\.mjs: proposal\.constants: /);
  });
});

describe("Named ends", () => {
  it.each([
    ["gpu0", "gpu1", "are both of role gpu"],
    ["nvme0", "nvme1", "are both of role nvme"],
  ])("are refused where %s and %s do not fit what is asked", (from, to, words) => {
    const ended = p2peval(["run", ...SMALL, "--from", from, "--to", to, "-o", join(scratch(), "out")]);
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(words) });
  });
});
