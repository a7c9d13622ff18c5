import type { Bytes } from "../sim/units.ts";

export type IommuMode = "off" | "lazy" | "strict" | "passthrough";
/** `linux`: as Linux sets the bits of the machine as found for the cell's IOMMU mode. */
export type AcsSetting = "as-found" | "linux" | "off" | "on";
/** The size of the BARs that show memory: that of the machine, or one that Resizable BAR gives them. */
export type BarSetting = "as-found" | Bytes;
export type Provenance = "control" | "posted" | "reconstructed" | "hypothetical" | "merged";

/** One point of the comparison: everything that decides its result, and nothing that does not. */
export interface Cell {
  /** Hash of everything below but `rep`: stable across runs, orders and machines that compute it. */
  readonly id: string;
  /** 0 runs every constant at its typical value; 1 and up draw them from their ranges. */
  readonly rep: number;
  readonly proposal: string;
  readonly form: string;
  readonly provenance: Provenance;
  readonly workload: string;
  readonly machine: string;
  readonly machineHash: string;
  readonly from: string;
  readonly to: string;
  readonly requestBytes: Bytes;
  readonly totalBytes: Bytes;
  readonly queueDepth: number;
  /** How many requests one mapping serves; Infinity for all. */
  readonly reuse: number;
  readonly iommu: IommuMode;
  readonly acs: AcsSetting;
  readonly kernel: string;
  readonly seed: number;
  /** How many devices do the workload at once; `from` and `to` are the pair that is measured. */
  readonly initiators: number;
  /** What CPUs read and write meanwhile, in bytes per second, on each socket that `from` or `to` hangs below. */
  readonly dramLoad: number;
  readonly bar: BarSetting;
  /** Of the BAR that shows the exporter's memory, in effect; 0 where there is none. */
  readonly barBytes: Bytes;
}
