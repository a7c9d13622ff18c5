import type { ConstantName } from "./constants.ts";

/** What a constant was fitted from: one value for each machine that somebody measured. */
export interface Sample {
  /** Who measured, in the words by which cases name it. */
  readonly origin: string;
  /** On which of their machines: a platform of calibration/cases/measured-platforms.ts. */
  readonly platform: string;
  readonly value: number;
}

/**
 * Constants that are the middle of several published values, so that one can be left out: what would we say of this machine, had nobody
 * measured it? A source is one machine of one publication. Constants that are not here and rest on a publication have nothing to fall
 * back on, and the rows of that publication are marked.
 */
export const FITS: Readonly<Partial<Record<ConstantName, readonly Sample[]>>> = {
  // 64 B reads over 64 MiB less those over 8 KiB, over 1 - 119 / 16384: the windows of pcie-bench.
  "iommu.iotlb_miss": [
    { origin: "pcie-bench/data", platform: "nfp-snb", value: 242 },
    { origin: "pcie-bench/data", platform: "nfp-ib", value: 295 },
    { origin: "pcie-bench/data", platform: "nfp-hsw", value: 268 },
    { origin: "pcie-bench/data", platform: "nfp-bdw", value: 282 },
  ],
  // Halves of what 64 B reads of DRAM take beyond ports, wires and DRAM; the values of calibration/constants/root-complex.ts.
  "rc.forward_latency": [
    { origin: "voipmonitor/rtx6kpro", platform: "turin", value: 165 },
    { origin: "voipmonitor/rtx6kpro", platform: "wrx90", value: 248 },
  ],
  "rc.socket_latency": [
    { origin: "pcie-bench/data", platform: "nfp-ib", value: 53 },
    { origin: "pcie-bench/data", platform: "nfp-bdw", value: 53.5 },
  ],
  "rc.xeon-ivb.posted_rate": [
    { origin: "MVAPICH2-GDR", platform: "ivy-bridge", value: 6.4e9 },
    { origin: "forum thread 55564", platform: "broadwell", value: 7.1e9 },
  ],
};

/** The constant as it would be without one source; undefined where nothing else is known. */
export function withoutSource(name: ConstantName, origin: string, platform: string): number | undefined {
  const kept = (FITS[name] ?? []).filter((sample) => sample.origin !== origin || sample.platform !== platform);
  const sorted = kept.map(({ value }) => value).sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
