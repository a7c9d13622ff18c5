import type { Case, CaseLink, CaseMachine } from "./case.ts";
import {
  device,
  drivesAndGpuBehindSwitch,
  oneSwitch,
  root,
  rootPorts,
  X4_GEN3,
  X16_GEN3,
  X16_GEN4,
} from "./machines.ts";
import { gibibytes, gigabytes, KIB, MIB, microseconds } from "./quantity.ts";

/** Copies between GPUs, from peer to peer and by way of system memory: a Threadripper, and a DGX-2's drives. */

const CANYON: Case["source"] = {
  origin: "dev-canyon1",
  where: "public setup log of the host dev-canyon1, 27 May 2025",
  year: 2025,
};
const GDS: Case["source"] = {
  origin: "GPUDirect Storage Benchmarking and Configuration Guide",
  where: "NVIDIA, section 5.1",
  year: 2021,
};

const PAIR: CaseMachine = rootPorts(X16_GEN4, "one bridge");
type Rest = Pick<Case, "id" | "class" | "what" | "metric" | "measured" | "operation"> & Partial<Case>;
const canyon = (rest: Rest): Case => ({ platform: "canyon", machine: PAIR, source: CANYON, ...rest });

const CANYON_CASES: readonly Case[] = [
  canyon({
    id: "CANYON-001",
    class: "root complex",
    what: "GPU writes to a GPU on another root port",
    metric: "bandwidth",
    measured: gigabytes(26.32),
    operation: { kind: "flows", flows: [{ from: "gpu0", to: "gpu1", by: "write" }], size: 40_000_000, in_flight: 1 },
    note: "two root ports",
  }),
  canyon({
    id: "CANYON-002",
    class: "staged",
    what: "GPU to GPU through memory",
    metric: "bandwidth",
    measured: gigabytes(22.23),
    operation: { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways: false, size: 40_000_000 },
  }),
  canyon({
    id: "CANYON-003",
    class: "root complex",
    what: "two GPUs on two root ports write to each other",
    metric: "bandwidth",
    measured: gigabytes(52.11),
    operation: {
      kind: "flows",
      flows: [
        { from: "gpu0", to: "gpu1", by: "write" },
        { from: "gpu1", to: "gpu0", by: "write" },
      ],
      size: 40_000_000,
      in_flight: 1,
    },
    note: "two root ports",
  }),
  canyon({
    id: "CANYON-004",
    class: "staged",
    what: "GPU to GPU through memory, both ways",
    metric: "bandwidth",
    measured: gigabytes(31.42),
    operation: { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways: true, size: 40_000_000 },
  }),
  canyon({
    id: "CANYON-005",
    class: "latency",
    what: "small write from GPU to GPU on two root ports",
    metric: "latency",
    measured: microseconds(1.12),
    operation: { kind: "flows", flows: [{ from: "gpu0", to: "gpu1", by: "write" }], size: 4, in_flight: 1 },
    note: "4 B",
  }),
  canyon({
    id: "CANYON-006",
    class: "staged",
    what: "small copy from GPU to GPU through memory",
    metric: "latency",
    measured: microseconds(10.9),
    operation: { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways: false, size: 4 },
  }),
];

const DGX2_MACHINE = drivesAndGpuBehindSwitch(2, X4_GEN3, X16_GEN3);
const gds = (id: string, through: "peer" | "memory", value: number): Case => ({
  id,
  class: "root complex",
  what: through === "peer" ? "two drives fill a GPU behind their switch" : "two drives fill a GPU by way of memory",
  platform: "dgx2",
  metric: "bandwidth",
  measured: gibibytes(value),
  machine: DGX2_MACHINE,
  operation: {
    kind: "storage",
    drives: ["nvme0", "nvme1"],
    with: "gpu0",
    through,
    access: "read",
    size: MIB,
    in_flight: 4,
  },
  note: "1 MiB, limited by the drives",
  source: GDS,
});

/** The slower one bounced because the GPU was behind another switch. */
const GDS_CASES: readonly Case[] = [
  gds("GDS-001", "peer", 6.524658),
  { ...gds("GDS-003", "memory", 3.893747), class: "staged", note: "1 MiB, GPU behind another switch, bounced" },
];

const hostCopy = (
  id: string,
  platform: string,
  link: CaseLink,
  by: "write" | "read",
  measured: number,
  source: Case["source"],
): Case => ({
  id,
  class: "link",
  what: `a GPU on a root port ${by}s pinned memory`,
  platform,
  metric: "bandwidth",
  measured: gigabytes(measured),
  machine: { devices: { gpu0: device("gpu", link, root()) } },
  operation: {
    kind: "flows",
    flows: [by === "read" ? { from: "memory 0", to: "gpu0", by } : { from: "gpu0", to: "memory 0", by }],
    size: 32 * MIB,
    in_flight: 1,
  },
  source,
});
const ROCM: Case["source"] = { origin: "ROCm/legacy-rocm-build", where: "issue 787", year: 2019 };
const RCUDA: Case["source"] = { origin: "rcuda.net", where: "news on Connect-IB", year: 2014 };

const HOST_COPY_CASES: readonly Case[] = [
  hostCopy("CANYON-007", "canyon", X16_GEN4, "read", 26.8, CANYON),
  hostCopy("CANYON-008", "canyon", X16_GEN4, "write", 26.3, CANYON),
  hostCopy("AMDH-001", "broadwell-e", X16_GEN3, "read", 13.377405, ROCM),
  hostCopy("AMDH-002", "broadwell-e", X16_GEN3, "write", 14.310061, ROCM),
  hostCopy("RCUDA-001", "ivy-bridge-k40", X16_GEN3, "read", 10.06, RCUDA),
];

const B70: Case["source"] = { origin: "intel/compute-runtime", where: "issue 935", year: 2026 };
const B70_CASES: readonly Case[] = [
  {
    id: "B70-001",
    class: "switch/ACS",
    what: "GPU to GPU behind one switch whose redirected writes a client root complex loses: did the data arrive?",
    platform: "b70",
    metric: "success",
    measured: { value: 0, unit: "1" },
    machine: oneSwitch(X16_GEN4),
    configuration: { acs: "on" },
    operation: { kind: "flows", flows: [{ from: "gpu0", to: "gpu1", by: "write" }], size: 64 * KIB, in_flight: 1 },
    note: "10.89 GB/s and a buffer of ones: fast and corrupt",
    source: B70,
  },
];

export const COPY_CASES: readonly Case[] = [...CANYON_CASES, ...GDS_CASES, ...HOST_COPY_CASES, ...B70_CASES];
