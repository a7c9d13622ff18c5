import type { Acs } from "../../fabric/topology.ts";

/** lspci's names of the seven control bits, in the order of the register, and their masks (PCIe 7.7.8.3). */
export const ACS_BITS: readonly (readonly [keyof Acs, string, number])[] = [
  ["sourceValidation", "SrcValid", 0x01],
  ["translationBlocking", "TransBlk", 0x02],
  ["requestRedirect", "ReqRedir", 0x04],
  ["completionRedirect", "CmpltRedir", 0x08],
  ["upstreamForwarding", "UpstreamFwd", 0x10],
  ["egressControl", "EgressCtrl", 0x20],
  ["directTranslated", "DirectTrans", 0x40],
];

/** What is set, by lspci's names. */
export const bitsSet = (acs: Acs): readonly string[] => ACS_BITS.flatMap(([bit, name]) => (acs[bit] ? [name] : []));
