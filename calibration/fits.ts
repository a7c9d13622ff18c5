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
  // LAT_CMD_RD, 64 B, Cold, averages: 491.7, 494.8, 521.7 and 490.7 ns over 4 KiB. Half of what ports (20), wires (13.71) and DRAM (90)
  // leave, each way.
  "rc.request_latency": xeons(184, 185.5, 199, 183.5),
  "rc.response_latency": xeons(184, 185.5, 199, 183.5),
  // The same, HWarm: 435.2, 438.4, 473.7 and 432.2 ns. DRAM (90) less the difference.
  "host.llc_latency": xeons(33.5, 33.6, 42, 31.5),
  // DWarm, where hits end: 1.42, 1.55 and 2.44 MiB of 15, 15 and 25 MB; that the first is Ivy Bridge's is assumed, only the two are
  // recorded. Sandy Bridge has its own.
  "host.ddio_share": xeons(0.062, 0.095, 0.103, 0.098).slice(1),
  // The same, Cold, over 64 MiB: 243, 297, 272 and 286 ns more, over 1 - 119 / 16384.
  "iommu.iotlb_miss": xeons(245, 299, 274, 288),
  // The same over 1 MiB, which is 256 pages: 121.5, 152.4, 147.6 and 155.7 ns more; 256 x (1 - that over the cost of a miss).
  "iommu.iotlb_entries": xeons(129, 126, 118, 118),
  // The cost of a miss x the rate of 64 B reads over 64 MiB x the share that misses: 4.0, 5.3, 5.2 and 5.5, as whole walkers.
  "iommu.walkers": xeons(4, 5, 5, 5),
  // 512 B writes and reads, the mean of both: the time of 560 B and 552 B on the link over what they take, less SKP. Broadwell's
  // adapter writes 3 % slower than the others. WRX90: 56.26 GB/s of 57.6. Canyon: 26.3 and 26.8 GB/s, if its packets are of 256 B.
  "link.efficiency": [
    ...xeons(0.952, 0.9485, 0.946, 0.933),
    { origin: "voipmonitor/rtx6kpro", platform: "wrx90", value: 0.979 },
    { origin: "dev-canyon1", platform: "canyon", value: 0.9175 },
  ],
  // One adapter in four machines; calibration/constants/nfp.ts says how each follows.
  "nfp.command": xeons(7.78, 7.78, 7.78, 7.79),
  "nfp.bus_rate": xeons(7.82e9, 7.82e9, 7.82e9, 7.81e9),
  "nfp.write_interval": xeons(21.1, 21.1, 21.1, 21.1),
  "nfp.request": xeons(6.08, 6.22, 6.13, 6.07),
  "nfp.read_latency": xeons(77.1, 73.9, 78.6, 66.1),
  "nfp.write_latency": xeons(201.1, 201.1, 187.1, 201.1),
  "nfp.signal_latency": xeons(42.9, 28.4, 22.9, 17.3),
  // Halves of what 64 B reads of DRAM take beyond ports, wires and DRAM; the values of calibration/constants/root-complex.ts.
  "rc.forward_latency": [
    { origin: "voipmonitor/rtx6kpro", platform: "turin", value: 165 },
    { origin: "voipmonitor/rtx6kpro", platform: "wrx90", value: 248 },
  ],
  "rc.socket_latency": [
    { origin: "pcie-bench/data", platform: "nfp-ib", value: 53 },
    { origin: "pcie-bench/data", platform: "nfp-bdw", value: 53.5 },
  ],
  "rc.amd-zen.socket_rate": [
    { origin: "voipmonitor/rtx6kpro", platform: "turin", value: 51e9 },
    { origin: "voipmonitor/rtx6kpro", platform: "genoa", value: 39e9 },
    // The middle of writes and reads.
    { origin: "voipmonitor/rtx6kpro", platform: "turin-switch", value: 38e9 },
  ],
  // Halves of what a store from core to core takes beyond ports, switches and wires; the values of calibration/constants/devices.ts.
  "gpu.core_store": [
    { origin: "voipmonitor/rtx6kpro", platform: "turin", value: 87 },
    { origin: "voipmonitor/rtx6kpro", platform: "wrx90", value: 251 },
    { origin: "dev-canyon1", platform: "canyon", value: 444 },
  ],
  "gpu.core_poll": [
    { origin: "voipmonitor/rtx6kpro", platform: "turin", value: 87 },
    { origin: "voipmonitor/rtx6kpro", platform: "wrx90", value: 251 },
    { origin: "dev-canyon1", platform: "canyon", value: 444 },
  ],
  // Where the rate over size turns from two copies in turn to one, and what makes a long copy as slow as it is: 1 MiB on both.
  "gpu.staging_bytes": [
    { origin: "uuudown/Tartan", platform: "dgx1", value: 2 ** 20 },
    { origin: "dev-canyon1", platform: "canyon", value: 2 ** 20 },
  ],
  // What two copies in turn leave of the least staged copy: 20.6 us; and 10.9 us on a core that is 2.28 times as fast.
  "cpu.gpu_handover": [
    { origin: "uuudown/Tartan", platform: "dgx1", value: 5350 },
    { origin: "dev-canyon1", platform: "canyon", value: 5750 },
  ],
  "fpga.bar_read_rate": [
    { origin: "Xilinx/Vitis_Accel_Examples", platform: "smartssd", value: 1.04e9 },
    { origin: "[PATCH 0/3] iopmem", platform: "iopmem", value: 1.2e9 },
  ],
  // Neither has a second measurement: the one before it stands in.
  "rc.xeon-bdw.posted_rate": [
    { origin: "MVAPICH2-GDR", platform: "ivy-bridge", value: 6.4e9 },
    { origin: "forum thread 55564", platform: "broadwell", value: 7.1e9 },
  ],
};

/** Sandy Bridge, Ivy Bridge, Haswell and Broadwell of pcie-bench, in this order. Its Xeon E3 answers in microseconds and is left out. */
function xeons(snb: number, ib: number, hsw: number, bdw: number): readonly Sample[] {
  const values = { "nfp-snb": snb, "nfp-ib": ib, "nfp-hsw": hsw, "nfp-bdw": bdw };
  return Object.entries(values).map(([platform, value]) => ({ origin: "pcie-bench/data", platform, value }));
}

/** The constant as it would be without one source; undefined where nothing else is known. */
export function withoutSource(name: ConstantName, origin: string, platform: string): number | undefined {
  const kept = (FITS[name] ?? []).filter((sample) => sample.origin !== origin || sample.platform !== platform);
  const sorted = kept.map(({ value }) => value).sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
