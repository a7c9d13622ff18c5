import type { Topology } from "../../../fabric/topology.ts";
import { explain, type Question } from "../../../harness/explain/explain.ts";
import type { Trial } from "../../../harness/explain/mechanisms.ts";
import { PROPOSALS } from "../../../proposals/index.ts";
import type { AcsSetting, IommuMode } from "../../../record/cell.ts";
import type { ExplainedDirection, Explanation } from "../../../record/explanation.ts";
import { bytes } from "../../../sim/units.ts";
import { WORKLOADS } from "../../../workloads/index.ts";
import { endpoint } from "../../fabric/machines.ts";

interface Settings {
  readonly iommu?: IommuMode;
  readonly acs?: AcsSetting;
  readonly kernel?: string;
  /** Forms by "proposal/form"; none where a test looks at ways alone. */
  readonly forms?: readonly string[];
  readonly workloads?: Trial["workloads"];
}

/** Explains two devices of a machine, running no more mechanisms than a test names. */
export function explained(topology: Topology, from: string, to: string, settings: Settings = {}): Explanation {
  const { iommu = "off", acs = "linux", kernel = "6.12", forms = [], workloads = WORKLOADS } = settings;
  const all = PROPOSALS.flatMap((proposal) => Object.keys(proposal.forms).map((form) => ({ proposal, form })));
  const question: Question = {
    topology,
    from: endpoint(topology, from),
    to: endpoint(topology, to),
    kernel,
    acs,
    trial: {
      forms: all.filter(({ proposal, form }) => forms.includes(`${proposal.name}/${form}`)),
      workloads,
      invariants: [],
      requestBytes: bytes(64 * 2 ** 10),
      iommu,
      kernel: "4.9",
    },
  };
  return explain(question);
}

/** Where a write, a read request and its completion turn, by the address that is named last. */
export const turnsOf = ({ wire }: ExplainedDirection): readonly (string | undefined)[] => {
  const last = wire.at(-1);
  return [last?.write.turn, last?.read_request.turn, last?.read_completion.turn];
};
