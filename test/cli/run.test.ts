import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.ts";
import { p2peval, QUICK, SMALL } from "./command.ts";

const contents = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(folder.length + 1),
        readFileSync(join(entry.parentPath, entry.name), "utf8"),
      ]),
  );

describe("p2peval run", () => {
  it("writes every table and chart, the page and, last, the manifest, and leaves no lock", () => {
    const out = join(scratch(), "run");
    const { status, stdout, stderr } = p2peval(["run", ...QUICK, "-o", out]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/zone-device\/as-posted +storage-to-gpu +one-switch +64KiB +completed/);
    expect(stderr).toContain(`wrote ${out}/results.csv`);
    expect([...contents(out).keys()].sort()).toEqual([
      "cells.csv",
      "charts/cpu-by-size.svg",
      "charts/cpu-by-size.vl.json",
      "charts/dram-by-size.svg",
      "charts/dram-by-size.vl.json",
      "charts/root-complex-bytes.svg",
      "charts/root-complex-bytes.vl.json",
      "charts/struct-pages-by-bar.svg",
      "charts/struct-pages-by-bar.vl.json",
      "charts/throughput-by-size.svg",
      "charts/throughput-by-size.vl.json",
      "charts/throughput-over-pipelined.svg",
      "charts/throughput-over-pipelined.vl.json",
      "invariants.csv",
      "journal.jsonl",
      "manifest.json",
      "report.html",
      "results.csv",
    ]);
  });

  it("writes the same bytes again, on one worker and on two, whatever is leapt", () => {
    const runs = [
      ["-j", "1"],
      ["-j", "2"],
      ["-j", "2"],
    ].map((jobs) => {
      const out = join(scratch(), "run");
      expect(p2peval(["run", ...QUICK, "--iommu", "off,strict", ...jobs, "-o", out]).status).toBe(0);
      return contents(out);
    });
    for (const name of [
      "results.csv",
      "cells.csv",
      "invariants.csv",
      "charts/throughput-by-size.svg",
      "charts/root-complex-bytes.svg",
      "report.html",
    ]) {
      expect(runs[1]?.get(name)).toBe(runs[0]?.get(name));
      expect(runs[2]?.get(name)).toBe(runs[0]?.get(name));
    }
    // Three times every form in every workload: on a busy machine more than the usual patience.
  }, 60_000);

  it("puts only base units and known metrics into results.csv, and every row has its basis and a reason", () => {
    const out = join(scratch(), "run");
    p2peval(["run", ...QUICK, "-o", out]);
    const rows: Record<string, string>[] = parse(readFileSync(join(out, "results.csv"), "utf8"), { columns: true });
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) {
      // What was refused has one row, with its reason and no number.
      expect(row["metric"] === "").toBe(row["value"] === "");
      expect([...(row["metric"] === "" ? [""] : []), "By/s", "ns", "By", "1", "ns/By", "By/By"]).toContain(row["unit"]);
      expect(["checked", "extrapolated", "assumed", ""]).toContain(row["basis"]);
      expect(row["basis"] === "").toBe(row["metric"] === "");
      expect(row["reason"]).not.toBe("");
      expect(row["machine"]).not.toContain("/");
    }
  });

  it("prints one JSON document and nothing else on stdout with --json", () => {
    const { status, stdout } = p2peval(["run", ...QUICK, "--json", "-o", join(scratch(), "run")]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: "p2peval-run/1", ok: true, errors: [] });
  });

  it("ends with status 1 and says so where a transfer reported an error", () => {
    const { status, stdout, stderr } = p2peval([
      "run",
      "-m",
      "client-root-ports",
      "-p",
      "zone-device",
      "-w",
      "gpu-to-storage",
      ...SMALL,
      "-o",
      join(scratch(), "run"),
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain("data transfer error");
    expect(stderr).toContain("1 of 2 cells failed");
  });

  it("runs between the devices that are named", () => {
    const out = join(scratch(), "run");
    p2peval(["run", ...SMALL, "--from", "nvme1", "--to", "gpu1", "-p", "zone-device", "-o", out]);
    const rows: Record<string, string>[] = parse(readFileSync(join(out, "cells.csv"), "utf8"), { columns: true });
    expect(new Set(rows.flatMap((row) => [row["from"], row["to"]])).size).toBe(2);
    const other = join(scratch(), "run");
    p2peval(["run", ...SMALL, "-p", "zone-device", "-o", other]);
    const defaults: Record<string, string>[] = parse(readFileSync(join(other, "cells.csv"), "utf8"), { columns: true });
    expect(rows[0]?.["from"]).not.toBe(defaults[0]?.["from"]);
  });

  it("takes ACS as Linux sets it for the IOMMU mode, as explain does, and says so; as found, it says what Linux would do", () => {
    const words = ["run", ...QUICK, "--iommu", "strict", "--acs", "linux,as-found"];
    const { stderr } = p2peval([...words, "-o", join(scratch(), "run")]);
    const pair = ["--from", "nvme0", "--to", "gpu0", "--iommu", "strict"];
    for (const acs of ["linux", "as-found"]) {
      const explained = p2peval(["explain", "-m", "one-switch", ...pair, "--acs", acs, "--json"]);
      const { in_effect } = JSON.parse(explained.stdout).data.acs;
      expect(stderr).toContain(`note: one-switch, ACS bits: ${in_effect}`);
    }
    expect(p2peval(["run", ...QUICK, "-o", join(scratch(), "run")]).stderr).not.toContain("ACS bits");
  });

  it("tells from how many uses of a mapping on a form is no dearer, in table, CSV and page", () => {
    const out = join(scratch(), "run");
    const { stdout } = p2peval(["run", ...QUICK, "--total", "8MiB", "--reuse", "1,4", "-o", out]);
    expect(stdout).toContain("even from: uses of one mapping");
    const rows: Record<string, string>[] = parse(readFileSync(join(out, "results.csv"), "utf8"), { columns: true });
    const told = rows.filter(({ metric }) => metric === "break_even_reuse");
    expect(told.length).toBeGreaterThan(0);
    for (const { reuse, value, unit } of told)
      expect([reuse, unit, value]).toEqual(["1", "1", expect.stringMatching(/^(\d+|inf)$/)]);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("Break-even of reuse on one-switch");
  });

  it("gives BARs the sizes that are asked for, and says them in every row", () => {
    const out = join(scratch(), "run");
    p2peval(["run", ...QUICK, "--bar", "as-found,256MiB", "-o", out]);
    const rows: Record<string, string>[] = parse(readFileSync(join(out, "results.csv"), "utf8"), { columns: true });
    const said = new Set(rows.map(({ bar, bar_bytes }) => `${bar} ${bar_bytes}`));
    expect(said).toEqual(new Set([`as-found ${16 * 2 ** 30}`, `${2 ** 28} ${2 ** 28}`]));
  });

  it("draws constants for every repetition but the first, the same for every proposal", () => {
    const out = join(scratch(), "run");
    p2peval(["run", ...QUICK, "--seeds", "3", "-o", out]);
    const rows: Record<string, string>[] = parse(readFileSync(join(out, "cells.csv"), "utf8"), { columns: true });
    const hashes = new Map<string, Set<string>>();
    for (const row of rows)
      hashes.set(row["rep"] ?? "", (hashes.get(row["rep"] ?? "") ?? new Set()).add(row["params_hash"] ?? ""));
    expect([...hashes.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set([...hashes.values()].map((each) => [...each][0])).size).toBe(3);
  });
});

describe("p2peval list", () => {
  it.each(["machines", "proposals", "workloads", "invariants", "metrics", "constants"])(
    "lists %s, also as JSON",
    (what) => {
      const text = p2peval(["list", what]);
      const json = p2peval(["list", what, "--json"]);
      expect(text.status).toBe(0);
      const { data } = JSON.parse(json.stdout);
      expect(data.length).toBeGreaterThan(0);
      for (const { name } of data) expect(text.stdout).toContain(name);
    },
  );

  it("names the devices of a machine and what to call them", () => {
    const { stdout } = p2peval(["list", "machines", "-m", "one-switch"]);
    expect(stdout).toMatch(/nvme0 .*gen3 x4/);
    expect(stdout).toMatch(/gpu0 .*gen3 x16/);
  });
});
