import { capabilityOf, type LspciRecord, textOf } from "./record.ts";

/** Whether a function adds end-to-end CRCs (PCIe 7.8.4.7): "ECRCGenEn+", and "CGenEn+" before pciutils 3.6. */
export function readEcrc(record: LspciRecord): { readonly ecrc?: true } {
  const registers = capabilityOf(record, /^Advanced Error Reporting/)?.registers ?? [];
  return /\b(?:ECR)?CGenEn\+/.test(textOf(registers, "AERCap") ?? "") ? { ecrc: true } : {};
}
