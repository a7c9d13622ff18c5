import type { Case, CaseMachine } from "./case.ts";
import { device, drivesAndGpu, root, rootPorts, X4_GEN3, X16_GEN3, X16_GEN4 } from "./machines.ts";
import { gigabytes, MIB } from "./quantity.ts";

/** Pairs of GPUs of which little more than one figure was published, and what memory gives sixteen of them. */

type Flow = Extract<Case["operation"], { readonly kind: "flows" }>["flows"][number];
const ONE: readonly Flow[] = [{ from: "gpu0", to: "gpu1", by: "write" }];
const BOTH: readonly Flow[] = [...ONE, { from: "gpu1", to: "gpu0", by: "write" }];

type Rest = Pick<Case, "id" | "platform" | "measured" | "machine" | "source"> & Partial<Case>;
const writes = (flows: readonly Flow[], rest: Rest): Case => ({
  class: "root complex",
  what: flows.length === 1 ? "GPU writes to a GPU on another root port" : "two GPUs on root ports write to each other",
  metric: "bandwidth",
  operation: { kind: "flows", flows: [...flows], size: 10_000_000, in_flight: 1 },
  ...rest,
});

const ROCM: Case["source"] = { origin: "ROCm/ROCmValidationSuite", where: "issue 427", year: 2019 };
const NCCL: Case["source"] = { origin: "NVIDIA/nccl", where: "issue 814", year: 2023 };
const README: Case["source"] = {
  origin: "sbates130272/donard",
  where: "README, example output, commit fae61df",
  year: 2015,
};

/** Two of the four dies of a Naples. */
const TWO_DIES = rootPorts(X16_GEN3, "two bridges");
const HASWELL = rootPorts(X16_GEN3, "one bridge");

const contributor = (id: string, through: "peer" | "memory", measured: number): Case => ({
  id,
  class: through === "memory" ? "staged" : "root complex",
  what: `a drive fills a GPU, ${through === "peer" ? "peer to peer" : "through memory"}, on a contributor's machine`,
  platform: "donard-guest",
  metric: "bandwidth",
  measured: gigabytes(measured),
  machine: drivesAndGpu(1, X4_GEN3, X16_GEN3),
  operation: {
    kind: "storage",
    drives: ["nvme0"],
    with: "gpu0",
    through,
    access: "read",
    size: 100 * MIB,
    in_flight: 1,
    ...(through === "memory" ? { legs: "in turn" as const } : {}),
  },
  note: "104.86 MB; neither processor nor GPU nor drive is stated",
  source: README,
});

/** Four switches, two on each socket, with four GPUs below each; every GPU reads the memory of its socket. */
const SIXTEEN: CaseMachine = {
  devices: Object.fromEntries(
    Array.from({ length: 16 }, (_, gpu) => [
      `gpu${gpu}`,
      device("gpu", X16_GEN3, { switch: `switch${Math.floor(gpu / 4)}` }),
    ]),
  ),
  switches: Object.fromEntries(
    [0, 1, 2, 3].map((each) => [`switch${each}`, { link: X16_GEN3, below: root(Math.floor(each / 2)) }]),
  ),
};

export const PAIR_CASES: readonly Case[] = [
  writes(ONE, {
    id: "AMDP2P-001",
    platform: "naples",
    measured: gigabytes(7.056),
    machine: TWO_DIES,
    note: "memory interleaved by socket",
    source: ROCM,
  }),
  writes(BOTH, {
    id: "AMDP2P-002",
    platform: "naples",
    measured: gigabytes(11.901),
    machine: TWO_DIES,
    source: ROCM,
  }),
  writes(ONE, {
    id: "AMDP2P-003",
    platform: "haswell-mi25",
    measured: gigabytes(8.172626),
    machine: HASWELL,
    note: "path not stated",
    source: ROCM,
  }),
  writes(BOTH, {
    id: "AMDP2P-004",
    platform: "haswell-mi25",
    measured: gigabytes(14.970914),
    machine: HASWELL,
    note: "path not stated",
    source: ROCM,
  }),
  writes(ONE, {
    id: "NCCL814-001",
    platform: "nccl-814",
    measured: gigabytes(9.9),
    machine: rootPorts(X16_GEN4, "two bridges"),
    note: "links taken as gen4 x16, since the staged copy is as fast as they are; the processor is not stated",
    source: NCCL,
  }),
  {
    id: "NCCL814-002",
    class: "staged",
    what: "GPU to GPU through memory, peer access off",
    platform: "nccl-814",
    metric: "bandwidth",
    measured: gigabytes(22.16),
    machine: rootPorts(X16_GEN4, "two bridges"),
    operation: { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways: false, size: 64 * MIB },
    note: "links taken as gen4 x16; the size is not stated",
    source: NCCL,
  },
  writes(BOTH, {
    id: "TINY-001",
    platform: "rome-workstation",
    measured: gigabytes(50.44),
    machine: rootPorts(X16_GEN4, "two bridges"),
    source: { origin: "tinygrad/open-gpu-kernel-modules", where: "issue 6", year: 2024 },
  }),
  contributor("DONARD-005", "peer", 0.30078),
  contributor("DONARD-006", "memory", 1.3),
  {
    id: "GDSBLOG-001",
    class: "link",
    what: "sixteen GPUs behind four switches read memory",
    platform: "dgx2",
    metric: "bandwidth",
    measured: gigabytes(50),
    machine: SIXTEEN,
    operation: {
      kind: "flows",
      flows: Array.from({ length: 16 }, (_, gpu) => ({
        from: `memory ${Math.floor(gpu / 8)}`,
        to: `gpu${gpu}`,
        by: "read" as const,
      })),
      size: MIB,
      in_flight: 1,
    },
    note: "a stated limit, no measurement; that four uplinks make it is from memory",
    source: { origin: "NVIDIA blog, GPUDirect Storage", where: "the figure of a DGX-2", year: 2019 },
  },
];
