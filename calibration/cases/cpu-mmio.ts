import type { Case, CaseMachine } from "./case.ts";
import { device, root, X16_GEN3, X16_GEN4 } from "./machines.ts";
import { KIB, MIB, mebibytes, microseconds } from "./quantity.ts";

/** What one core can do to a GPU's BAR (gdrcopy), and to system memory (tinymembench). */

const source = (where: string): Case["source"] => ({
  origin: "NVIDIA/gdrcopy",
  where: `README, ${where}, commit fcec3ce`,
  year: 2024,
});
const V100: CaseMachine = { devices: { gpu0: device("gpu", X16_GEN3, root()) } };
const A40: CaseMachine = { devices: { gpu0: device("gpu", X16_GEN4, root()) } };

type Access = Extract<Case["operation"], { readonly kind: "cpu copy" }>["access"];

const words: Readonly<Record<Access, string>> = { store: "stores into", load: "loads from" };

const copy = (
  id: string,
  access: Access,
  size: number,
  metric: "bandwidth" | "latency",
  measured: Case["measured"],
): Case => ({
  id,
  class: metric === "bandwidth" ? "link" : "latency",
  what: `one core ${words[access]} a GPU's BAR, ${size} B`,
  platform: "gdrcopy-v100",
  metric,
  measured,
  machine: V100,
  operation: { kind: "cpu copy", device: "gpu0", access, mapping: "write-combining", size },
  note:
    metric === "bandwidth"
      ? "its MB/s are MiB/s: 64 KiB in 6.49 us are as many"
      : "as the core sees it: a store has not reached the GPU",
  source: source(metric === "bandwidth" ? "gdrcopy_copybw" : "gdrcopy_copylat"),
});

/** Bytes, and microseconds for stores and loads of so many. */
const LATENCIES = [
  [8, 0.0884, 1.7164],
  [64, 0.0902, 3.1016],
  [KIB, 0.1825, 2.8022],
  [4 * KIB, 0.4366, 7.9783],
  [64 * KIB, 6.4906, 114.1008],
  [MIB, 103.8028, 1970.7057],
  [16 * MIB, 1661.3285, 36758.8342],
] as const;

const numbered = (number: number): string => `GDRCOPY-${String(number).padStart(3, "0")}`;

const fine = (value: number): Case["measured"] => ({ value: Math.round(value * 1e4) / 10, unit: "ns" });

const memoryCopy = (id: string, platform: string, megabytes: number, where: string): Case => ({
  id,
  class: "staged",
  what: "one core copies from memory to memory",
  platform,
  metric: "bandwidth",
  measured: { value: megabytes * 1e6, unit: "By/s" },
  operation: { kind: "memory copy", size: 64 * MIB },
  source: { origin: "tinymembench", where, year: 2022 },
});

export const CPU_CASES: readonly Case[] = [
  copy("GDRCOPY-001", "store", 128 * KIB, "bandwidth", mebibytes(9638.54)),
  copy("GDRCOPY-002", "load", 128 * KIB, "bandwidth", mebibytes(530.135)),
  ...LATENCIES.flatMap(([size, stored, loaded], index) => [
    copy(numbered(3 + 2 * index), "store", size, "latency", fine(stored)),
    copy(numbered(4 + 2 * index), "load", size, "latency", fine(loaded)),
  ]),
  {
    id: "GDRCOPY-021",
    class: "latency",
    what: "a core stores a flag into a GPU's BAR, the GPU answers in memory: a round",
    platform: "gdrcopy-a40",
    metric: "latency",
    measured: microseconds(1.08762),
    machine: A40,
    operation: { kind: "cpu ping-pong", device: "gpu0", size: 4 },
    source: source("gdrcopy_pplat"),
  },
  memoryCopy("MEMCPY-001", "i9-9900k", 15843.7, "gist sandip4n/9a63e601, C copy"),
  memoryCopy("MEMCPY-002", "ryzen-3950x", 8516.7, "gist doug65536/bba271d4, C copy"),
];
