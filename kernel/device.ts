import type { Gpu } from "../fabric/gpu.ts";
import type { NvmeController } from "../fabric/nvme.ts";
import type { Streamer } from "../fabric/streamer.ts";
import type { Endpoint } from "../fabric/topology.ts";

/** A PCI device as drivers know it. */
export interface Device {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Its place in the fabric. */
  readonly node: number;
  /** NUMA node of the root complex above it. */
  readonly socket: number;
  readonly nvme?: NvmeController;
  readonly gpu?: Gpu;
  readonly streamer?: Streamer;
}
