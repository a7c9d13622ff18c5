import { createWriteStream, type WriteStream } from "node:fs";
import { access, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXIT, UserError } from "./exit-status.ts";
import { describeFault } from "./fault.ts";
import { MadeFolders } from "./made-folders.ts";

const LOCK = "p2peval.lock";
const MANIFEST = "manifest.json";
const JOURNAL = "journal.jsonl";
/**
 * The folder of one run. Nothing is made before the input is known to be good; then a lock and a journal; the manifest comes last and is
 * the mark of a complete run.
 */
export class OutputFolder {
  readonly path: string;
  readonly #journal: WriteStream;
  readonly #made: MadeFolders;

  private constructor(path: string, journal: WriteStream, made: MadeFolders) {
    this.path = path;
    this.#journal = journal;
    // A journal that cannot be written loses no result: writing the tables will say what is wrong.
    journal.on("error", () => {});
    this.#made = made;
  }

  /** Whether a folder can be made at `path`, said without touching anything; undefined where it can. */
  static async fault(path: string, force: boolean): Promise<string | undefined> {
    const there = await stat(path).catch(() => undefined);
    if (there === undefined)
      return (await writableAncestor(path))
        ? undefined
        : `${path}: cannot be made here; give a folder that may be written with -o`;
    if (!there.isDirectory()) return `${path}: is a file; give a new folder with -o`;
    const entries = await readdir(path).catch(() => undefined);
    if (entries === undefined) return `${path}: may not be read; give another folder with -o`;
    if (entries.includes(LOCK))
      return `${path}: another run is writing it (or was killed: then remove ${join(path, LOCK)})`;
    if (entries.length > 0 && !force)
      return `${path}: exists already; give a new folder with -o, or --force to replace the run in it`;
    if (entries.length > 0 && !entries.some((name) => name === MANIFEST || name === JOURNAL))
      return `${path}: no run is in it to be replaced, and what is there may be dear to somebody; give another folder with -o`;
    return (await mayWrite(path)) ? undefined : `${path}: cannot be written; give another folder with -o`;
  }

  /** Whether a fresh folder can be made beside `stem`, said without touching anything. */
  static async freshFault(stem: string): Promise<string | undefined> {
    return (await writableAncestor(stem))
      ? undefined
      : `${stem}-001: cannot be made here; give a folder that may be written with -o`;
  }

  /** The first of `stem-001`, `stem-002`, ... that nobody else has: making a folder is what decides between two runs. */
  static createFresh(stem: string): Promise<OutputFolder> {
    return OutputFolder.#make(`${stem}-001`, async (made) => {
      for (let number = 1; ; number += 1) {
        const path = `${stem}-${String(number).padStart(3, "0")}`;
        if (await made.makeNew(path)) return OutputFolder.#lock(path, false, made);
      }
    });
  }

  static create(path: string, force: boolean): Promise<OutputFolder> {
    return OutputFolder.#make(path, async (made) => {
      await made.make(path);
      return OutputFolder.#lock(path, force, made);
    });
  }

  /** Leaves nothing behind where it does not succeed. */
  static async #make(path: string, make: (made: MadeFolders) => Promise<OutputFolder>): Promise<OutputFolder> {
    const made = new MadeFolders();
    try {
      return await make(made);
    } catch (error) {
      await made.removeEmpty();
      throw new UserError(
        [`${path}: cannot be written (${describeFault(error)}); give another folder with -o`],
        EXIT.unwritable,
      );
    }
  }

  static async #lock(path: string, force: boolean, made: MadeFolders): Promise<OutputFolder> {
    await (await open(join(path, LOCK), "wx")).close();
    // Another run may have finished here since the folder was looked at.
    if (!force && (await readdir(path)).length > 1) {
      await rm(join(path, LOCK), { force: true });
      throw new Error("another run was quicker");
    }
    return new OutputFolder(path, createWriteStream(join(path, JOURNAL)), made);
  }

  /** Notes that a cell has ended: what survives an interruption. */
  journal(entry: object): void {
    if (this.#journal.writableEnded || this.#journal.destroyed) return;
    this.#journal.write(`${JSON.stringify(entry)}\n`);
  }

  /** Writes one file whole or not at all. What an earlier run left stays until there is something to put in its place. */
  async write(name: string, content: string): Promise<void> {
    const target = join(this.path, name);
    try {
      if (name !== MANIFEST) await rm(join(this.path, MANIFEST), { force: true });
      await this.#made.make(dirname(target));
      await writeFile(`${target}.partial`, content);
      await rename(`${target}.partial`, target);
    } catch (error) {
      await rm(`${target}.partial`, { force: true }).catch(() => {});
      throw new UserError([`${target}: could not be written (${describeFault(error)})`], EXIT.unwritable);
    }
  }

  async complete(manifest: object): Promise<void> {
    await this.close();
    await this.write(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(join(this.path, LOCK), { force: true });
  }

  /** Ends the journal. */
  async close(): Promise<void> {
    if (this.#journal.writableEnded || this.#journal.destroyed) return;
    await new Promise<void>((resolve) => this.#journal.end(() => resolve()).once("error", () => resolve()));
  }

  /** Keeps what the journal has and gives the folder free; or takes it away, and folders that were made for it, where they are empty. */
  async abandon(keepJournal: boolean): Promise<void> {
    await this.close();
    await rm(join(this.path, LOCK), { force: true });
    if (keepJournal) return;
    await rm(join(this.path, JOURNAL), { force: true });
    await this.#made.removeEmpty();
  }
}

async function writableAncestor(path: string): Promise<boolean> {
  const parent = dirname(path);
  const there = await stat(parent).catch(() => undefined);
  if (there === undefined) return parent !== path && writableAncestor(parent);
  return there.isDirectory() && mayWrite(parent);
}

async function mayWrite(path: string): Promise<boolean> {
  // Permission bits say nothing to root, and nothing of a read-only file system to anybody: only access(2) knows.
  return access(path, 2).then(
    () => true,
    () => false,
  );
}
