import type { Topology } from "../../fabric/topology.ts";
import { isP2pdmaKernel, P2PDMA_RULES } from "../../kernel/p2pdma/rules.ts";
import type { AcsSetting } from "../../record/cell.ts";
import { acsInEffect } from "../acs-in-effect.ts";
import type { Candidate } from "./candidate.ts";
import type { Scenario } from "./scenario.ts";

/** What a scenario's topology was made from. */
export interface Origins {
  readonly found: Topology;
  readonly acs: AcsSetting;
}

/** The IOMMU in passthrough, where it translates. */
export function passingThrough(scenario: Scenario, { found, acs }: Origins): readonly Candidate[] {
  if (scenario.iommu === "off" || scenario.iommu === "passthrough") return [];
  const { topology } = acsInEffect(found, "passthrough", acs);
  return [
    {
      what: "put the IOMMU into passthrough",
      how: ["at boot: iommu=pt"],
      scenario: { ...scenario, topology, iommu: "passthrough" },
      gives_up: ["devices that the kernel drives reach all of memory; IOMMU groups stay as they are"],
    },
  ];
}

/** No IOMMU, where there is one: ACS as firmware left it, if the dump shows that. */
export function switchingOff(scenario: Scenario, { found, acs }: Origins): readonly Candidate[] {
  if (scenario.iommu === "off") return [];
  const { topology } = acsInEffect(found, "off", acs);
  return [
    {
      what: "run without an IOMMU",
      how: ["at boot: intel_iommu=off or amd_iommu=off"],
      scenario: { ...scenario, topology, iommu: "off" },
      gives_up: ["every device reaches all of memory, and there are no IOMMU groups: no VFIO"],
    },
  ];
}

/** A later kernel, whose list is longer. */
export function laterKernels(scenario: Scenario): readonly Candidate[] {
  const known = Object.keys(P2PDMA_RULES);
  if (!isP2pdmaKernel(scenario.kernel)) return [];
  return known.slice(known.indexOf(scenario.kernel) + 1).map((kernel) => ({
    what: `run Linux ${kernel}`,
    how: [`--kernel ${kernel}`],
    scenario: { ...scenario, kernel },
    gives_up: [],
  }));
}
