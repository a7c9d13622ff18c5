import type { Case, CaseMachine } from "./case.ts";
import { oneSwitch, switchesOnTwoSockets, twoSwitches, X16_GEN3 } from "./machines.ts";
import { gigabytes, KIB, MIB, microseconds } from "./quantity.ts";

/** Copies between the GPUs of a DGX-1 with peer access off, so that the runtime copies through memory of its own (Tartan). */

const TARTAN: Case["source"] = {
  origin: "uuudown/Tartan",
  where: "Li et al., Tartan, IISWC 2018, DGX-1 logs, commit e3166ab",
  year: 2018,
};

const PLACES = {
  "behind two switches": twoSwitches(X16_GEN3, 2),
  "behind one switch": oneSwitch(X16_GEN3),
  "on two sockets": switchesOnTwoSockets(X16_GEN3),
} as const satisfies Readonly<Record<string, CaseMachine>>;

interface Manner {
  readonly place?: keyof typeof PLACES;
  readonly both?: boolean;
}

/** A copy of so many bytes, with what was measured of it: gigabytes a second or microseconds. */
function tartan(
  number: number,
  metric: "bandwidth" | "latency",
  size: number,
  measured: number,
  { place = "behind two switches", both = false }: Manner = {},
): Case {
  return {
    id: `TARTAN-${String(number).padStart(3, "0")}`,
    class: "staged",
    what: `GPU to GPU ${place} through memory, ${size} B${both ? ", both ways" : ""}`,
    platform: "dgx1",
    metric,
    measured: metric === "bandwidth" ? gigabytes(measured) : microseconds(measured),
    machine: PLACES[place],
    operation: { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways: both, size },
    note: `${inWords(size)}, peer access off`,
    source: TARTAN,
  };
}

function inWords(size: number): string {
  if (size === SAMPLE) return "40 MB";
  if (size < KIB) return `${size} B`;
  return size >= MIB ? `${size / MIB} MiB` : `${size / KIB} KiB`;
}

/** What the runtime's sample program copies by default. */
const SAMPLE = 40_000_000;
const WORD = 4;

export const TARTAN_CASES: readonly Case[] = [
  tartan(1, "bandwidth", SAMPLE, 9.17, { place: "behind one switch" }),
  tartan(3, "latency", WORD, 18.84, { place: "behind one switch" }),
  tartan(4, "bandwidth", SAMPLE, 9.84, { place: "behind one switch" }),
  tartan(6, "latency", WORD, 18.7, { place: "behind one switch" }),
  tartan(7, "bandwidth", SAMPLE, 10.76),
  tartan(8, "bandwidth", SAMPLE, 18.04, { both: true }),
  tartan(9, "latency", WORD, 18.78),
  tartan(10, "bandwidth", SAMPLE, 10.63, { place: "on two sockets" }),
  tartan(11, "bandwidth", SAMPLE, 17.87, { place: "on two sockets", both: true }),
  tartan(12, "latency", WORD, 19.57, { place: "on two sockets" }),
  tartan(13, "bandwidth", 4 * KIB, 0.2),
  tartan(14, "latency", 4 * KIB, 20.59),
  tartan(15, "bandwidth", 64 * KIB, 1.98),
  tartan(16, "latency", 64 * KIB, 34),
  tartan(17, "bandwidth", 256 * KIB, 3.97),
  tartan(18, "latency", 256 * KIB, 67.09),
  tartan(19, "bandwidth", MIB, 5.5),
  tartan(20, "latency", MIB, 191.69),
  tartan(21, "bandwidth", 4 * MIB, 8.82),
  tartan(22, "latency", 4 * MIB, 471.59),
  tartan(23, "bandwidth", 16 * MIB, 10.44),
  tartan(24, "latency", 16 * MIB, 1590.06),
  tartan(25, "bandwidth", 64 * MIB, 10.91),
  tartan(26, "latency", 64 * MIB, 6072.73),
  tartan(27, "bandwidth", 256 * MIB, 11.14),
  tartan(28, "latency", 256 * MIB, 24_006.69),
];
