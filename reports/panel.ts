import type { Cell } from "../record/cell.ts";
import { groupBy, sortedBy } from "./order.ts";
import { looksOf, rankOf } from "./palette.ts";
import { panelName, type Point } from "./point.ts";
import type { Settings } from "./setting.ts";

/** Small multiples: which panels, in which order, how many in a row, and how large each is. */
export interface Grid {
  readonly panels: readonly string[];
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

/** The scale ranges that give every series its look; entry i of each belongs to series i. */
export interface Legend {
  readonly series: readonly string[];
  readonly colors: readonly string[];
  readonly shapes: readonly string[];
  readonly dashes: readonly (readonly number[])[];
}

const WIDEST_ROW = 4;

/** Lays out the panels in which something is drawn: a row per workload where its panels fit into one. */
export function gridOf(points: readonly Point[], cells: readonly Cell[], settings: Settings): Grid {
  const used = new Set(points.map(({ panel }) => panel));
  const placed = sortedBy(cells, (cell) => [
    cell.workload,
    cell.machine,
    cell.iommu,
    cell.acs,
    cell.kernel,
    cell.queueDepth,
    cell.reuse,
    cell.totalBytes,
    cell.from,
    cell.to,
    cell.machineHash,
  ])
    .map((cell) => ({ workload: cell.workload, panel: panelName(cell, settings) }))
    .filter(({ panel }) => used.has(panel));
  const panels = [...new Set(placed.map(({ panel }) => panel))];
  const rows = [...groupBy(placed, ({ workload }) => workload).values()].map((row) => new Set(row.map(({ panel }) => panel)).size);
  const columns = columnsFor(panels.length, Math.max(0, ...rows));
  return panels.length === 1 ? { panels, columns, width: 560, height: 320 } : { panels, columns, width: 330, height: 220 };
}

/** The series that are drawn, in the order of the house, each with its fixed colour. */
export function legendOf(points: readonly Point[]): Legend {
  const first = [...groupBy(points, ({ series }) => series).values()].map((group) => (group as [Point])[0]);
  const drawn = sortedBy(first, (point) => [...rankOf(point), point.series]);
  const looks = looksOf(drawn);
  return {
    series: drawn.map(({ series }) => series),
    colors: looks.map(({ color }) => color),
    shapes: looks.map(({ shape }) => shape),
    dashes: looks.map(({ dash }) => dash),
  };
}

/** Pixels that the panels of one row take, without the legend. */
export function widthOf({ columns, width }: Grid): number {
  return columns * width + (columns - 1) * 22;
}

function columnsFor(panels: number, longestRow: number): number {
  if (longestRow > 1 && longestRow < panels && longestRow <= WIDEST_ROW) return longestRow;
  return panels <= 3 ? Math.max(1, panels) : panels === 4 ? 2 : 3;
}
