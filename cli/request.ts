import type { Attachment } from "../machines/attach.ts";
import type { AcsSetting, BarSetting, IommuMode } from "../record/cell.ts";
import type { Bytes } from "../sim/units.ts";

/** A comparison as the command line asked for it, read and checked but not yet looked up: plain data, so that workers can have it. */
export interface RunRequest {
  readonly machines: readonly MachineText[];
  /** "name", "name/form" or a plugin's path with an optional "/form" after it. */
  readonly proposals: readonly string[];
  readonly workloads: readonly string[];
  /** Devices that are put into the machines. */
  readonly attachments: readonly Attachment[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly requestBytes: readonly Bytes[];
  readonly totalBytes: Bytes;
  readonly queueDepths: readonly number[];
  readonly reuses: readonly number[];
  readonly iommus: readonly IommuMode[];
  readonly acs: readonly AcsSetting[];
  readonly initiators: readonly number[];
  /** In bytes per second. */
  readonly dramLoads: readonly number[];
  readonly bars: readonly BarSetting[];
  readonly kernel: string;
  readonly seed: number;
  readonly reps: number;
  readonly leap: boolean;
}

/** A machine: a preset's name, or the text of a dump with the label that stands for its path, and the path, for errors. */
export type MachineText =
  | { readonly preset: string }
  | { readonly text: string; readonly label: string; readonly source: string };
