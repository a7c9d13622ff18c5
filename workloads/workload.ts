import type { FrameFormat } from "../fabric/frame-formats.ts";
import type { Endpoint } from "../fabric/topology.ts";

/** What is asked of a proposal: a closed loop of equal requests between two devices, or a stream of frames that waits for nobody. */
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
  /** The memory is registered once and for all requests, whatever reuse is asked for. */
  readonly registration?: "once";
  /** A stream: requests are frames of these formats, whatever request sizes are asked for, and come when the picture is there. */
  readonly formats?: readonly FrameFormat[];
  /** How many buffers a stream goes round in, whatever queue depth is asked for. */
  readonly ring?: number;
}
