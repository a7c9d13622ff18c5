/** What a text that was given as a machine turned out to be. */
export type TextKind =
  | "empty"
  | "gzip"
  | "binary"
  | "lspci"
  | "lspci -v"
  | "lspci -x"
  | "lspci -mm"
  | "lspci -t"
  | "lspci without -vvv"
  | "hwloc XML"
  | "NCCL topology XML"
  | "XML"
  | "fio JSON"
  | "JSON"
  | "fio log"
  | "nvidia-smi topo"
  | "nvidia-smi"
  | "prose";

/** Names what a text is by its signs; "prose" where nothing is recognised. Only "lspci", which is -vvv, can be read as a machine. */
export function recognise(text: string): TextKind {
  return KINDS.find(([, ...signs]) => signs.every((sign) => occurs(sign, text)))?.[0] ?? "prose";
}

/** A line that begins a function, perhaps quoted in a mail: "0000:19:00.0 ". */
const FUNCTION = /^(?:> ?)*(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] \S/m;

type Sign = RegExp | string;

const occurs = (sign: Sign, text: string): boolean =>
  typeof sign === "string" ? text.includes(sign) : sign.test(text);

/** In order: the first kind all of whose signs are there. Gzip's magic number, as UTF-8 and as Latin-1 decode it, comes before NUL. */
const KINDS: readonly (readonly [TextKind, ...Sign[]])[] = [
  ["gzip", "\u001f\ufffd\b"],
  ["gzip", "\u001f\u008b\b"],
  ["binary", "\0"],
  ["empty", /^\s*$/],
  ["hwloc XML", /<topology\b|<!DOCTYPE topology/],
  ["NCCL topology XML", /<system\b/, /<(?:cpu|pci)\b/],
  ["XML", /^\s*</],
  ["fio JSON", /^[ \t]*\{/m, /"fio version"/],
  ["JSON", /^\s*(?:\{\s*["}]|\[\s*(?:["{[\]]|-?[\d.]+\s*[,\]]))/],
  ["lspci", FUNCTION, /^(?:> ?)*[ \t]+(?:Control|Status): /m],
  ["lspci -v", FUNCTION, /^(?:> ?)*[ \t]+Flags: /m],
  ["lspci -x", FUNCTION, /^00: (?:[0-9a-f]{2} ){15}/m],
  ["lspci -mm", /^(?:Slot:\s*)?(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7](?: "|$)/m],
  ["lspci without -vvv", FUNCTION],
  ["lspci -t", /^[-|\\+ ]*\[[0-9a-f]{4,8}:[0-9a-f]{2}\]/m],
  ["nvidia-smi topo", /\bGPU0\b/, /\b(?:PIX|PXB|PHB|NODE|SYS|SOC|NV\d+)\b/],
  ["nvidia-smi", /NVIDIA-SMI|NVSMI LOG/],
  ["fio log", /^fio-\d|: \(g=\d+\): rw=/m],
];
