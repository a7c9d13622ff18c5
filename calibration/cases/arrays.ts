import type { Case, CaseMachine } from "./case.ts";
import {
  device,
  drivesAndGpu,
  drivesAndGpuBehindSwitch,
  root,
  rootPorts,
  X4_GEN3,
  X4_GEN4,
  X4_GEN5,
  X16_GEN3,
  X16_GEN4,
  X16_GEN5,
} from "./machines.ts";
import { gibibytes, gigabytes, KIB, MIB, microseconds, perSecond } from "./quantity.ts";

/** Drives that fill a GPU with many threads at work: of the kernel (GPUDirect Storage), or of the GPU itself (BaM, AiSIO). */

type Storage = Extract<Case["operation"], { readonly kind: "storage" }>;
type Rest = Pick<Case, "id" | "what" | "platform" | "metric" | "measured" | "machine" | "source"> & Partial<Case>;

const fills = (operation: Omit<Storage, "kind" | "access" | "drives">, count: number, rest: Rest): Case => ({
  class: operation.through === "memory" ? "staged" : "root complex",
  operation: {
    kind: "storage",
    drives: Array.from({ length: count }, (_, drive) => `nvme${drive}`),
    access: "read",
    ...operation,
  },
  ...rest,
});

const GDS: Case["source"] = {
  origin: "GPUDirect Storage Benchmarking and Configuration Guide",
  where: "NVIDIA, section 5.1",
  year: 2021,
};
const DGX2 = drivesAndGpuBehindSwitch(2, X4_GEN3, X16_GEN3);

const gdsLatency = (id: string, through: Storage["through"], measured: number): Case =>
  fills({ with: "gpu0", through, size: MIB, in_flight: 4 }, 2, {
    id,
    what: `a request of two drives that fill a GPU ${through === "peer" ? "behind their switch" : "by way of memory"}`,
    platform: "dgx2",
    metric: "latency",
    measured: microseconds(measured),
    machine: DGX2,
    note: "1 MiB, eight threads; the average",
    source: GDS,
  });

/** Each thread reads one block after the other. */
const gdsRate = (id: string, threads: number, measured: number): Case =>
  fills({ with: "gpu0", through: "peer", size: 4 * KIB, in_flight: threads / 2, cores: threads }, 2, {
    id,
    what: `${threads} threads have two drives fill a GPU behind their switch, 4 KiB each`,
    platform: "dgx2",
    metric: "rate",
    measured: perSecond(measured),
    machine: DGX2,
    note: `random reads, ${threads} threads`,
    source: GDS,
  });

const GDS_VM: Case["source"] = { origin: "public note, GDS in a VM", where: "section 14", year: 2024 };
const GDS_METAL: Case["source"] = { origin: "public file on GDS", where: "4, sequential reads", year: 2024 };

const single = (
  id: string,
  way: "peer" | "bounced" | "memory",
  metric: "bandwidth" | "latency",
  measured: Case["measured"],
  source: Case["source"],
): Case =>
  fills(
    {
      with: way === "memory" ? "memory 0" : "gpu0",
      through: way === "bounced" ? "memory" : "peer",
      size: 256 * KIB,
      in_flight: 1,
      cores: 1,
      ...(way === "bounced" ? { legs: "in turn" as const } : {}),
    },
    1,
    {
      id,
      what: `a drive fills ${way === "memory" ? "memory" : `a GPU, ${way === "peer" ? "peer to peer" : "bounced"}`}, one at a time`,
      platform: "gds-vm",
      metric,
      measured,
      machine: drivesAndGpu(1, X4_GEN3, X16_GEN3),
      note: "256 KiB; neither drive nor machine is stated: good for what the bounce adds, not for more",
      source,
    },
  );

const AISIO: Case["source"] = { origin: "xnvme/aisio", where: "documentation, commit e78e01f", year: 2026 };

const aisio = (
  id: string,
  count: number,
  size: number,
  inFlight: number,
  measured: Case["measured"],
  note: string,
): Case =>
  fills({ with: "gpu0", through: "peer", size, in_flight: inFlight, issued_by: "device" }, count, {
    id,
    what: `${count} gen5 drives fill a GPU on another root port, ${size} B each`,
    platform: "aisio",
    metric: measured.unit === "1/s" ? "rate" : "bandwidth",
    measured,
    machine: drivesAndGpu(count, X4_GEN5, X16_GEN5),
    note,
    source: AISIO,
  });

const bam = (id: string, platform: string, count: number, size: number, measured: number, log: string): Case =>
  fills({ with: "gpu0", through: "peer", size, in_flight: 512, issued_by: "device" }, count, {
    id,
    what: `a GPU has ${count === 1 ? "a drive" : `${count} drives`} fill it at random, ${size} B each`,
    platform,
    metric: "rate",
    measured: perSecond(measured),
    machine: drivesAndGpuBehindSwitch(count, X4_GEN4, X16_GEN4),
    note: "128 queues of 1,024: more than a drive can use; the path is not stated, a switch is recommended",
    source: { origin: "ZaidQureshi/bam", where: `asplosaoe/${log}, commit 315fadf`, year: 2023 },
  });

const FARM: Case["source"] = { origin: "FarmGPU GDS bench", where: "gds-bench.farmgpu.net/theory", year: 2026 };

/** As many GPUs as drives, so that none shares a link. */
const PAIRS: CaseMachine = {
  devices: Object.fromEntries(
    [0, 1, 2, 3].flatMap((pair) => [
      [`nvme${pair}`, device("nvme", X4_GEN5, root())],
      [`gpu${pair}`, device("gpu", X16_GEN4, root())],
    ]),
  ),
};

/** A card of eight drives behind its own switch. */
const CARD: CaseMachine = {
  devices: Object.fromEntries(
    Array.from({ length: 8 }, (_, drive) => [`nvme${drive}`, device("nvme", X4_GEN4, { switch: "card" })]),
  ),
  switches: { card: { link: X16_GEN4, below: root() } },
};

export const ARRAY_CASES: readonly Case[] = [
  gdsLatency("GDS-002", "peer", 1197.370995),
  gdsLatency("GDS-004", "memory", 2003.091575),
  gdsRate("GDS-005", 4, 24_468),
  gdsRate("GDS-006", 8, 49_255),
  gdsRate("GDS-007", 16, 100_928),
  gdsRate("GDS-008", 32, 238_245),
  gdsRate("GDS-009", 64, 484_612),
  gdsRate("GDS-010", 128, 850_240),
  single("GDS3-001", "peer", "bandwidth", gibibytes(1.564272), GDS_VM),
  single("GDS3-002", "bounced", "bandwidth", gibibytes(1.428755), GDS_VM),
  single("GDS3-003", "memory", "latency", microseconds(133.045984), GDS_METAL),
  single("GDS3-004", "bounced", "latency", microseconds(163.214115), GDS_METAL),
  {
    id: "AISIO-001",
    class: "root complex",
    what: "two GPUs on root ports write to each other, Xeon",
    platform: "aisio",
    metric: "bandwidth",
    measured: gigabytes(2 * 56.1),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: {
      kind: "flows",
      flows: [
        { from: "gpu0", to: "gpu1", by: "write" },
        { from: "gpu1", to: "gpu0", by: "write" },
      ],
      size: 256 * MIB,
      in_flight: 1,
    },
    note: "56.1 GB/s each way, the mean",
    source: AISIO,
  },
  aisio("AISIO-002", 4, 512, 128, gigabytes(7.9), "payload; 512 B, queue depth 128"),
  aisio("AISIO-003", 4, 4 * KIB, 128, gigabytes(45.2), "4 KiB, queue depth 128"),
  aisio("AISIO-004", 4, 8 * KIB, 128, gigabytes(45.2), "payload; 8 KiB, queue depth 128"),
  aisio("AISIO-006", 16, 512, 256, perSecond(61_500_000), "512 B, two queues of 128 for each drive"),
  bam("BAM-001", "bam-optane", 1, 512, 4_903_560, "nvm_block_bench_1_intel.log"),
  bam("BAM-002", "bam-980", 1, 4 * KIB, 798_519, "nvm_block_bench_1_sam.log"),
  bam("BAM-003", "bam-980", 2, 4 * KIB, 1_523_550, "nvm_block_bench_2_sam.log"),
  fills({ with: "gpu0", through: "peer", size: MIB, in_flight: 2 }, 4, {
    id: "FARM-001",
    what: "four gen5 drives fill one gen4 GPU across root ports",
    platform: "farm",
    metric: "bandwidth",
    measured: gibibytes(26.4),
    machine: drivesAndGpu(4, X4_GEN5, X16_GEN4),
    note: "the processor is not stated",
    source: FARM,
  }),
  {
    id: "FARM-002",
    class: "link",
    what: "four gen5 drives write to GPUs, each to one of its own",
    platform: "farm",
    metric: "bandwidth",
    measured: gigabytes(53),
    machine: PAIRS,
    operation: {
      kind: "flows",
      flows: [0, 1, 2, 3].map((pair) => ({ from: `nvme${pair}`, to: `gpu${pair}`, by: "write" as const })),
      size: MIB,
      in_flight: 1,
    },
    note: "the drives read faster than their links carry; how many GPUs is not stated",
    source: FARM,
  },
  {
    id: "CANYON-010",
    class: "link",
    what: "eight drives of one card read memory across its switch",
    platform: "canyon",
    metric: "bandwidth",
    measured: gibibytes(25.775109),
    machine: CARD,
    operation: {
      kind: "flows",
      flows: Array.from({ length: 8 }, (_, drive) => ({ from: "memory 0", to: `nvme${drive}`, by: "read" as const })),
      size: MIB,
      in_flight: 1,
    },
    note: "the drives' own rate is not stated, and taken as never the limit",
    source: {
      origin: "dev-canyon1",
      where: "public setup log of the host dev-canyon1, 27 May 2025, gdsio",
      year: 2025,
    },
  },
];
