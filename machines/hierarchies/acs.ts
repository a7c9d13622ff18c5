import type { Acs } from "../../fabric/topology.ts";

/** The bits of the ACS Control register (PCIe 7.7.8.3), as PCI_ACS_SV and its like number them in Linux' pci_regs.h. */
export const acsOf = (register: number): Acs => ({
  sourceValidation: (register & 0x01) !== 0,
  translationBlocking: (register & 0x02) !== 0,
  requestRedirect: (register & 0x04) !== 0,
  completionRedirect: (register & 0x08) !== 0,
  upstreamForwarding: (register & 0x10) !== 0,
  egressControl: (register & 0x20) !== 0,
  directTranslated: (register & 0x40) !== 0,
});
