import type { Acs } from "../../fabric/topology.ts";
import { capabilityOf, type LspciRecord, textOf } from "./record.ts";

/** The ACS bits in effect and those that the capability offers; neither where the function lacks it. */
export interface AcsRegisters {
  readonly acs?: Acs;
  readonly acsOffered?: Acs;
}

/** Reads the control and the capability register (PCIe 7.7.8). */
export function readAcs(record: LspciRecord): AcsRegisters {
  const registers = capabilityOf(record, /^Access Control Services/)?.registers ?? [];
  const control = textOf(registers, "ACSCtl");
  const offered = textOf(registers, "ACSCap");
  if (control === undefined) return {};
  return { acs: bitsIn(control), ...(offered !== undefined && { acsOffered: bitsIn(offered) }) };
}

function bitsIn(register: string): Acs {
  const on = (bit: string): boolean => register.includes(`${bit}+`);
  return {
    sourceValidation: on("SrcValid"),
    translationBlocking: on("TransBlk"),
    requestRedirect: on("ReqRedir"),
    completionRedirect: on("CmpltRedir"),
    upstreamForwarding: on("UpstreamFwd"),
    egressControl: on("EgressCtrl"),
    directTranslated: on("DirectTrans"),
  };
}
