import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OutputFolder } from "../../cli/output-folder.ts";
import { scratch } from "../scratch.ts";

describe("A fresh folder", () => {
  it("is another one for each of many runs that start at once", async () => {
    const stem = join(scratch(), "out", "run");
    const folders = await Promise.all(Array.from({ length: 8 }, () => OutputFolder.createFresh(stem)));
    expect(folders.map(({ path }) => path).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${stem}-00${n}`));
    for (const folder of folders) await folder.abandon(false);
  });

  it("skips what is there, folder or file", async () => {
    const folder = scratch();
    mkdirSync(join(folder, "run-001"));
    writeFileSync(join(folder, "run-002"), "");
    const fresh = await OutputFolder.createFresh(join(folder, "run"));
    expect(fresh.path).toBe(join(folder, "run-003"));
    await fresh.abandon(false);
  });

  it("cannot be made below a file, which is said before anything is touched", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "out"), "");
    expect(await OutputFolder.freshFault(join(folder, "out", "run"))).toContain("cannot be made here");
    expect(await OutputFolder.freshFault(join(folder, "new", "run"))).toBeUndefined();
    expect(readdirSync(folder)).toEqual(["out"]);
  });
});

describe("A folder that a run is told to replace", () => {
  it("must have held one: what else is there is left alone", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "report.html"), "mine");
    expect(await OutputFolder.fault(folder, true)).toContain("no run is in it");
    writeFileSync(join(folder, "journal.jsonl"), "");
    expect(await OutputFolder.fault(folder, true)).toBeUndefined();
  });
});

describe("A run that is given up", () => {
  it("takes the folders away that it made, and no other", async () => {
    const there = scratch();
    const folder = await OutputFolder.create(join(there, "a", "b", "c"), false);
    await folder.abandon(false);
    expect(readdirSync(there)).toEqual([]);
  });

  it("leaves a folder in which somebody else has put something since", async () => {
    const there = scratch();
    const folder = await OutputFolder.create(join(there, "a", "b"), false);
    writeFileSync(join(there, "a", "mine"), "");
    await folder.abandon(false);
    expect(readdirSync(join(there, "a"))).toEqual(["mine"]);
  });

  it("keeps its journal where it was interrupted", async () => {
    const there = scratch();
    const folder = await OutputFolder.create(join(there, "a"), false);
    folder.journal({ cell_id: "x" });
    await folder.abandon(true);
    expect(readdirSync(join(there, "a"))).toEqual(["journal.jsonl"]);
  });

  it("leaves nothing where it could not even begin", async () => {
    const there = scratch();
    const long = join(there, "a", "x".repeat(300));
    await expect(OutputFolder.create(long, false)).rejects.toThrow(/cannot be written/);
    expect(existsSync(join(there, "a"))).toBe(false);
  });
});
