import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { nearest } from "../machines/nearest.ts";
import { PRESETS } from "../machines/presets.ts";
import { type Complaints, EXIT } from "./exit-status.ts";
import type { MachineText } from "./request.ts";

/** Larger than any dump seen; guards against a disk image given by mistake, or a gzip bomb. */
const LARGEST_DUMP = 64 * 2 ** 20;

/** A preset's name, a dump's path, or "-" for standard input; undefined, with a complaint, where it is none of them. */
export async function readMachine(source: string, complaints: Complaints): Promise<MachineText | undefined> {
  if (PRESETS.has(source)) return { preset: source };
  if (source === "-") return { text: await textOf(process.stdin), label: "standard input" };
  let content: Buffer;
  try {
    content = await readFile(source);
  } catch (error) {
    complaints.add(unreadable(source, error), looksLikePath(source) ? EXIT.unreadable : EXIT.usage);
    return undefined;
  }
  const text = unpacked(content);
  if (text === undefined) {
    complaints.add(
      `${source}:1:1: the gzip stream is damaged or longer than ${LARGEST_DUMP} bytes unpacked; make the dump again: sudo lspci -Dnnvvv | gzip > host.lspci.txt.gz`,
      EXIT.unreadable,
    );
    return undefined;
  }
  return { text, label: labelOf(source) };
}

/** A label, never a path: the file's own name without what says only that it is a dump. */
const labelOf = (path: string): string =>
  basename(path).replace(/(\.lspci(-[a-z]+)?)?(\.txt)?(\.gz)?$/, "") || basename(path);

const looksLikePath = (source: string): boolean => /[./\\]/.test(source);

function unreadable(source: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EISDIR") return `${source}: is a folder; give a file with the output of sudo lspci -Dnnvvv`;
  if (code === "EACCES") return `${source}: may not be read; check its permissions`;
  if (looksLikePath(source))
    return `${source}: there is no such file; give a dump (sudo lspci -Dnnvvv > host.lspci.txt) or a preset: ${[...PRESETS.keys()].join(", ")}`;
  const near = nearest(source, [...PRESETS.keys()]);
  const meant = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
  return `-m: "${source}" is neither a preset nor a file; presets: ${[...PRESETS.keys()].join(", ")}${meant}`;
}

function unpacked(content: Buffer): string | undefined {
  const gzipped = content[0] === 0x1f && content[1] === 0x8b;
  if (!gzipped) return content.length > LARGEST_DUMP ? undefined : content.toString("utf8");
  try {
    return gunzipSync(content, { maxOutputLength: LARGEST_DUMP }).toString("utf8");
  } catch {
    return undefined;
  }
}
