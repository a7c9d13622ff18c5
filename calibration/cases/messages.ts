import type { Case, CaseLink, CaseMachine } from "./case.ts";
import { device, root, X8_GEN3, X16_GEN3, X16_GEN4 } from "./machines.ts";
import { gigabits, gigabytes, KIB, MIB, microseconds } from "./quantity.ts";

/** Network adapters and the memory of GPUs. */

const ROCM: Case["source"] = { origin: "linux-rdma/perftest PR 98", where: "results with ROCm", year: 2020 };
const PERFTEST: Case["source"] = { origin: "linux-rdma/perftest issue 241", where: "the report", year: 2024 };
const GDR: Case["source"] = {
  origin: "MVAPICH2-GDR",
  where: "slides of OSU and the NVIDIA blog on modern server platforms, from memory: the table was not seen",
  year: 2014,
};

/** Two hosts side by side, an adapter and a GPU in each; in `apart` sockets or on one. */
const hosts = (link: CaseLink, sockets: 1 | 2): CaseMachine => ({
  devices: Object.fromEntries(
    [0, 1].flatMap((host) => [
      [`nic${host}`, device("nic", link, root(host * sockets))],
      [`gpu${host}`, device("gpu", link, root(host * sockets + sockets - 1))],
    ]),
  ),
});

const EDR = hosts(X16_GEN3, 1);

function rocm(number: number, size: number, metric: "latency" | "bandwidth", measured: Case["measured"]): Case {
  return {
    id: `ROCRDMA-${String(number).padStart(3, "0")}`,
    class: metric === "latency" ? "latency" : "root complex",
    what: `RDMA send from a GPU to a GPU of another host, ${size} B`,
    platform: "rocm-edr",
    metric,
    measured,
    machine: EDR,
    operation: {
      kind: "rdma",
      adapters: ["nic0", "nic1"],
      from: "gpu0",
      to: "gpu1",
      size,
      in_flight: metric === "latency" ? 1 : 128,
    },
    note: "neither hosts nor GPU are stated; 128 messages posted, as the tool has it by default",
    source: ROCM,
  };
}

/** Bytes, one way in microseconds, Gb/s. */
const SENDS = [
  [2, 1.83, 0.06],
  [64, 1.74, 4.12],
  [256, 1.83, 16.52],
  [KIB, 1.99, 63.6],
  [4 * KIB, 2.66, 95.92],
  [16 * KIB, 4.62, 96.74],
  [64 * KIB, 8.86, 95.36],
  [MIB, 95.74, 95.39],
  [8 * MIB, 749.74, 95.41],
] as const;

const hdr = (id: string, memory: "host" | "GPU", measured: number): Case => ({
  id,
  class: "root complex",
  what: `RDMA write from ${memory} memory to ${memory} memory of another host, ${memory === "GPU" ? "the GPU on the adapter's other socket" : "one socket"}`,
  platform: "perftest-hdr",
  metric: "bandwidth",
  measured: gigabytes(measured),
  machine: hosts(X16_GEN4, 2),
  operation: {
    kind: "rdma",
    adapters: ["nic0", "nic1"],
    from: memory === "GPU" ? "gpu0" : "memory 0",
    to: memory === "GPU" ? "gpu1" : "memory 2",
    size: 32 * MIB,
    in_flight: 128,
  },
  note: "about; the processor is not stated",
  source: PERFTEST,
});

const gdr = (id: string, platform: string, by: "read" | "write", measured: number): Case => ({
  id,
  class: "root complex",
  what: `an adapter ${by}s the memory of a GPU on its socket`,
  platform,
  metric: "bandwidth",
  measured: gigabytes(measured),
  machine: { devices: { nic0: device("nic", X8_GEN3, root()), gpu0: device("gpu", X16_GEN3, root()) } },
  operation: {
    kind: "flows",
    flows: [by === "read" ? { from: "gpu0", to: "nic0", by } : { from: "nic0", to: "gpu0", by }],
    size: MIB,
    in_flight: 4,
  },
  note: "from memory, approximate: no gate",
  source: GDR,
});

export const MESSAGE_CASES: readonly Case[] = [
  ...SENDS.flatMap(([size, latency, rate], index) => [
    rocm(1 + 2 * index, size, "latency", microseconds(latency)),
    rocm(2 + 2 * index, size, "bandwidth", gigabits(rate)),
  ]),
  hdr("PERF241-001", "host", 23),
  hdr("PERF241-002", "GPU", 11),
  gdr("MEM-001", "sandy-bridge", "read", 0.96),
  gdr("MEM-002", "sandy-bridge", "write", 5.2),
  gdr("MEM-003", "ivy-bridge", "read", 3.5),
  gdr("MEM-004", "ivy-bridge", "write", 6.4),
];
