import type { PciDev } from "../../fabric/hierarchy.ts";
import { ACS_LINUX, type Acs, acsBoth, acsEither } from "../../fabric/topology.ts";

/**
 * ACS control bits once the kernel has booted. An IOMMU driver, in whatever mode, has the PCI core add SV, RR, CR and UF to what
 * firmware left, as far as the capability offers them (pci_request_acs and pci_std_enable_acs in drivers/pci/pci.c); nothing is ever
 * cleared. Device-specific quirks (drivers/pci/quirks.c) and pci=disable_acs_redir are left out.
 */
export function acsAfterBoot({ acs }: PciDev, iommu: boolean): Acs | undefined {
  if (acs === undefined || !iommu) return acs?.control;
  return acsEither(acs.control, acs.offered ? acsBoth(ACS_LINUX, acs.offered) : ACS_LINUX);
}

/**
 * Whether the kernel takes a function to send peer traffic up, whichever way that traffic goes: RR, CR or EC is set (what
 * pci_bridge_has_acs_redir asks). On the wire only RR and CR act, each on one kind of packet and at the port of entry alone.
 */
export function redirects(dev: PciDev, iommu: boolean): boolean {
  const acs = acsAfterBoot(dev, iommu);
  return acs !== undefined && (acs.requestRedirect || acs.completionRedirect || acs.egressControl);
}
