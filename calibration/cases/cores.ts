import type { CasePlatform } from "./case.ts";

/**
 * How fast a core does the work of drivers, beside that of a Xeon E5-2698 v4 at 3.6 GHz: its clock, times what it does per clock. From
 * data sheets and announcements alone, from no row; but most of them are cited from memory, so that what follows is assumed. Looked up
 * were AMD's 13 % for Zen 4 (PC Gamer, club386) and that a Ryzen 1800X scores as a Core i7-6900K (sglepboys.com).
 */

type Parameter = NonNullable<CasePlatform["parameters"]>[number];

const REFERENCE_GHZ = 3.6;

/** Work per clock, Broadwell's being 1: what each maker announced of a generation over the one before it. */
const PER_CLOCK = {
  Haswell: { value: 1 / 1.05, source: "Intel: Broadwell does some 5 % more per clock" },
  Broadwell: { value: 1, source: "by definition" },
  Skylake: { value: 1.1, source: "Intel on Xeon Scalable of 2017: some 10 % over Broadwell" },
  "Sunny Cove": { value: 1.1 * 1.18, source: "Intel on Sunny Cove: 18 % over Skylake" },
  "Golden Cove": {
    value: 1.1 * 1.18 * 1.19,
    source: "Intel on Golden Cove: 19 % over Cypress Cove, which is Sunny Cove",
  },
  "Zen 4": {
    value: 1.15 * 1.19 * 1.13,
    source:
      "AMD on Zen 2, 3 and 4: 1.15 x 1.19 x 1.13; the first Zen as Broadwell: Ryzen 1800X and Core i7-6900K score alike at 4 GHz",
  },
  "Zen 5": { value: 1.15 * 1.19 * 1.13 * 1.17, source: "AMD on EPYC 9005: 17 % over Zen 4" },
} as const;

/** A platform's core of a known processor. */
export function coreOf(processor: string, ghz: number, kind: keyof typeof PER_CLOCK): Parameter {
  const { value, source } = PER_CLOCK[kind];
  return {
    constant: "host.core_speed",
    value: rounded((ghz / REFERENCE_GHZ) * value),
    kind: "assumed",
    source: `${processor}: ${ghz} GHz at most, over ${REFERENCE_GHZ} GHz; per clock ${rounded(value)} (${source}); from memory`,
  };
}

/**
 * The fastest cores of servers by year, where nobody says which: E5-2690 and E5-2699 v3, E5-2698 v4, Platinum 8280, Platinum 8380 and
 * EPYC 7763, EPYC 9654 and Platinum 8480+, EPYC 9755, by their highest clocks and the work per clock above.
 */
const BY_YEAR: readonly (readonly [year: number, speed: number])[] = [
  [2012, 0.87],
  [2014, 0.95],
  [2016, 1],
  [2019, 1.2],
  [2021, 1.3],
  [2023, 1.6],
  [2025, 2.06],
];

/** How fast a core of a year's servers is, on the straight line between the years above; beyond them as at their ends. */
export function coreSpeedIn(year: number): number {
  const after = BY_YEAR.findIndex(([each]) => each >= year);
  const [to, before] = [BY_YEAR[after] ?? BY_YEAR[BY_YEAR.length - 1], BY_YEAR[after - 1]];
  if (to === undefined) return 1;
  if (before === undefined) return to[1];
  return before[1] + ((year - before[0]) * (to[1] - before[1])) / (to[0] - before[0]);
}

const rounded = (value: number): number => Number(value.toPrecision(3));
