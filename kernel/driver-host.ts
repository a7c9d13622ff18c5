import type { Parameters } from "../calibration/parameters.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { Clock } from "../sim/clock.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { DmaApi } from "./dma-api.ts";
import type { SystemMemory } from "./system-memory.ts";

/** What every driver builds on. */
export interface DriverHost {
  readonly awaited: Awaited;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly dma: DmaApi;
  readonly memory: SystemMemory;
  readonly fabric: Fabric;
  readonly parameters: Parameters;
}
