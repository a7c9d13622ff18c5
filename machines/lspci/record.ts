import type { PciAddress } from "./address.ts";

/** One function as lspci describes it, nothing interpreted but its first line. */
export interface LspciRecord {
  readonly id: string;
  readonly address: PciAddress;
  /** Where it begins. */
  readonly line: number;
  readonly className: string;
  /** "0302", where lspci ran with -nn. */
  readonly classCode?: string;
  /** Vendor and device by name: "NVIDIA Corporation Device 2330". */
  readonly name: string;
  /** Vendor and device by number, "10de:2330", where lspci ran with -nn. */
  readonly ids?: string;
  readonly fields: readonly Entry[];
  readonly capabilities: readonly Capability[];
}

/** "Label: text"; a text that lspci or a mail program broke over several lines is one. */
export interface Entry {
  readonly line: number;
  readonly label: string;
  readonly text: string;
}

/** A capability's title ("Express (v2) Endpoint, MSI 00"), and the lines below it. */
export interface Capability {
  readonly title: string;
  readonly registers: readonly Entry[];
}

/** The text behind a label: of a function's own lines, or of one capability's registers. */
export function textOf(entries: readonly Entry[], label: string): string | undefined {
  return entries.find((each) => each.label === label)?.text;
}

/** The first capability whose title matches. */
export function capabilityOf(record: LspciRecord, title: RegExp): Capability | undefined {
  return record.capabilities.find((each) => title.test(each.title));
}
