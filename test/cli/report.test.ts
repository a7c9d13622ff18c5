import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.ts";
import { p2peval, QUICK } from "./command.ts";

/** A finished run in a folder of its own. */
function finished(...options: readonly string[]): string {
  const out = join(scratch(), "run");
  expect(p2peval(["run", ...QUICK, ...options, "-o", out]).status).toBe(0);
  return out;
}
const read = (folder: string, name: string): string => readFileSync(join(folder, name), "utf8");

describe("p2peval report", () => {
  it("makes of a run's folder the page that the run wrote, byte for byte, and touches nothing else", () => {
    const run = finished("--iommu", "strict", "-w", "storage-to-gpu");
    const [page, manifest] = [read(run, "report.html"), read(run, "manifest.json")];
    const elsewhere = join(scratch(), "page.html");
    expect(p2peval(["report", run, "-o", elsewhere])).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(elsewhere, "utf8") === page).toBe(true);
    expect(p2peval(["report", run, "-o", "-"]).stdout === page).toBe(true);
    rmSync(join(run, "report.html"));
    expect(p2peval(["report", run]).status).toBe(0);
    expect(read(run, "report.html") === page).toBe(true);
    expect(read(run, "manifest.json")).toBe(manifest);
  });

  it("is the same page when the same run is made again", () => {
    const [first, second] = [finished("-j", "1"), finished("-j", "2")].map((run) => read(run, "report.html"));
    expect(first === second).toBe(true);
  });

  it("names a command line that asks for the same comparison", () => {
    const run = finished("--reuse", "2,inf", "--no-leap");
    const { command } = JSON.parse(read(run, "manifest.json"));
    expect(command).toBe(
      "p2peval run -m one-switch -p staging -p zone-device -w storage-to-gpu -w gpu-to-storage --request-size 64KiB --total 1MiB --queue-depth 4 --reuse 2,inf --iommu off --acs linux --initiators 1 --dram-load 0 --bar as-found --kernel 4.9 --seed 1 --seeds 1 --no-leap",
    );
    const again = join(scratch(), "again");
    expect(p2peval([...command.split(" ").slice(1), "-o", again]).status).toBe(0);
    expect(read(again, "report.html") === read(run, "report.html")).toBe(true);
  });

  it("puts into the manifest the hash of the page, also of one that it replaced", () => {
    const run = finished();
    const manifest = JSON.parse(read(run, "manifest.json"));
    const stale = { ...manifest, sha256: { ...manifest.sha256, "report.html": "of an older version" } };
    writeFileSync(join(run, "manifest.json"), JSON.stringify(stale));
    expect(p2peval(["report", run]).status).toBe(0);
    expect(JSON.parse(read(run, "manifest.json"))).toEqual(manifest);
  });

  it("says in one line what is missing, and ends with status 4", () => {
    const folder = scratch();
    const file = join(folder, "file");
    writeFileSync(file, "x");
    for (const [path, told] of [
      [join(folder, "nowhere"), "there is no such folder"],
      [file, "is a file"],
      [folder, "manifest.json: cannot be read, so this is no finished run"],
    ] as const) {
      const { status, stdout, stderr } = p2peval(["report", path]);
      expect([status, stdout]).toEqual([4, ""]);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(told);
    }
  });

  it("reads no manifest of another kind, and no tables that are missing or were changed", () => {
    const run = finished();
    const manifest = read(run, "manifest.json");
    const ends = (): readonly [number | null, string] => {
      const { status, stderr } = p2peval(["report", run]);
      return [status, stderr];
    };
    for (const [text, told] of [
      ["{", "is not JSON"],
      ['{"schema":"p2peval-manifest/1"}', "is of schema p2peval-manifest/1"],
      ["[]", "is not a run's manifest"],
    ] as const) {
      writeFileSync(join(run, "manifest.json"), text);
      expect(ends()).toEqual([4, expect.stringContaining(told)]);
    }
    writeFileSync(join(run, "manifest.json"), manifest);
    writeFileSync(join(run, "cells.csv"), `${read(run, "cells.csv")}\n`);
    rmSync(join(run, "invariants.csv"));
    const [status, told] = ends();
    expect(status).toBe(4);
    expect(told.trim().split("\n")).toEqual([
      expect.stringContaining("cells.csv: is not what the run wrote"),
      expect.stringContaining("invariants.csv: cannot be read"),
    ]);
  });

  it("replaces a file that is in its way only with --force, and ends with status 5 where it cannot write", () => {
    const run = finished();
    const taken = join(scratch(), "taken.html");
    writeFileSync(taken, "mine");
    expect(p2peval(["report", run, "-o", taken])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("--force"),
    });
    expect(readFileSync(taken, "utf8")).toBe("mine");
    expect(p2peval(["report", run, "-o", taken, "--force"]).status).toBe(0);
    mkdirSync(`${taken}.d`);
    expect(p2peval(["report", run, "-o", `${taken}.d`]).status).toBe(5);
    expect(p2peval(["report", run, "-o", join(taken, "below")]).status).toBe(5);
    expect(p2peval(["report"]).status).toBe(2);
  });
});
