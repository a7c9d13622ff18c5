import { type PciAddress, printAddress } from "./address.ts";
import type { Entry, LspciRecord } from "./record.ts";

/**
 * Splits lspci's text into its records, in its order. A function begins with its address and ends at a blank line; what is
 * indented once says something about it, twice belongs to a capability, and anything else carries on the line before. Blanks and
 * carriage returns at the ends of lines, which mails and terminals add, say nothing.
 *
 *   19:00.0 3D controller: NVIDIA Corporation Device 2330 (rev a1)
 *           Region 2: Memory at 210000000000 (64-bit, prefetchable) [size=128G]
 *           Capabilities: [60] Express (v2) Endpoint, MSI 00
 *                   DevCtl: CorrErr+ NonFatalErr+ FatalErr+ UnsupReq-
 *                           RlxdOrd+ ExtTag+ PhantFunc- AuxPwr- NoSnoop- FLReset-
 */
export function readRecords(text: string): readonly LspciRecord[] {
  const lines = text.split("\n").map((each) => each.replace(MAIL_QUOTE, "").trimEnd());
  const first = lines.findIndex((each) => HEADER.test(each));
  const unit = columnsOf(lines.slice(first).find((each) => /^\s+\S/.test(each)) ?? "") || 1;
  const drafts: Draft[] = [];
  let open = false;
  for (const [index, content] of lines.entries()) {
    const header = readHeader(content, index + 1);
    if (header) drafts.push({ header, fields: [], capabilities: [] });
    open = header !== undefined || (open && content.trim() !== "");
    const draft = drafts.at(-1);
    if (draft && open && !header && !HEX_DUMP.test(content)) {
      addLine(draft, { line: index + 1, depth: Math.floor(columnsOf(content) / unit), content: content.trim() });
    }
  }
  return drafts.map(({ header, fields, capabilities }) => ({ ...header, fields, capabilities }));
}

type Header = Omit<LspciRecord, "fields" | "capabilities">;
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Draft {
  readonly header: Header;
  readonly fields: Writable<Entry>[];
  readonly capabilities: { readonly title: string; readonly registers: Writable<Entry>[] }[];
}

interface Line {
  readonly line: number;
  readonly depth: number;
  readonly content: string;
}

/** "> " of a mail, a line of -x, and the column that a tab leads to. */
const MAIL_QUOTE = /^(?:> ?)+/;
const HEX_DUMP = /^[0-9a-f]{2,3}: [0-9a-f]{2}(?: |$)/;
const TAB = 8;

/** Address, class with its number (-nn), name; then what lspci adds to the name. */
const HEADER = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7]) (.+?)(?: \[([0-9a-f]{4})\])?: (.+)$/;
const REVISION = /(?: \(rev [0-9a-f]{2}\))?(?: \(prog-if [0-9a-f]{2}(?: \[[^\]]{0,80}\])?\))?$/;
const IDS = /(?: \[([0-9a-f]{4}:[0-9a-f]{4})\]|^(?:Device )?([0-9a-f]{4}:[0-9a-f]{4}))$/;

function readHeader(content: string, line: number): Header | undefined {
  const match = HEADER.exec(content);
  if (!match) return undefined;
  const [, domain = "0", bus = "", device = "", fn = "", className = "", code, rest = ""] = match;
  const address: PciAddress = { domain: unhex(domain), bus: unhex(bus), devfn: unhex(device) * 8 + unhex(fn) };
  const name = rest.replace(REVISION, "");
  const ids = IDS.exec(name);
  const classCode = code ?? /^[0-9a-f]{4}$/.exec(className)?.[0];
  return {
    id: printAddress(address),
    address,
    line,
    className,
    name: name.replace(IDS, ""),
    ...(classCode !== undefined && { classCode }),
    ...(ids && { ids: ids[1] ?? ids[2] ?? "" }),
  };
}

const CAPABILITY = /^Capabilities: \[[0-9a-f]+(?: v\d+)?\] (.*)$/;
const LABELLED = /^([A-Za-z][\w .-]*):\s*(.*)$/;

/** A field before the first capability, or a capability, or its register, or more of whichever came last. */
function addLine({ fields, capabilities }: Draft, { line, depth, content }: Line): void {
  const capability = capabilities.at(-1);
  const title = depth === 1 ? CAPABILITY.exec(content)?.[1] : undefined;
  const labelled = LABELLED.exec(content);
  const entry = { line, label: labelled?.[1] ?? "", text: labelled?.[2] ?? content };
  const last = capability?.registers.at(-1) ?? fields.at(-1);
  if (title !== undefined) capabilities.push({ title, registers: [] });
  else if (depth === 1) fields.push(entry);
  else if (depth === 2 && capability) capability.registers.push(entry);
  else if (last) last.text += ` ${content}`;
}

function columnsOf(content: string): number {
  const indent = /^\s*/.exec(content)?.[0] ?? "";
  return [...indent].reduce((column, each) => (each === "\t" ? column + TAB - (column % TAB) : column + 1), 0);
}

const unhex = (digits: string): number => Number.parseInt(digits, 16);
