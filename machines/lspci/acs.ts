import type { Acs } from "../../fabric/topology.ts";
import { capabilityOf, type LspciRecord, textOf } from "./record.ts";

/** The ACS control bits in effect; undefined where the function lacks the capability. */
export function readAcs(record: LspciRecord): Acs | undefined {
  const capability = capabilityOf(record, /^Access Control Services/);
  const control = textOf(capability?.registers ?? [], "ACSCtl");
  if (control === undefined) return undefined;
  const on = (bit: string): boolean => control.includes(`${bit}+`);
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
