/** How a transfer travels, from near to far; "through-memory" is the staged copy, which is near to none of the others. */
export type MeasuredPath = "same-switch" | "same-host-bridge" | "same-socket" | "cross-socket" | "through-memory";

/**
 * What was done: a device writes to or reads from a peer ("both ways": the sum of two opposite flows of writes), a drive fills or
 * drains the peer's memory, or two GPUs exchange a buffer by way of system memory ("copy").
 */
export type MeasuredOperation =
  | "write"
  | "read"
  | "write both ways"
  | "storage read"
  | "storage write"
  | "copy"
  | "copy both ways";

/** A number that somebody published. No number of the model is taken from here: it is what results are held against. */
export interface Measurement {
  /** Stable, for the basis column and for validation. */
  readonly id: string;
  readonly path: MeasuredPath;
  readonly operation: MeasuredOperation;
  readonly metric: "throughput" | "latency";
  readonly value: number;
  readonly unit: "By/s" | "ns";
  readonly platform: string;
  readonly year: number;
  /** What one must know to compare: sizes, settings, what the author left unsaid. */
  readonly when: string;
  readonly source: string;
}

/** Who measured on what. */
type Setting = Pick<Measurement, "platform" | "year" | "source">;

const RTX6K = "voipmonitor/rtx6kpro wiki, commit 29f3863";
const WRX90: Setting = {
  platform: "Threadripper PRO 7955WX, Switchtec gen5 switches, RTX PRO 6000",
  year: 2026,
  source: RTX6K,
};
const TURIN: Setting = { platform: "2x EPYC Turin, RTX PRO 6000 on root ports, gen5", year: 2026, source: RTX6K };
const TURIN_SWITCH: Setting = {
  platform: "2x EPYC 9575F, Broadcom PEX890xx gen5 switches, RTX PRO 6000",
  year: 2026,
  source: RTX6K,
};
const GENOA: Setting = { platform: "2x EPYC 9374F, RTX PRO 6000, gen5", year: 2026, source: RTX6K };
const CANYON: Setting = {
  platform: "Threadripper PRO 7965WX, RTX 6000 Ada, gen4",
  year: 2025,
  source: "public setup log of the host dev-canyon1, 27 May 2025",
};
const DGX2: Setting = {
  platform: "NVIDIA DGX-2, V100, two NVMe drives, gen3",
  year: 2021,
  source: "NVIDIA GPUDirect Storage Benchmarking and Configuration Guide, 5.1",
};
const SMARTSSD: Setting = {
  platform: "Samsung SmartSSD, gen3 x4, in a Dell T640",
  year: 2021,
  source: "Xilinx/Vitis_Accel_Examples, host/p2p_bandwidth, commit 06e3d9b",
};
const IOPMEM: Setting = {
  platform: "consumer hardware of 2016",
  year: 2016,
  source: "S. Bates, [PATCH 0/3] iopmem, Linux kernel list, 18 Oct 2016",
};
const BROADWELL: Setting = {
  platform: "Xeon E5-2650 v4, three Intel P4600, Tesla P40, gen3",
  year: 2017,
  source: "HeteroDB, NVIDIA developer forum thread 55564",
};
const DONARD: Setting = {
  platform: "server of 2014, NVMe drive, Tesla K20c",
  year: 2014,
  source: "S. Bates, Donard, Flash Memory Summit 2014 (sbates130272/donard)",
};
const AISIO: Setting = {
  platform: "2x Xeon Gold 6442Y, four Samsung PM1753, H100, gen5",
  year: 2026,
  source: "xnvme/aisio documentation, commit e78e01f",
};
const DGX1: Setting = {
  platform: "NVIDIA DGX-1, 2x Xeon, P100, gen3",
  year: 2018,
  source: "Li et al., Tartan, IISWC 2018 (uuudown/Tartan, DGX-1 logs)",
};

type Row = readonly [string, MeasuredPath, MeasuredOperation, Measurement["metric"], number, Setting, string];

/** Rows of one path, operation and metric stand in the order in which they should be cited. */
const ROWS: readonly Row[] = [
  ["RTX6K-001", "same-switch", "write", "throughput", 56.26e9, WRX90, "256 MiB, no ACS redirect"],
  ["RTX6K-003", "same-switch", "write", "latency", 633, WRX90, "4 B to and fro, halved; polling included"],
  ["RTX6K-020", "same-switch", "read", "latency", 720, WRX90, "128 B, round trip"],
  ["RTX6K-027", "same-switch", "write both ways", "throughput", 103e9, TURIN_SWITCH, "ACS off"],
  ["RTX6K-026", "same-switch", "write both ways", "throughput", 50e9, TURIN_SWITCH, "ACS request redirect on"],
  ["GDS-001", "same-switch", "storage read", "throughput", 7.006e9, DGX2, "1 MiB, limited by the drives"],
  ["SMARTSSD-024", "same-switch", "storage read", "throughput", 2.36e9, SMARTSSD, "128 MiB, one at a time"],
  ["SMARTSSD-012", "same-switch", "storage write", "throughput", 1.04e9, SMARTSSD, "128 MiB, one at a time"],
  ["CANYON-001", "same-host-bridge", "write", "throughput", 26.32e9, CANYON, "two root ports"],
  ["IOPMEM-001", "same-host-bridge", "write", "throughput", 4e9, IOPMEM, "up to; path not stated"],
  ["CANYON-005", "same-host-bridge", "write", "latency", 1120, CANYON, "4 B"],
  ["IOPMEM-002", "same-host-bridge", "read", "throughput", 1.2e9, IOPMEM, "up to; path not stated"],
  ["CANYON-003", "same-host-bridge", "write both ways", "throughput", 52.11e9, CANYON, "two root ports"],
  ["NVFORUM-003", "same-host-bridge", "storage read", "throughput", 7.1e9, BROADWELL, "9.4-9.5 GB/s into memory"],
  ["DONARD-002", "same-host-bridge", "storage read", "throughput", 2.5e9, DONARD, "path not stated"],
  ["DONARD-004", "same-host-bridge", "storage write", "throughput", 0.65e9, DONARD, "path not stated"],
  ["RTX6K-038", "same-socket", "write", "throughput", 56.57e9, TURIN, "different root ports"],
  ["RTX6K-005", "same-socket", "write", "latency", 1072.3, WRX90, "4 B to and fro between two switches, halved"],
  ["RTX6K-RC-DIRECT", "same-socket", "read", "latency", 840, TURIN, "128 B, round trip, no switch"],
  ["RTX6K-021", "same-socket", "read", "latency", 1425, WRX90, "128 B, round trip between two switches"],
  ["RTX6K-040", "same-socket", "write both ways", "throughput", 111.38e9, TURIN, "different root ports"],
  ["AISIO-003", "same-socket", "storage read", "throughput", 45.2e9, AISIO, "4 KiB, queue depth 128"],
  ["RTX6K-039", "cross-socket", "write", "throughput", 50.97e9, TURIN, "across xGMI"],
  ["RTX6K-042", "cross-socket", "write", "throughput", 39e9, GENOA, "across xGMI"],
  ["RTX6K-032", "cross-socket", "read", "throughput", 40.1e9, TURIN_SWITCH, "across xGMI, switches on both sides"],
  ["RTX6K-041", "cross-socket", "write both ways", "throughput", 99.42e9, TURIN, "across xGMI"],
  ["TARTAN-025", "through-memory", "copy", "throughput", 10.91e9, DGX1, "64 MiB, peer access off"],
  ["TARTAN-014", "through-memory", "copy", "latency", 20590, DGX1, "4 KiB, peer access off"],
  ["TARTAN-008", "through-memory", "copy both ways", "throughput", 18.04e9, DGX1, "40 MB, peer access off"],
  ["DONARD-001", "through-memory", "storage read", "throughput", 1.9e9, DONARD, "staged in system memory"],
  ["DONARD-003", "through-memory", "storage write", "throughput", 1.51e9, DONARD, "staged in system memory"],
];

/** What has been published about the paths that are compared here. */
export const MEASUREMENTS: readonly Measurement[] = ROWS.map(
  ([id, path, operation, metric, value, setting, when]): Measurement => ({
    id,
    path,
    operation,
    metric,
    value,
    unit: metric === "latency" ? "ns" : "By/s",
    when,
    ...setting,
  }),
);

const NEAR_TO_FAR: readonly MeasuredPath[] = ["same-switch", "same-host-bridge", "same-socket", "cross-socket"];

/**
 * The published measurement of this operation that is nearest: of the same path where there is one, else of the next nearer or farther
 * path between peers. A staged copy is only ever compared with staged copies. Compare `path` to see whether it is the path itself.
 */
export function nearestMeasurement(
  path: MeasuredPath,
  operation: MeasuredOperation,
  metric: Measurement["metric"],
): Measurement | undefined {
  let nearest: Measurement | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of MEASUREMENTS) {
    const far =
      each.operation === operation && each.metric === metric ? farness(path, each.path) : Number.POSITIVE_INFINITY;
    if (far < least) [nearest, least] = [each, far];
  }
  return nearest;
}

function farness(one: MeasuredPath, other: MeasuredPath): number {
  if (one === other) return 0;
  const [from, to] = [NEAR_TO_FAR.indexOf(one), NEAR_TO_FAR.indexOf(other)];
  return from < 0 || to < 0 ? Number.POSITIVE_INFINITY : Math.abs(from - to);
}
