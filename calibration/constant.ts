/**
 * Where a number comes from, strongest first. `spec`: the PCIe or NVMe specification, or the source of the kernel that is modelled;
 * such a number is never drawn. `measured`: a published measurement. `paper`: a paper, a data sheet or a list post that states it.
 * `assumed`: nobody published it, or it rests on a split that nobody published. A derived number has the kind of its weakest input.
 */
export type SourceKind = "spec" | "measured" | "paper" | "assumed";

/** Units that a constant may have. Time constants are given in ns and converted to ticks once, in calibration/parameters.ts. */
export type ConstantUnit =
  | "ns"
  | "ns/page"
  | "ns/entry"
  | "ns/By"
  | "By"
  | "By/s"
  | "1"
  | "share"
  | "ratio"
  | "GT/s"
  | "By/page";

/** One number of the model. Repetition 0 runs `typical`, the others draw between `low` and `high`. */
export interface Constant {
  readonly unit: ConstantUnit;
  readonly low: number;
  readonly typical: number;
  readonly high: number;
  /** The public origin, and for a derived number how it was derived. */
  readonly source: string;
  readonly kind: SourceKind;
  /** Of a core's work: how fast the core was that it was measured on (host.core_speed); without it nobody knows, and it is not converted. */
  readonly core?: number;
  /** What it is, in one line, for `p2peval list constants`. */
  readonly what: string;
}
