import { readdir, readFile } from "node:fs/promises";
import { hashText } from "../sim/hash.ts";

const EXTENSION = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const PROPOSALS = new URL("../proposals/", import.meta.url);

/** What the code of one of our own proposals hashes to: of its file, or of all files of its folder. */
export async function sourceHash(name: string): Promise<string> {
  const folder = new URL(`${name}/`, PROPOSALS);
  const entries = await readdir(folder).catch(() => undefined);
  const files = entries?.filter((each) => each.endsWith(EXTENSION)).sort();
  const urls = files?.map((each) => new URL(each, folder)) ?? [new URL(`${name}${EXTENSION}`, PROPOSALS)];
  return hashText((await Promise.all(urls.map((url) => readFile(url, "utf8")))).join("\n"));
}
