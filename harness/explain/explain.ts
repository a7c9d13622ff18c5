import { CONSTANTS } from "../../calibration/constants.ts";
import { Parameters } from "../../calibration/parameters.ts";
import { platformConstant } from "../../calibration/platform-constant.ts";
import { PLATFORMS } from "../../calibration/platforms.ts";
import type { Endpoint, Topology } from "../../fabric/topology.ts";
import { IommuGroups } from "../../kernel/iommu-groups.ts";
import { endpoints } from "../../machines/endpoints.ts";
import type { AcsSetting } from "../../record/cell.ts";
import type { ExplainedMechanism, ExplainedRootComplex, Explanation } from "../../record/explanation.ts";
import { acsInEffect } from "../acs-in-effect.ts";
import type { PlannedForm } from "../plan.ts";
import { groupWords } from "./group-words.ts";
import { hostBridgesOf } from "./host-bridges.ts";
import { fitting, planTrial, QUEUE_DEPTH, runMechanism, type Trial, totalBytes } from "./mechanisms.ts";
import { deviceOf, pathOf } from "./path.ts";
import { reachOf } from "./reach.ts";
import { Remedies, type Rerun } from "./remedies.ts";
import { directionsOf, type Scenario, takenWay } from "./scenario.ts";

/** Two devices of a machine, and the settings under which they are looked at. */
export interface Question {
  readonly topology: Topology;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Whose pci_p2pdma is asked; older ones have none. */
  readonly kernel: string;
  readonly acs: AcsSetting;
  readonly trial: Trial;
}

/** Everything that is known of two devices before anybody plugs a card: computed from the topology and a few small runs. */
export function explain({ topology: found, from, to, kernel, acs, trial }: Question): Explanation {
  const parameters = Parameters.typical();
  const inEffect = acsInEffect(found, trial.iommu, acs);
  const { topology } = inEffect;
  const scenario: Scenario = { topology, iommu: trial.iommu, kernel, from: from.id, to: to.id };
  const directions = directionsOf(scenario, parameters);
  const mechanisms = planTrial(topology, [from, to], trial).map(runMechanism);
  const rerun: Rerun = (other, failed) => rerunIn(other, failed, trial);
  const prospect = new Remedies(scenario, directions, mechanisms, parameters, rerun).found({
    found,
    acs,
  });
  const groups = new IommuGroups(topology);
  const { write, read_request, read_completion } = takenWay(directions[0].verdict, directions[0].wire);
  return {
    machine: topology.name,
    root_complex: rootComplexOf(topology),
    settings: {
      kernel,
      mechanism_kernel: trial.kernel,
      iommu: trial.iommu,
      acs,
      request_bytes: trial.requestBytes,
      total_bytes: totalBytes(trial.requestBytes),
      queue_depth: QUEUE_DEPTH,
    },
    from: deviceOf(topology, from),
    to: deviceOf(topology, to),
    nvlink: nvlinkOf(from, to),
    acs: inEffect.grounds,
    path: pathOf(inEffect, from, to),
    reach: reachOf(topology, [from.id, to.id], [write, read_request, read_completion], parameters),
    host_bridges: hostBridgesOf(scenario),
    iommu_groups: {
      exist: trial.iommu !== "off",
      of_from: groups.membersOf(from.id),
      of_to: groups.membersOf(to.id),
      words: groupWords(topology, [from.id, to.id]).join(" and "),
    },
    directions,
    mechanisms,
    no_workload: noWorkload(trial, from, to),
    ...prospect,
  };
}

function noWorkload({ workloads }: Trial, from: Endpoint, to: Endpoint): string | null {
  if (fitting(workloads, from, to).length > 0) return null;
  const pairs = [...new Set(workloads.map((each) => `${each.from} and ${each.to}`))].join(", ");
  return `no workload joins ${from.role} and ${to.role}; workloads join ${pairs}`;
}

function rootComplexOf({ platform }: Topology): ExplainedRootComplex {
  const { title, year, posted, nonPosted, source } = PLATFORMS[platform];
  const ceiling = (quantity: "posted_rate" | "read_rate"): number | null => {
    const name = platformConstant(platform, quantity);
    return name === undefined ? null : CONSTANTS[name].typical;
  };
  return {
    title,
    year,
    forwards_writes: posted,
    forwards_reads: nonPosted,
    writes_ceiling: ceiling("posted_rate"),
    reads_ceiling: ceiling("read_rate"),
    source,
  };
}

function nvlinkOf(from: Endpoint, to: Endpoint): string | null {
  const having = [from, to].filter(({ nvlink }) => nvlink).map(({ id }) => id);
  if (having.length === 2)
    return `${having.join(" and ")} also have NVLink, which real traffic between them would use instead of PCIe`;
  return having.length === 1 ? `${having[0]} also has NVLink, to other GPUs; this pair has PCIe alone` : null;
}

/** The same mechanisms where something was changed; none where the ends no longer fit. */
function rerunIn(
  { topology, iommu, from, to }: Scenario,
  failed: readonly ExplainedMechanism[],
  trial: Trial,
): readonly ExplainedMechanism[] {
  const ends = [from, to].flatMap((id) => endpoints(topology).filter((each) => each.id === id));
  const [one, other] = ends;
  if (one === undefined || other === undefined) return [];
  const isWanted = ({ proposal, form }: PlannedForm): boolean =>
    failed.some((each) => each.proposal === proposal.name && each.form === form);
  const workloads = trial.workloads.filter(({ name }) => failed.some(({ workload }) => workload === name));
  const again: Trial = { ...trial, iommu, workloads, forms: trial.forms.filter(isWanted) };
  return planTrial(topology, [one, other], again).map(runMechanism);
}
