import { mkdir, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Folders that a run made, so that it can take them away again. */
export class MadeFolders {
  readonly #made: string[] = [];

  /** Makes a folder and what is missing above it. (mkdir with `recursive` never returns in /proc, and tells only the first it made.) */
  async make(path: string): Promise<void> {
    if (await stat(path).catch(() => undefined)) return;
    await this.#makeParent(path);
    await this.#makeOne(path);
  }

  /** Makes the folder; false where somebody else has, or did so just now. */
  async makeNew(path: string): Promise<boolean> {
    await this.#makeParent(path);
    return this.#makeOne(path);
  }

  async #makeParent(path: string): Promise<void> {
    const parent = dirname(path);
    if (parent !== path) await this.make(parent);
  }

  async #makeOne(path: string): Promise<boolean> {
    try {
      await mkdir(path);
      this.#made.push(path);
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
      throw error;
    }
  }

  /** Takes away those that are empty, innermost first. */
  async removeEmpty(): Promise<void> {
    for (const path of this.#made.splice(0).reverse()) await rmdir(path).catch(() => {});
  }
}
