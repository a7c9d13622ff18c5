import type { InputFault } from "../machine.ts";
import type { TextKind } from "../recognise.ts";
import { readExpress } from "./express.ts";
import { overlaps } from "./overlaps.ts";
import { type LspciRecord, textOf } from "./record.ts";
import { isBusBridge } from "./role.ts";

/** What to run, as root, on the machine in question. */
const COMMAND = "`sudo lspci -Dnnvvv`";

/** Refuses a text that is not lspci -vvv, naming what it looks like. */
export function refuseKind(kind: Exclude<TextKind, "lspci">, text: string): InputFault {
  const start = kind === "binary" ? text.indexOf("\0") : Math.max(0, text.search(/\S/));
  const before = text.slice(0, start).split("\n");
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    what: LOOKS[kind],
    remedy: REMEDIES[kind] ?? RUN,
  };
}

const RUN = `give the output of ${COMMAND}`;

const LOOKS: Readonly<Record<Exclude<TextKind, "lspci">, string>> = {
  empty: "the text is empty",
  gzip: "this is gzip-compressed",
  binary: "this is binary, with a NUL byte here",
  "lspci -v": "this is lspci -v, which tells neither links nor ACS",
  "lspci -x": "this is lspci -x, a hex dump alone",
  "lspci -mm": "this is lspci -mm, which tells neither links nor ACS",
  "lspci -t": "this is the tree of lspci -t, which tells neither links nor ACS nor BARs",
  "lspci without -vvv": "this is lspci without -vvv: names alone",
  "hwloc XML": "this is hwloc's XML (lstopo), which tells neither ACS nor BARs",
  "NCCL topology XML": "this is a topology that NCCL or RCCL wrote, which tells neither ACS nor BARs",
  XML: "this is XML",
  "fio JSON": "this is fio's JSON, a measurement and no machine",
  JSON: "this is JSON",
  "fio log": "this is fio's output, a measurement and no machine",
  "nvidia-smi topo": "this is nvidia-smi topo, which tells neither links nor ACS",
  "nvidia-smi": "this is nvidia-smi's output",
  prose: "this describes no machine in a way that p2peval recognises",
};

const REMEDIES: Partial<Readonly<Record<TextKind, string>>> = {
  gzip: "decompress it with `gunzip` first",
  "lspci -x": `render it with \`lspci -nnvvv -F FILE\`, or ${RUN}`,
};

/** Refuses lspci -vvv that cannot be trusted: run without root, describing a function twice, cut, or with two functions at one address. All faults at once. */
export function refuseRecords(records: readonly LspciRecord[], text: string): InputFault[] {
  const lines = text.split("\n");
  const found = [...denied(records), ...repeated(records), ...cut(records), ...overlaps(records)];
  return found.map(({ line, what, remedy }) => ({
    line,
    column: (lines[line - 1]?.search(/\S/) ?? 0) + 1,
    what,
    remedy,
  }));
}

type Finding = Omit<InputFault, "column">;

/** Configuration space beyond its first 64 bytes is for root alone. */
function* denied(records: readonly LspciRecord[]): Generator<Finding> {
  const hidden = records.flatMap(({ fields }) => fields.filter(({ text }) => text === "<access denied>"));
  const [first] = hidden;
  if (!first) return;
  const what = `the capabilities of ${hidden.length} functions are hidden (access denied): no links, no ACS, no sizes`;
  yield { line: first.line, what, remedy: `run lspci as root: ${COMMAND}` };
}

/** Two captures in one file would be two machines in one; which of two descriptions holds cannot be told. */
function* repeated(records: readonly LspciRecord[]): Generator<Finding> {
  const seen = new Map<string, number>();
  for (const { id, line } of records) {
    const before = seen.get(id);
    if (before === undefined) seen.set(id, line);
    else
      yield { line, what: `${id} was already described on line ${before}`, remedy: "give one machine, captured once" };
  }
}

/** Only the last function can be incomplete, and only what every whole one has is certain to be missing. */
function* cut(records: readonly LspciRecord[]): Generator<Finding> {
  const last = records.at(-1);
  const missing = last && missingFrom(last);
  if (!missing) return;
  const what = `the text ends inside the description of ${last.id}, which lacks ${missing}`;
  yield { line: last.line, what, remedy: `give the whole output of ${COMMAND}` };
}

/** What every whole description has and this one has not. A function that answers with ones alone has nothing. */
function missingFrom(record: LspciRecord): string | undefined {
  const { fields, capabilities } = record;
  if (fields.some(({ label, text }) => `${label} ${text}`.includes("!!!"))) return undefined;
  const status = textOf(fields, "Status");
  if (status === undefined) return "its Status line";
  if (isBusBridge(record) && textOf(fields, "Bus") === undefined) return "its Bus line";
  const hidden = textOf(fields, "Capabilities") !== undefined;
  if (status.includes("Cap+") && capabilities.length === 0 && !hidden) return "its capabilities";
  const express = readExpress(record);
  if (!express) return undefined;
  if (!express.maxReadRequest && !express.impossible) return "its Device Control register";
  const registers = capabilities.flatMap((each) => each.registers);
  const linked = express.type !== "integrated" && express.type !== "event-collector";
  return linked && !/Width/.test(textOf(registers, "LnkSta") ?? "") ? "its Link Status register" : undefined;
}
