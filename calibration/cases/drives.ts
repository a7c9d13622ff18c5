import type { Case, CaseMachine } from "./case.ts";
import {
  device,
  drivesAndGpu,
  drivesAndGpuBehindSwitch,
  oneSwitch,
  root,
  withFpga,
  X4_GEN3,
  X8_GEN3,
  X16_GEN3,
  X16_GEN5,
} from "./machines.ts";
import { between, gigabits, gigabytes, KIB, MIB, succeeds } from "./quantity.ts";

/** Drives and adapters against the memory of a peer. */

const FORUM: Case["source"] = {
  origin: "forum thread 55564",
  where: "HeteroDB, NVIDIA developer forum thread 55564",
  year: 2017,
};
const DONARD: Case["source"] = {
  origin: "sbates130272/donard",
  where: "S. Bates, Flash Memory Summit 2014, slide 8",
  year: 2014,
};
const IOPMEM: Case["source"] = {
  origin: "[PATCH 0/3] iopmem",
  where: "S. Bates, Linux kernel list, 18 Oct 2016",
  year: 2016,
};
const SMARTSSD: Case["source"] = {
  origin: "Xilinx/Vitis_Accel_Examples",
  where: "host/p2p_bandwidth, commit 06e3d9b",
  year: 2021,
};
const ARROW_LAKE: Case["source"] = { origin: "NVIDIA/open-gpu-kernel-modules", where: "issue 1253", year: 2026 };

type Storage = Extract<Case["operation"], { readonly kind: "storage" }>;
type Rest = Pick<Case, "id" | "what" | "platform" | "measured" | "machine" | "source"> & Partial<Case>;

const storage = (operation: Omit<Storage, "kind">, rest: Rest): Case => ({
  class: "root complex",
  metric: "bandwidth",
  operation: { kind: "storage", ...operation },
  ...rest,
});

const drives = (count: number): string[] => Array.from({ length: count }, (_, drive) => `nvme${drive}`);

const forum = (id: string, count: number, into: "gpu0" | "memory 0", measured: Case["measured"], note: string): Case =>
  storage(
    { drives: drives(count), with: into, through: "peer", access: "read", size: MIB, in_flight: 8 },
    {
      id,
      what: `${count} drives fill ${into === "gpu0" ? "a GPU on another root port" : "system memory"}`,
      platform: "broadwell",
      measured,
      machine: drivesAndGpu(count, X4_GEN3, X16_GEN3),
      note,
      source: FORUM,
    },
  );

const donard = (id: string, through: Storage["through"], access: Storage["access"], measured: number): Case =>
  storage(
    through === "peer"
      ? { drives: ["nvme0"], with: "gpu0", through, access, size: MIB, in_flight: 4 }
      : { drives: ["nvme0"], with: "gpu0", through, access, size: 128 * MIB, in_flight: 1, legs: "in turn" },
    {
      id,
      class: through === "memory" ? "staged" : "root complex",
      what: `a drive ${access === "read" ? "fills" : "drains"} a GPU, ${through === "peer" ? "peer to peer" : "through memory"}`,
      platform: "donard",
      measured: gigabytes(measured),
      machine: drivesAndGpu(1, X4_GEN3, X16_GEN3),
      note:
        through === "peer"
          ? "path not stated"
          : "one thread fills a buffer in system memory, then empties it (nvme2gpu_read -D)",
      source: DONARD,
    },
  );

const smartssd = (id: string, access: Storage["access"], measured: number): Case =>
  storage(
    { drives: ["nvme0"], with: "gpu0", through: "peer", access, size: 128 * MIB, in_flight: 1 },
    {
      id,
      what: `the drive of a SmartSSD ${access === "read" ? "fills" : "drains"} its FPGA's memory`,
      platform: "smartssd",
      measured: gigabytes(measured),
      machine: withFpga(drivesAndGpuBehindSwitch(1, X4_GEN3, X4_GEN3), "gpu0"),
      note: "128 MiB, one at a time",
      source: SMARTSSD,
    },
  );

const iopmem = (id: string, by: "write" | "read", measured: number): Case => ({
  id,
  class: "root complex",
  what: `a device ${by}s a peer's memory on consumer hardware`,
  platform: "iopmem",
  metric: "bandwidth",
  measured: gigabytes(measured),
  machine: withFpga(withFpga(oneSwitch(X8_GEN3), "gpu0"), "gpu1"),
  operation: { kind: "flows", flows: [{ from: "gpu0", to: "gpu1", by }], size: MIB, in_flight: 4 },
  note: "up to; path not stated: a switch, since reads arrive and root complexes of consumers lose them",
  source: IOPMEM,
});

const NIC_AND_GPU: CaseMachine = {
  devices: { nic0: device("nic", X16_GEN3, root()), gpu0: device("gpu", X16_GEN5, root()) },
};
const rdmaRead: Case["operation"] = {
  kind: "flows",
  flows: [{ from: "gpu0", to: "nic0", by: "read" }],
  size: 64 * KIB,
  in_flight: 1,
};

export const DRIVE_CASES: readonly Case[] = [
  forum("NVFORUM-001", 1, "gpu0", gigabytes(3.2), "one drive"),
  forum("NVFORUM-002", 2, "gpu0", gigabytes(6.3), "two drives"),
  forum("NVFORUM-003", 3, "gpu0", gigabytes(7.1), "9.4-9.5 GB/s into memory"),
  forum("NVFORUM-004", 3, "memory 0", between(gigabytes(9.4), gigabytes(9.5)), "the same drives into memory"),
  donard("DONARD-001", "memory", "read", 1.9),
  donard("DONARD-002", "peer", "read", 2.5),
  donard("DONARD-003", "memory", "write", 1.51),
  donard("DONARD-004", "peer", "write", 0.65),
  smartssd("SMARTSSD-024", "read", 2.36),
  smartssd("SMARTSSD-012", "write", 1.04),
  iopmem("IOPMEM-001", "write", 4),
  iopmem("IOPMEM-002", "read", 1.2),
  {
    id: "ARL-001",
    class: "root complex",
    what: "an adapter reads a GPU's BAR below another root port of a client processor: does it succeed?",
    platform: "arrow-lake",
    metric: "success",
    measured: succeeds(false),
    machine: NIC_AND_GPU,
    operation: rdmaRead,
    source: ARROW_LAKE,
  },
  {
    id: "ARL-002",
    class: "root complex",
    what: "an adapter reads a GPU's BAR below another root port of a Zen workstation",
    platform: "zen-control",
    metric: "bandwidth",
    measured: gigabits(180),
    machine: NIC_AND_GPU,
    operation: { ...rdmaRead, size: MIB, in_flight: 4 },
    note: "the adapter's own limit is 200 Gb/s",
    source: ARROW_LAKE,
  },
];
