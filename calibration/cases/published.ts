import { ARRAY_CASES } from "./arrays.ts";
import type { Case } from "./case.ts";
import { COPY_CASES } from "./copies.ts";
import { CPU_CASES } from "./cpu-mmio.ts";
import { DRIVE_CASES } from "./drives.ts";
import { KERNEL_CASES } from "./kernel-work.ts";
import { MESSAGE_CASES } from "./messages.ts";
import { PAIR_CASES } from "./pairs.ts";
import { PCIE_BENCH_CASES } from "./pcie-bench.ts";
import { RTX6K_CASES } from "./rtx6k.ts";
import { MORE_RTX6K_CASES } from "./rtx6k-more.ts";
import { SMARTSSD_CASES } from "./smartssd.ts";
import { TARTAN_CASES } from "./tartan.ts";

/** Every published case that ships with p2peval, in the order in which the table prints them within a class. */
export const PUBLISHED_CASES: readonly Case[] = [
  ...PCIE_BENCH_CASES,
  ...RTX6K_CASES,
  ...MORE_RTX6K_CASES,
  ...TARTAN_CASES,
  ...COPY_CASES,
  ...PAIR_CASES,
  ...DRIVE_CASES,
  ...SMARTSSD_CASES,
  ...ARRAY_CASES,
  ...MESSAGE_CASES,
  ...CPU_CASES,
  ...KERNEL_CASES,
];

/** The validation suite: the thirty rows that the model is scored on first. */
export const SUITE: readonly string[] = [
  "PB-hsw-012",
  "PB-hsw-001",
  "PB-hsw-004",
  "RTX6K-001",
  "PB-hsw-031",
  "PB-hsw-024",
  "RTX6K-003",
  "RTX6K-005",
  "NVFORUM-003",
  "NVFORUM-004",
  "RTX6K-039",
  "ARL-001",
  "RTX6K-026",
  "RTX6K-027",
  "TARTAN-015",
  "TARTAN-021",
  "TARTAN-008",
  "CANYON-002",
  "CANYON-006",
  "RTX6K-013",
  "PB-bdw-iommu-nosp-002",
  "PB-bdw-iommu-nosp-005",
  "PB-bdw-iommu-nosp-024",
  "IOMMUIO-001",
  "IOMMUIO-003",
  "MRREG-001",
  "GUP-002",
  "GDRCOPY-017",
  "XESVM-001",
  "MIGR-001",
];
