import type { Case } from "./case.ts";
import { device, root, X8_GEN3 } from "./machines.ts";
import { type Access, type Kind, SIZE_SWEEPS, WINDOW_SWEEPS } from "./pcie-bench-rows.ts";
import { gigabits, KIB, nanoseconds } from "./quantity.ts";

/**
 * pcie-bench (Neugebauer et al., SIGCOMM 2018): a Netronome NFP-6000, gen3 x8, on a root port of six Xeon machines. Its tables call
 * bandwidth GB/s; bytes over time show that they mean Gb/s. About 32 transfers are in flight, by Little's law.
 */

interface Host {
  readonly platform: string;
  readonly maxPayload: 128 | 256;
  readonly maxReadRequest: 512 | 4096;
  /** The socket whose memory is read and written; the device is on socket 0. */
  readonly memory: 0 | 1;
  readonly iommu?: 4096 | 2097152;
}

const IN_FLIGHT = 32;
/** Size sweeps run in a window that the last-level cache holds. */
const WARM_WINDOW = 8 * KIB;
const PCIE_BENCH = "pcie-bench/data";

const HOSTS: Readonly<Record<string, Host>> = {
  snb: { platform: "nfp-snb", maxPayload: 256, maxReadRequest: 512, memory: 0 },
  ib: { platform: "nfp-ib", maxPayload: 256, maxReadRequest: 512, memory: 0 },
  "ib-numa": { platform: "nfp-ib", maxPayload: 256, maxReadRequest: 512, memory: 1 },
  hsw: { platform: "nfp-hsw", maxPayload: 256, maxReadRequest: 512, memory: 0 },
  bdw: { platform: "nfp-bdw", maxPayload: 256, maxReadRequest: 4096, memory: 0 },
  "bdw-numa": { platform: "nfp-bdw", maxPayload: 256, maxReadRequest: 4096, memory: 1 },
  e3: { platform: "nfp-e3", maxPayload: 128, maxReadRequest: 512, memory: 0 },
  "ib-iommu": { platform: "nfp-ib", maxPayload: 256, maxReadRequest: 512, memory: 0, iommu: 2097152 },
  "ib-iommu-nosp": { platform: "nfp-ib", maxPayload: 256, maxReadRequest: 512, memory: 0, iommu: 4096 },
  "hsw-iommu-nosp": { platform: "nfp-hsw", maxPayload: 256, maxReadRequest: 512, memory: 0, iommu: 4096 },
  "bdw-iommu-nosp": { platform: "nfp-bdw", maxPayload: 256, maxReadRequest: 4096, memory: 0, iommu: 4096 },
  "bdw-numa-iommu-nosp": { platform: "nfp-bdw", maxPayload: 256, maxReadRequest: 4096, memory: 1, iommu: 4096 },
  // Sandy Bridge's IOMMU knows no larger page.
  "snb-iommu": { platform: "nfp-snb", maxPayload: 256, maxReadRequest: 512, memory: 0, iommu: 4096 },
};

/** Bandwidth over sizes by host, as the fidelity goal counts them. */
export const SWEPT_HOSTS: readonly string[] = ["snb", "ib", "hsw", "bdw", "e3"];

const idOf = (host: string, row: number): string => `PB-${host}-${String(row).padStart(3, "0")}`;

/** Ids of a host's rows of bandwidth over sizes. */
export const sizeSweepOf = (host: string): readonly string[] =>
  (SIZE_SWEEPS[host] ?? []).flatMap(([, kind, , points]) =>
    kind === "bandwidth" ? points.map(([row]) => idOf(host, row)) : [],
  );

interface Row {
  readonly row: number;
  readonly access: Access;
  readonly kind: Kind;
  readonly size: number;
  readonly window: number;
  readonly value: number;
  readonly cache: "warm" | "cold";
  readonly engine: "dma" | "command";
}

function caseOf(name: string, point: Row): Case {
  const host = HOSTS[name];
  if (host === undefined) throw new RangeError(`${name} is no host of pcie-bench`);
  const { access, kind, size, window, value, cache, engine } = point;
  const inFlight = kind === "latency" ? 1 : IN_FLIGHT;
  return {
    id: idOf(name, point.row),
    class: host.iommu ? "IOMMU" : kind === "latency" ? "latency" : "link",
    what: `${engine === "command" ? "single" : "DMA"} ${access}, ${size} B over ${window / KIB} KiB, ${cache}`,
    platform: host.platform,
    metric: kind,
    measured: kind === "latency" ? nanoseconds(value) : gigabits(value),
    machine: {
      devices: { nfp: device("other", X8_GEN3, root(0)) },
      sockets: 1 + host.memory,
      max_payload: host.maxPayload,
      max_read_request: host.maxReadRequest,
    },
    configuration: host.iommu ? { iommu: "strict", iommu_page: host.iommu } : {},
    operation: {
      kind: "dma",
      device: "nfp",
      access,
      size,
      in_flight: inFlight,
      window,
      order: "random",
      memory: host.memory,
      cache,
      engine,
    },
    source: { origin: PCIE_BENCH, where: `${name}, commit b2abf2f`, year: 2016 },
  };
}

const sized = (host: string): readonly Case[] =>
  (SIZE_SWEEPS[host] ?? []).flatMap(([access, kind, engine, points]) =>
    points.map(([row, size, value]) =>
      caseOf(host, { row, access, kind, engine, size, value, window: WARM_WINDOW, cache: "warm" }),
    ),
  );

const windowed = (host: string): readonly Case[] =>
  (WINDOW_SWEEPS[host] ?? []).flatMap(([access, size, kind, points]) =>
    points.map(([row, window, value]) =>
      caseOf(host, { row, access, kind, engine: "dma", size, value, window: window * KIB, cache: "cold" }),
    ),
  );

export const PCIE_BENCH_CASES: readonly Case[] = Object.keys(HOSTS).flatMap((host) => [
  ...sized(host),
  ...windowed(host),
]);
