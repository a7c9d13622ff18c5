import { readFile, stat } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { type Complaints, EXIT } from "./exit-status.ts";

/** Larger than any table that a person makes; guards against a disk image given by mistake, or a gzip bomb. */
const LARGEST = 64 * 2 ** 20;

/** A text, and what messages call it. */
export interface InputText {
  readonly text: string;
  readonly source: string;
}

/**
 * A file's text, plain or gzip, or that of standard input for "-"; undefined, with a complaint, where it cannot be had. `wanted` says
 * what it should hold.
 */
export async function readInput(path: string, wanted: string, complaints: Complaints): Promise<InputText | undefined> {
  const source = path === "-" ? "standard input" : path;
  const content = path === "-" ? await standardInput() : await fileContent(path);
  const text = typeof content === "string" || content.length > LARGEST ? undefined : unpacked(content);
  if (text !== undefined) return { text, source };
  const what =
    typeof content === "string"
      ? `: ${content}`
      : `:1:1: this is longer than ${LARGEST} bytes, or a damaged gzip stream`;
  complaints.add(`${source}${what}; give ${wanted}`, EXIT.unreadable);
  return undefined;
}

/** Devices and sockets may never end; pipes, as of `<(zcat ...)`, do. A sentence where it cannot be read. */
async function fileContent(path: string): Promise<Buffer | string> {
  try {
    const there = await stat(path);
    if (there.isCharacterDevice() || there.isBlockDevice() || there.isSocket())
      return "is no file that can be read to its end";
    return there.size > LARGEST ? `is longer than ${LARGEST} bytes` : await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return REASONS.get(code) ?? `cannot be read${code && ` (${code})`}`;
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "there is no such file"],
  ["EISDIR", "is a folder"],
  ["EACCES", "may not be read"],
]);

/** Reads little further than the largest file. */
async function standardInput(): Promise<Buffer | string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of process.stdin) {
      parts.push(Buffer.from(part));
      length += part.length;
      if (length > LARGEST) break;
    }
  } catch {
    return "cannot be read";
  }
  return Buffer.concat(parts);
}

function unpacked(content: Buffer): string | undefined {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content.toString("utf8");
  try {
    return gunzipSync(content, { maxOutputLength: LARGEST }).toString("utf8");
  } catch {
    return undefined;
  }
}
