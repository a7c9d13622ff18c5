import type { Cell } from "../record/cell.ts";
import { printBytes, printRate } from "../sim/units.ts";
import { readableBytes } from "./numeral.ts";
import { distinct, groupBy } from "./order.ts";
import { printReuse } from "./rows.ts";

/** A factor of the plan beside who, what, where and how large. */
export interface Setting {
  readonly name: string;
  /** The value for a narrow column. */
  readonly value: (cell: Cell) => string;
  /** The value as a phrase that stands alone. */
  readonly phrase: (cell: Cell) => string;
  /** What it may follow without making two cells unlike: the place (workload, machine), or the request size. */
  readonly follows: "nothing" | "place" | "size";
  /** The value that goes without saying where all cells have it. */
  readonly usual?: string;
}

/** Every factor that can differ between two cells of the same proposal, workload, machine and size. */
const SETTINGS: readonly Setting[] = [
  { name: "iommu", value: (cell) => cell.iommu, phrase: (cell) => `IOMMU ${cell.iommu}`, follows: "nothing" },
  {
    name: "acs",
    value: (cell) => cell.acs,
    phrase: ({ acs }) => (acs === "linux" ? "ACS as Linux sets it" : `ACS ${acs}`),
    follows: "nothing",
  },
  { name: "kernel", value: (cell) => cell.kernel, phrase: (cell) => `Linux ${cell.kernel}`, follows: "nothing" },
  {
    name: "depth",
    value: (cell) => `${cell.queueDepth}`,
    phrase: (cell) => `queue depth ${cell.queueDepth}`,
    follows: "nothing",
  },
  {
    name: "reuse",
    value: (cell) => `${printReuse(cell.reuse)}`,
    phrase: (cell) => `reuse ${printReuse(cell.reuse)}`,
    follows: "nothing",
  },
  {
    name: "initiators",
    value: (cell) => `${cell.initiators}`,
    phrase: (cell) => `${cell.initiators} ${cell.initiators === 1 ? "initiator" : "initiators"}`,
    follows: "nothing",
    usual: "1",
  },
  {
    name: "load",
    value: (cell) => printRate(cell.dramLoad),
    phrase: (cell) => (cell.dramLoad === 0 ? "no DRAM load" : `DRAM load ${printRate(cell.dramLoad)}`),
    follows: "nothing",
    usual: "0",
  },
  {
    name: "bar",
    value: ({ bar }) => (bar === "as-found" ? bar : printBytes(bar)),
    phrase: ({ bar }) => (bar === "as-found" ? "BARs as found" : `BARs of ${readableBytes(bar)}`),
    follows: "nothing",
    usual: "as-found",
  },
  {
    name: "total",
    value: (cell) => printBytes(cell.totalBytes),
    phrase: (cell) => `${readableBytes(cell.totalBytes)} in all`,
    follows: "size",
  },
  {
    name: "ends",
    value: (cell) => `${cell.from}>${cell.to}`,
    phrase: (cell) => (cell.from === "" ? "" : `${cell.from} \u2192 ${cell.to}`),
    follows: "place",
  },
  {
    name: "dump",
    value: (cell) => cell.machineHash.slice(0, 8),
    phrase: (cell) => `machine ${cell.machineHash.slice(0, 8)}`,
    follows: "place",
  },
];

/** Where each setting must be said, so that no two unlike cells are ever drawn or printed as one. */
export interface Settings {
  /** One value everywhere: said once. */
  readonly same: readonly Setting[];
  /** Several values for one proposal in one place: cells must be told apart by them. */
  readonly apart: readonly Setting[];
  /** One value per proposal and form in one place (a kernel that only an `upstream` form runs on): part of its name. */
  readonly named: readonly Setting[];
}

/** Finds what varies in these cells, and along what. */
export function settingsOf(cells: readonly Cell[]): Settings {
  const same: Setting[] = [];
  const apart: Setting[] = [];
  const named: Setting[] = [];
  for (const setting of SETTINGS) {
    const role = roleOf(setting, cells);
    if (role === "same") same.push(setting);
    if (role === "apart") apart.push(setting);
    if (role === "named") named.push(setting);
  }
  return { same, apart, named };
}

/** The phrases of some settings for one cell, joined. */
export function phrases(settings: readonly Setting[], cell: Cell): string {
  return settings
    .map((setting) => setting.phrase(cell))
    .filter((phrase) => phrase !== "")
    .join(", ");
}

function roleOf(setting: Setting, cells: readonly Cell[]): "same" | "apart" | "named" | "implied" {
  const varies = (...keys: readonly (keyof Cell)[]) =>
    [...groupBy(cells, (cell) => keys.map((key) => cell[key]).join("\u0000")).values()].some(
      (group) => distinct(group.map(setting.value)).length > 1,
    );
  if (!varies()) {
    const goesWithoutSaying = setting.name === "dump" || cells.every((cell) => setting.value(cell) === setting.usual);
    return goesWithoutSaying ? "implied" : "same";
  }
  if (varies("workload", "machine", "proposal", "form", "requestBytes")) return "apart";
  if (varies("workload", "machine", "requestBytes"))
    return varies("workload", "machine", "proposal", "form") ? "apart" : "named";
  const bySize = varies("workload", "machine");
  return setting.follows === "size" || (setting.follows === "place" && !bySize) ? "implied" : "apart";
}
