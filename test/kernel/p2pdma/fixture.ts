import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { Hierarchy, PciDev } from "../../../fabric/hierarchy.ts";
import type { Boot, MapType } from "../../../kernel/p2pdma/map-type.ts";
import { importHierarchies } from "../../../machines/hierarchies.ts";

/** The four boots of a kernel, by the words that tables call them. */
export const BOOTS = {
  generic_off: { cpuIsZen: false, iommu: false },
  generic_on: { cpuIsZen: false, iommu: true },
  zen_off: { cpuIsZen: true, iommu: false },
  zen_on: { cpuIsZen: true, iommu: true },
} as const satisfies Readonly<Record<string, Omit<Boot, "kernel">>>;

export type BootName = keyof typeof BOOTS;

/** A pair worked out by hand, and why; the words BUS, HOST and NO stand for the map types. */
export interface WorkedPair extends Readonly<Record<BootName, string>> {
  readonly topology: string;
  readonly a: string;
  readonly b: string;
  readonly distance: string;
  readonly why: string;
}

export const WORDS: ReadonlyMap<string, MapType> = new Map([
  ["BUS", "BUS_ADDR"],
  ["HOST", "THRU_HOST_BRIDGE"],
  ["NO", "NOT_SUPPORTED"],
]);

const read = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

export const HIERARCHIES: readonly Hierarchy[] = hierarchiesIn(read("hierarchies.csv"));
export const WORKED_PAIRS: readonly WorkedPair[] = parse<WorkedPair>(read("verdicts.csv"), { columns: true });

/** Reads CSV that is in order. */
export function hierarchiesIn(text: string): readonly Hierarchy[] {
  const { hierarchies, faults } = importHierarchies(text);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return hierarchies;
}

/** An endpoint of a hierarchy. */
export function devOf(topology: string, id: string, among: readonly Hierarchy[] = HIERARCHIES): PciDev {
  const dev = among.find(({ name }) => name === topology)?.endpoints.find((each) => each.id === id);
  if (dev === undefined) throw new Error(`${topology} has no endpoint ${id}`);
  return dev;
}
