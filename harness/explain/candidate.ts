import type { Scenario } from "./scenario.ts";

/** Something that one could change, and the scenario that it makes; whether it helps is for the recomputation to say. */
export interface Candidate {
  readonly what: string;
  readonly how: readonly string[];
  readonly scenario: Scenario;
  /** What its bits are compared with to tell what it gives up, where that is not the present scenario. */
  readonly base?: Scenario;
  /** What it takes away besides what IOMMU groups show. */
  readonly gives_up: readonly string[];
}

/** Tells whether a scenario is at least as good as another: what candidates prune themselves by. */
export type AsGood = (one: Scenario, other: Scenario) => boolean;
