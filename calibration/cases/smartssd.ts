import type { Case } from "./case.ts";
import { drivesAndGpuBehindSwitch, withFpga, X4_GEN3 } from "./machines.ts";
import { gigabytes, KIB, MIB } from "./quantity.ts";

/** A drive and an FPGA behind the switch of one card: the drive fills or drains the FPGA's memory, one request at a time. */

const SOURCE: Case["source"] = {
  origin: "Xilinx/Vitis_Accel_Examples",
  where: "host/p2p_bandwidth, commit 06e3d9b",
  year: 2021,
};
const CARD = withFpga(drivesAndGpuBehindSwitch(1, X4_GEN3, X4_GEN3), "gpu0");

const SIZES = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384].map((size) => size * KIB);
/** GB/s of pwrite, which drains the FPGA: SMARTSSD-001 and up. */
const DRAINED = [0.16, 0.25, 0.37, 0.5, 0.68, 0.82, 0.92, 0.96, 0.99, 1.02, 1.03];
/** GB/s of pread, which fills it: SMARTSSD-013 and up. */
const FILLED = [0.05, 0.17, 0.31, 0.54, 0.87, 1.21, 1.55, 1.37, 1.59, 2.15, 2.28];

function smartssd(number: number, access: "read" | "write", size: number, measured: number): Case {
  const words = size < MIB ? `${size / KIB} KiB` : `${size / MIB} MiB`;
  return {
    id: `SMARTSSD-${String(number).padStart(3, "0")}`,
    class: "root complex",
    what: `the drive of a SmartSSD ${access === "read" ? "fills" : "drains"} its FPGA's memory, ${words}`,
    platform: "smartssd",
    metric: "bandwidth",
    measured: gigabytes(measured),
    machine: CARD,
    operation: {
      kind: "storage",
      drives: ["nvme0"],
      with: "gpu0",
      through: "peer",
      access,
      size,
      in_flight: 1,
      cores: 1,
    },
    note: "one at a time, pread and pwrite; where a bandwidth has two digits, so has its error",
    source: SOURCE,
  };
}

const sweep = (first: number, access: "read" | "write", rates: readonly number[]): readonly Case[] =>
  SIZES.map((size, index) => smartssd(first + index, access, size, rates[index] ?? 0));

/** The largest size, 128 MiB, is SMARTSSD-012 and -024, among the drives. */
export const SMARTSSD_CASES: readonly Case[] = [...sweep(1, "write", DRAINED), ...sweep(13, "read", FILLED)];
