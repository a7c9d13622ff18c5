import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { nearest } from "../machines/nearest.ts";
import { PRESETS } from "../machines/presets.ts";
import { type Complaints, EXIT } from "./exit-status.ts";
import { openPipe } from "./named-pipe.ts";
import type { MachineText } from "./request.ts";
import { visible } from "./visible.ts";

/** Larger than any dump seen; guards against a disk image given by mistake, or a gzip bomb. */
const LARGEST_DUMP = 64 * 2 ** 20;

/** A preset's name, a dump's path, or "-" for standard input; undefined, with a complaint, where it is none of them. */
export async function readMachine(source: string, complaints: Complaints): Promise<MachineText | undefined> {
  if (PRESETS.has(source)) return { preset: source };
  if (source === "-") return readStandardInput(complaints);
  let content: Buffer;
  try {
    const { size, ...kind } = await statOf(source);
    if (!kind.readable || size > LARGEST_DUMP) {
      const why = kind.readable ? `is longer than ${LARGEST_DUMP} bytes` : "is no file that can be read to its end";
      complaints.add(`${source}: ${why}; give the output of sudo lspci -Dnnvvv`, EXIT.unreadable);
      return undefined;
    }
    content = kind.pipe ? await readStream(openPipe(source)) : await readFile(source);
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
  return { text, label: labelOf(source), source };
}

/** Devices never end; pipes, as of `<(zcat ...)`, do. A folder is told as such when it is read. */
async function statOf(
  source: string,
): Promise<{ readonly size: number; readonly readable: boolean; readonly pipe: boolean }> {
  const there = await stat(source);
  return {
    size: there.size,
    readable: !there.isCharacterDevice() && !there.isBlockDevice() && !there.isSocket(),
    pipe: there.isFIFO(),
  };
}

/** Reads little further than the largest dump, so that what is too long can be told as such. */
async function readStream(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(Buffer.from(part));
    length += part.length;
    if (length > LARGEST_DUMP) break;
  }
  return Buffer.concat(parts);
}

async function readStandardInput(complaints: Complaints): Promise<MachineText | undefined> {
  const label = "standard input";
  let content: Buffer;
  try {
    content = await readStream(process.stdin);
  } catch {
    complaints.add(`${label}: cannot be read; pipe the output of sudo lspci -Dnnvvv into it`, EXIT.unreadable);
    return undefined;
  }
  const text = unpacked(content);
  if (text !== undefined) return { text, label, source: label };
  complaints.add(`${label}:1:1: is longer than ${LARGEST_DUMP} bytes, or a damaged gzip stream`, EXIT.unreadable);
  return undefined;
}

/** A label, never a path: the file's own name without what says only that it is a dump. */
export const labelOf = (path: string): string =>
  visible(basename(path).replace(/(\.lspci(-[a-z]+)?)?(\.txt)?(\.gz)?$/, "") || basename(path));

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
