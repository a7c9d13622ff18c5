import { pciDevsOf } from "../fabric/hierarchy.ts";
import { ACS_LINUX, type Acs, acsBoth, type PciFunction, type Topology, withAcs } from "../fabric/topology.ts";
import { acsAfterBoot } from "../kernel/p2pdma/acs.ts";
import type { AcsSetting, IommuMode } from "../record/cell.ts";
import type { AcsGrounds, AcsOrigin } from "../record/explanation.ts";

/** A machine with the ACS bits that hold under some settings, and where they come from. */
export interface AcsInEffect {
  readonly topology: Topology;
  readonly originOf: (id: string) => AcsOrigin;
  readonly grounds: AcsGrounds;
}

/**
 * The bits that hold: those of the dump, those that an explicit setting makes, or, as Linux would set them, the dump's and what Linux adds
 * where an IOMMU is asked for and the dump was made without one. Nothing is taken back where it is the other way round: what firmware left
 * before Linux added to it is not in the dump.
 */
export function acsInEffect(topology: Topology, iommu: IommuMode, acs: AcsSetting): AcsInEffect {
  const evidence = evidenceOf(topology);
  if (acs === "on" || acs === "off") {
    const set = withAcs(topology, acs);
    const words = acs === "on" ? "SV, RR, CR and UF are set wherever they can be" : "all bits are cleared";
    return {
      topology: set,
      originOf: () => "set by --acs",
      grounds: { ...evidence, in_effect: `--acs ${acs}: ${words}` },
    };
  }
  const wanting = iommu === "off" || evidence.dump_iommu === "on" ? [] : wantingIn(topology);
  if (acs === "as-found" || wanting.length === 0)
    return {
      topology,
      originOf: () => "as found",
      grounds: { ...evidence, in_effect: asFound(iommu, evidence, wanting.length > 0) },
    };
  const set = new Map(wanting.map((each) => [each.id, each]));
  return {
    topology: { ...topology, functions: topology.functions.map((each) => set.get(each.id) ?? each) },
    originOf: (id) => (set.has(id) ? "derived" : "as found"),
    grounds: {
      ...evidence,
      in_effect: `IOMMU ${iommu}: derived, as Linux then sets them: ${LINUX_SETS}, in passthrough too`,
    },
  };
}

/** Nothing to remark on. */
export const AS_FOUND = "as found";

const LINUX_SETS = "SV, RR, CR and UF wherever the capability offers them";

function asFound(iommu: IommuMode, { dump_iommu }: Evidence, isWanting: boolean): string {
  if (isWanting) return `as found, although IOMMU ${iommu}: Linux then sets ${LINUX_SETS}; --acs linux does so`;
  if (iommu === "off" && dump_iommu === "on")
    return "as found, although IOMMU off: Linux adds bits with an IOMMU, and what firmware had left is not in the dump; --acs off clears them";
  return AS_FOUND;
}

type Evidence = Omit<AcsGrounds, "in_effect">;

/** Whether an IOMMU driver ran when the dump was made: lspci tells since pciutils 3.7, else the bits themselves must. */
function evidenceOf(topology: Topology): Evidence {
  if (topology.iommuGroups) return { dump_iommu: "on", known: true, why: "it names IOMMU groups" };
  const capable = topology.functions.filter(isSettable);
  const count = `${capable.length} functions whose ACS can be set`;
  if (capable.length === 0) return { dump_iommu: "off", known: false, why: "no function has ACS bits to tell it by" };
  const asLinux = capable.filter(isAsLinuxSets).length;
  if (asLinux === capable.length)
    return { dump_iommu: "on", known: false, why: `all ${count} have what Linux sets with one: SV, RR, CR, UF` };
  if (asLinux === 0)
    return {
      dump_iommu: "off",
      known: false,
      why: `none of the ${count} has what Linux sets with one: SV, RR, CR, UF`,
    };
  const why = `only ${asLinux} of the ${count} have what Linux sets with one: SV, RR, CR, UF; if one ran, somebody cleared the others since`;
  return { dump_iommu: "off", known: false, why };
}

const wanted = (offered: Acs | undefined): Acs => (offered ? acsBoth(ACS_LINUX, offered) : ACS_LINUX);

const isSettable = ({ acs, acsOffered }: PciFunction): boolean =>
  acs !== undefined && Object.values(wanted(acsOffered)).includes(true);

const isAsLinuxSets = ({ acs, acsOffered }: PciFunction): boolean =>
  acs !== undefined && isSame(acsBoth(acs, wanted(acsOffered)), wanted(acsOffered));

/** Every bit is the same; two absent capabilities are. */
const isSame = (one: Acs | undefined, other: Acs | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The functions that lack bits which Linux sets with an IOMMU, as they are when it has. */
function wantingIn(topology: Topology): readonly PciFunction[] {
  const devs = pciDevsOf(topology);
  return topology.functions.flatMap((each) => {
    const dev = devs.get(each.id);
    const acs = dev && acsAfterBoot(dev, true);
    return acs && !isSame(acs, each.acs) ? [{ ...each, acs }] : [];
  });
}
