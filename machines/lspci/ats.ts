import { capabilityOf, type LspciRecord, textOf } from "./record.ts";

/** Whether a function keeps translations itself (PCIe 10.5.1.3): "ATSCtl: Enable+, Smallest Translation Unit: 00". */
export function readAts(record: LspciRecord): { readonly ats?: true } {
  const registers = capabilityOf(record, /^Address Translation Service/)?.registers ?? [];
  return /\bEnable\+/.test(textOf(registers, "ATSCtl") ?? "") ? { ats: true } : {};
}
