import type { Endpoint } from "../fabric/topology.ts";

/** What is asked of a proposal: a closed loop of equal requests between two devices. */
export interface Workload {
  readonly contract: 1;
  readonly name: string;
  readonly title: string;
  /** One sentence for a reader who has never seen it. */
  readonly story: string;
  /** Where the data comes from and where it goes. */
  readonly from: Endpoint["role"];
  readonly to: Endpoint["role"];
  /** Which of the two has the memory that the mechanism must make reachable; the other one reaches for it. */
  readonly exporter: "from" | "to";
  /** `read`: the importer's medium into the exporter's memory; `write`: the other way. */
  readonly access: "read" | "write";
}
