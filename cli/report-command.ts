import { createHash } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Complaints, EXIT, UserError } from "./exit-status.ts";
import { describeFault } from "./fault.ts";
import { type Manifest, readManifest, type TABLES } from "./manifest.ts";
import { runPage, type TableTexts } from "./run-page.ts";
import type { Terminal } from "./terminal.ts";

/** Options of `report` as commander hands them over. */
export interface ReportOptions {
  readonly out?: string;
  readonly force: boolean;
}

const PAGE = "report.html";
const RUN_AGAIN = "give the folder of a finished p2peval run";

/** `report DIR`: makes the page of a finished run again, in its folder or where `-o` says ("-" is stdout). */
export async function reportCommand(folder: string, options: ReportOptions, terminal: Terminal): Promise<number> {
  const complaints = new Complaints();
  const manifest = await manifestIn(folder, complaints);
  complaints.throwIfAny();
  const texts = manifest && (await tablesIn(folder, manifest, complaints));
  if (options.out !== undefined) await checkTarget(options.out, options.force, complaints);
  complaints.throwIfAny();
  if (manifest === undefined || texts === undefined) return EXIT.internal;
  const made = await runPage(texts, manifest);
  if ("faults" in made)
    throw new UserError(
      made.faults.map((fault) => `${join(folder, fault)}; run it again`),
      EXIT.unreadable,
    );
  if (options.out === "-") terminal.print(made.page);
  else await keep(options.out ?? join(folder, PAGE), made.page);
  if (options.out === undefined) await noteHash(folder, manifest, made.page);
  if (options.out !== "-") terminal.note(`wrote ${options.out ?? join(folder, PAGE)}`);
  return EXIT.done;
}

async function manifestIn(folder: string, complaints: Complaints): Promise<Manifest | undefined> {
  const there = await stat(folder).catch(() => undefined);
  const path = join(folder, "manifest.json");
  const content = there?.isDirectory() ? await readFile(path, "utf8").catch(() => undefined) : undefined;
  const wrong = !there
    ? `${folder}: there is no such folder; ${RUN_AGAIN}`
    : !there.isDirectory()
      ? `${folder}: is a file; ${RUN_AGAIN}`
      : content === undefined
        ? `${path}: cannot be read, so this is no finished run; ${RUN_AGAIN}`
        : "";
  const read = content === undefined ? "" : readManifest(content);
  if (wrong) complaints.add(wrong, EXIT.unreadable);
  else if (typeof read === "string")
    complaints.add(`${path}: ${read}; run it again with this version`, EXIT.unreadable);
  return typeof read === "string" ? undefined : read;
}

/** The tables, each as the run left it: a page of numbers that somebody changed would claim to be the run's. */
async function tablesIn(folder: string, { sha256 }: Manifest, complaints: Complaints): Promise<TableTexts> {
  const read = async (name: (typeof TABLES)[number]): Promise<string> => {
    const path = join(folder, name);
    const content = await readFile(path, "utf8").catch(() => undefined);
    if (content === undefined) complaints.add(`${path}: cannot be read; run it again`, EXIT.unreadable);
    else if (hashOf(content) !== sha256[name])
      complaints.add(
        `${path}: is not what the run wrote (its SHA-256 is not that of manifest.json); run it again`,
        EXIT.unreadable,
      );
    return content ?? "";
  };
  return {
    "results.csv": await read("results.csv"),
    "cells.csv": await read("cells.csv"),
    "invariants.csv": await read("invariants.csv"),
  };
}

const hashOf = (content: string): string => createHash("sha256").update(content).digest("hex");

async function checkTarget(path: string, force: boolean, complaints: Complaints): Promise<void> {
  if (path.trim() === "") complaints.add("-o: is empty; give the path of a file, or - for stdout", EXIT.usage);
  if (path === "-" || path.trim() === "") return;
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) complaints.add(`-o: ${path} is a folder; give the path of a file`, EXIT.unwritable);
  else if (there && !force)
    complaints.add(`-o: ${path} exists already; give a new file, or --force to replace it`, EXIT.unwritable);
}

/** Writes a file whole or not at all. */
async function keep(path: string, content: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw new UserError([`${path}: could not be written (${describeFault(error)})`], EXIT.unwritable);
  }
}

/** The manifest holds the hash of every file, of a page that a newer version made too; everything else in it stays. */
async function noteHash(folder: string, { sha256 }: Manifest, page: string): Promise<void> {
  const hash = hashOf(page);
  if (sha256[PAGE] === hash) return;
  const path = join(folder, "manifest.json");
  const document: unknown = JSON.parse(await readFile(path, "utf8"));
  const whole = typeof document === "object" && document !== null ? document : {};
  await keep(path, `${JSON.stringify({ ...whole, sha256: { ...sha256, [PAGE]: hash } }, null, 2)}\n`);
}
