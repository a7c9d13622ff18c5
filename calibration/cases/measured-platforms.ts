import type { CasePlatform } from "./case.ts";
import { coreOf } from "./cores.ts";

const THREADRIPPER = coreOf("Threadripper PRO 7955WX and 7965WX", 5.3, "Zen 4");

const THREADRIPPER_DRAM = {
  constant: "host.dram_rate",
  value: 236e9,
  kind: "paper",
  source:
    "Threadripper PRO 7000 WX: eight channels of DDR5-5200 are 332.8 GB/s (AMD); 0.71 of it, as the 2018 Xeon of the table reaches",
} as const satisfies NonNullable<CasePlatform["parameters"]>[number];
const TURIN_DRAM = {
  constant: "host.dram_rate",
  value: 409e9,
  kind: "paper",
  source:
    "EPYC 9005: twelve channels of DDR5-6000 are 576 GB/s (AMD); 0.71 of it, as the 2018 Xeon of the table reaches",
} as const satisfies NonNullable<CasePlatform["parameters"]>[number];

/** Xeon E5-2630, E5-2620 v2 and E5-2637 v3. */
const LLC_OF_15_MB = {
  constant: "host.llc",
  value: 15 * 2 ** 20,
  kind: "paper",
  source: "Intel's data sheets of the Xeon E5-2630, E5-2620 v2 and E5-2637 v3: 15 MB of last-level cache each",
} as const satisfies NonNullable<CasePlatform["parameters"]>[number];

/**
 * The machines that somebody measured. A parameter here is a constant that this platform has a value of its own for; everything else
 * comes from the one table. What a data sheet or a configuration states is given; what was fitted is free, and counted against the rows.
 */
export const MEASURED_PLATFORMS: Readonly<Record<string, CasePlatform>> = {
  "nfp-snb": {
    title: "Xeon E5-2630 (Sandy Bridge-EP), Netronome NFP-6000",
    year: 2016,
    root_complex: "xeon-snb",
    parameters: [LLC_OF_15_MB],
  },
  "nfp-ib": {
    title: "Xeon E5-2620 v2 (Ivy Bridge-EP), Netronome NFP-6000",
    year: 2016,
    root_complex: "xeon-ivb",
    parameters: [LLC_OF_15_MB],
  },
  "nfp-hsw": {
    title: "Xeon E5-2637 v3 (Haswell-EP), Netronome NFP-6000",
    year: 2016,
    root_complex: "xeon-bdw",
    parameters: [LLC_OF_15_MB],
  },
  "nfp-bdw": { title: "Xeon E5-2630 v4 (Broadwell-EP), Netronome NFP-6000", year: 2016, root_complex: "xeon-bdw" },
  "nfp-e3": {
    title: "Xeon E3-1226 v3 (Haswell client die), Netronome NFP-6000",
    year: 2016,
    root_complex: "intel-client",
  },
  wrx90: {
    title: "Threadripper PRO 7955WX, Switchtec gen5 switches, RTX PRO 6000",
    year: 2026,
    root_complex: "amd-zen",
    parameters: [THREADRIPPER, THREADRIPPER_DRAM],
  },
  turin: {
    title: "2x EPYC Turin, RTX PRO 6000 on root ports, gen5",
    year: 2026,
    root_complex: "amd-zen",
    parameters: [
      TURIN_DRAM,
      {
        constant: "rc.amd-zen.socket_rate",
        value: 51e9,
        kind: "measured",
        source: "peer writes between its sockets, voipmonitor/rtx6kpro",
        fitted_from: ["RTX6K-039", "RTX6K-041"],
      },
    ],
  },
  "turin-switch": {
    title: "2x EPYC 9575F, Broadcom PEX890xx gen5 switches, RTX PRO 6000",
    year: 2026,
    root_complex: "amd-zen",
    parameters: [
      coreOf("EPYC 9575F", 5, "Zen 5"),
      TURIN_DRAM,
      {
        constant: "rc.amd-zen.socket_rate",
        value: 38e9,
        kind: "measured",
        source: "the middle of peer writes and reads between its sockets, voipmonitor/rtx6kpro",
        fitted_from: ["RTX6K-030", "RTX6K-032"],
      },
    ],
  },
  genoa: {
    title: "2x EPYC 9374F, RTX PRO 6000, gen5",
    year: 2026,
    root_complex: "amd-zen",
    parameters: [
      coreOf("EPYC 9374F", 4.3, "Zen 4"),
      {
        constant: "rc.amd-zen.socket_rate",
        value: 39e9,
        kind: "measured",
        source: "peer writes between its sockets, voipmonitor/rtx6kpro",
        fitted_from: ["RTX6K-042"],
      },
    ],
  },
  canyon: {
    title: "Threadripper PRO 7965WX, RTX 6000 Ada, gen4",
    year: 2025,
    root_complex: "amd-zen",
    parameters: [THREADRIPPER, THREADRIPPER_DRAM],
  },
  "broadwell-e": { title: "Core i7-6900K (Broadwell-E), Radeon PRO WX 8100", year: 2019, root_complex: "xeon-bdw" },
  "ivy-bridge-k40": { title: "Ivy Bridge Xeon, Tesla K40", year: 2014, root_complex: "xeon-ivb" },
  dgx1: {
    title: "NVIDIA DGX-1, 2x Xeon, P100, gen3",
    year: 2018,
    root_complex: "xeon-bdw",
    parameters: [coreOf("Xeon E5-2698 v4", 3.6, "Broadwell")],
  },
  dgx2: {
    title: "NVIDIA DGX-2, V100, two NVMe drives, gen3",
    year: 2021,
    root_complex: "xeon-sp",
    parameters: [
      coreOf("Xeon Platinum 8168", 3.7, "Skylake"),
      {
        constant: "nvme.read_rate",
        value: 3.4e9,
        kind: "paper",
        source:
          "NVIDIA GPUDirect Storage Benchmarking and Configuration Guide, 5.1: either of the two drives reads about 3.4 GB/s",
      },
      {
        constant: "nvme.read_latency",
        value: 90e3,
        kind: "assumed",
        source:
          "flash of its years: a 4 KiB read at queue depth 1 takes 78 us (Intel P3700) and 108 us (Micron 9100 MAX; AnandTech 11209), less some 3 us of link and software; which drive it is, nobody says",
      },
    ],
  },
  smartssd: {
    title: "Samsung SmartSSD, gen3 x4, in a Dell T640",
    year: 2021,
    root_complex: "xeon-sp",
    parameters: [
      {
        constant: "nvme.read_rate",
        value: 3.5e9,
        kind: "paper",
        source: "Samsung on its SmartSSD of 2020: sequential reads of up to 3,500 MB/s (technoeager.com)",
      },
      {
        constant: "nvme.write_rate",
        value: 3.2e9,
        kind: "paper",
        source: "Samsung on its SmartSSD of 2020: sequential writes of up to 3,200 MB/s (technoeager.com)",
      },
      {
        constant: "nvme.read_latency",
        value: 90e3,
        kind: "assumed",
        source:
          "flash: a 4 KiB read at queue depth 1 takes 78 us (Intel P3700) and 108 us (Micron 9100 MAX; AnandTech 11209), less some 3 us of link and software",
      },
      {
        constant: "nvme.write_latency",
        value: 20e3,
        kind: "assumed",
        source:
          "Samsung's data sheets of such drives (PM1725b), from memory: 20 us, a write is done once it is in the drive's DRAM",
      },
    ],
  },
  iopmem: { title: "consumer hardware of 2016", year: 2016, root_complex: "unknown" },
  broadwell: {
    title: "Xeon E5-2650 v4, three Intel P4600, Tesla P40, gen3",
    year: 2017,
    root_complex: "xeon-bdw",
    parameters: [
      coreOf("Xeon E5-2650 v4", 2.9, "Broadwell"),
      {
        constant: "nvme.read_rate",
        value: 3.2e9,
        kind: "assumed",
        source:
          "Intel SSD DC P4600 data sheet, from memory: sequential read up to 3.2 GB/s; so has its sister P4500 in Lenovo's product guide of 2017",
      },
    ],
  },
  // Its lsmod.list of 2015 has isci and sb_edac: a C600 chipset, so Sandy Bridge-EP or Ivy Bridge-EP. Donard was shown in August 2013,
  // a month before the second of them was for sale.
  donard: { title: "Xeon E5 of 2012-13, NVMe drive, Tesla K20c", year: 2014, root_complex: "xeon-snb" },
  aisio: {
    title: "2x Xeon Gold 6442Y, four Samsung PM1753, H100, gen5",
    year: 2026,
    root_complex: "xeon-sp",
    parameters: [
      coreOf("Xeon Gold 6442Y", 4, "Golden Cove"),
      {
        constant: "nvme.read_rate",
        value: 14.8e9,
        kind: "assumed",
        source:
          "Samsung PM1753 product brief, from memory: sequential read 14.8 GB/s; its predecessor PM1743 has 13 GB/s (clubic.com)",
      },
      {
        constant: "nvme.command_interval",
        value: 294,
        kind: "assumed",
        source: "Samsung PM1753 product brief, from memory: 3.4 million random reads a second",
      },
      {
        constant: "nvme.read_latency",
        value: 58e3,
        kind: "assumed",
        source:
          "data sheets of gen5 flash drives, from memory: 60 us for a 4 KiB read, less 2 us of link and controller",
      },
    ],
  },
  "bam-optane": {
    title: "BaM's machine: A100, Intel Optane P5800X, gen4, presumably behind a switch",
    year: 2023,
    root_complex: "amd-zen",
    parameters: [
      {
        constant: "nvme.read_rate",
        value: 7.2e9,
        kind: "assumed",
        source:
          "Intel Optane P5800X product brief, from memory: sequential read up to 7.2 GB/s; that it is this drive, too",
      },
      {
        constant: "nvme.command_interval",
        value: 217,
        kind: "assumed",
        source: "Intel Optane P5800X product brief, from memory: up to 4.6 million random reads of 512 B a second",
      },
    ],
  },
  "bam-980": {
    title: "BaM's machine: A100, Samsung 980 PRO, gen4, presumably behind a switch",
    year: 2023,
    root_complex: "amd-zen",
    parameters: [
      {
        constant: "nvme.read_rate",
        value: 7e9,
        kind: "assumed",
        source: "Samsung 980 PRO data sheet, from memory: sequential read up to 7,000 MB/s",
      },
      {
        constant: "nvme.command_interval",
        value: 1000,
        kind: "assumed",
        source: "Samsung 980 PRO data sheet, from memory: up to 1,000,000 random reads of 4 KiB a second",
      },
    ],
  },
  "gds-vm": { title: "one drive, Quadro P400, in a virtual machine and without", year: 2024, root_complex: "unknown" },
  farm: {
    title: "four Solidigm D7-PS1010, GPUs of gen4, processor not stated",
    year: 2026,
    root_complex: "unknown",
    parameters: [
      {
        constant: "nvme.read_rate",
        value: 14.5e9,
        kind: "paper",
        source: "FarmGPU GDS bench, theory: each of its Solidigm D7-PS1010 reads about 14.5 GB/s, as Solidigm states",
      },
    ],
  },
  "donard-guest": { title: "a contributor's machine of 2015, nothing stated", year: 2015, root_complex: "unknown" },
  naples: { title: "EPYC 7261 (Naples), two Radeon MI25, gen3", year: 2019, root_complex: "amd-zen" },
  "haswell-mi25": {
    title: "Haswell with two x16 links, so presumably Haswell-EP; two Radeon MI25",
    year: 2019,
    root_complex: "xeon-bdw",
  },
  "nccl-814": { title: "six GPUs, processor not stated", year: 2023, root_complex: "unknown" },
  "rome-workstation": {
    title: "Threadripper PRO 3995WX (Zen 2), RTX 4090, gen4",
    year: 2024,
    root_complex: "amd-zen",
  },
  "rocm-edr": {
    title: "two hosts, AMD GPU, ConnectX-5 EDR; not stated, taken as EPYC",
    year: 2020,
    root_complex: "amd-zen",
  },
  "perftest-hdr": {
    title: "two hosts, A30, HDR InfiniBand; processor not stated, taken as one that forwards between sockets",
    year: 2024,
    root_complex: "xeon-sp",
    parameters: [
      {
        constant: "nic.line_rate",
        value: 25e9,
        kind: "spec",
        source: "InfiniBand HDR, four lanes: 200 Gb/s (InfiniBand Architecture Specification)",
      },
    ],
  },
  "sandy-bridge": { title: "Xeon E5-2670 (Sandy Bridge-EP), FDR InfiniBand", year: 2014, root_complex: "xeon-snb" },
  "ivy-bridge": { title: "Xeon E5-2680 v2 (Ivy Bridge-EP), FDR InfiniBand", year: 2014, root_complex: "xeon-ivb" },
  "i9-9900k": { title: "Core i9-9900K, two channels of DDR4-4000", year: 2022, root_complex: "intel-client" },
  "ryzen-3950x": { title: "Ryzen 3950X, two channels of DDR4-2400 ECC", year: 2022, root_complex: "amd-zen" },
  "gdrcopy-a40": { title: "NVIDIA A40, gen4, host not stated", year: 2024, root_complex: "unknown" },
  "arrow-lake": { title: "Core Ultra 9 285K, ConnectX-5", year: 2026, root_complex: "intel-client" },
  "zen-control": { title: "Threadripper PRO control node, ConnectX-5", year: 2026, root_complex: "amd-zen" },
  b70: { title: "Rocket Lake-S, two Arc Pro B70, Broadcom PEX880xx, gen4", year: 2026, root_complex: "intel-client" },
  optane: { title: "Intel Optane drive, processor not stated", year: 2025, root_complex: "unknown" },
  "arm-smmu": { title: "HiSilicon ARM64 with SMMU, presumably", year: 2020, root_complex: "unknown" },
  "kvm-rxe": { title: "KVM guest, soft RoCE", year: 2021, root_complex: "unknown" },
  "e5-40-cpus": {
    title: "Xeon E5-2630 v4, 40 CPUs",
    year: 2021,
    root_complex: "xeon-bdw",
    parameters: [coreOf("Xeon E5-2630 v4", 3.1, "Broadwell")],
  },
  "automotive-board": { title: "automotive board, not stated", year: 2024, root_complex: "unknown" },
  "gdrcopy-v100": {
    title: "Tesla V100-SXM2, a DGX-1V by its bus numbers",
    year: 2024,
    root_complex: "xeon-sp",
    parameters: [coreOf("Xeon E5-2698 v4", 3.6, "Broadwell")],
  },
  "xe-svm": { title: "Intel Xe GPU, model not stated", year: 2026, root_complex: "unknown" },
  "e5-2640v3": {
    title: "2x Xeon E5-2640 v3",
    year: 2017,
    root_complex: "xeon-bdw",
    parameters: [coreOf("Xeon E5-2640 v3", 3.4, "Haswell")],
  },
  "gup-hugetlb": { title: "not stated, hugetlbfs with pages of 1 GiB", year: 2021, root_complex: "unknown" },
  "libfabric-verbs": { title: "adapter with a verbs provider, not stated", year: 2019, root_complex: "unknown" },
  mi355x: { title: "host of MI355X GPUs", year: 2026, root_complex: "unknown" },
  mooncake: { title: "host with RDMA adapters, not stated", year: 2025, root_complex: "unknown" },
  gpunet: { title: "testbed of GPUnet", year: 2015, root_complex: "unknown" },
  power8: { title: "2-socket Power8", year: 2017, root_complex: "unknown" },
};
