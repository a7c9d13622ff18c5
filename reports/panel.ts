import type { Cell } from "../record/cell.ts";
import { groupBy, sortedBy } from "./order.ts";
import { BY_REQUEST, type Layout, type Point } from "./point.ts";
import type { Settings } from "./setting.ts";

/** Small multiples: which panels, in which order, how many in a row, and how large each is. */
export interface Grid {
  readonly panels: readonly string[];
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

const WIDEST_ROW = 4;

/** Lays out the panels in which something is drawn: a row per workload where its panels fit into one. */
export function gridOf(
  points: readonly Point[],
  cells: readonly Cell[],
  settings: Settings,
  layout: Layout = BY_REQUEST,
): Grid {
  const used = new Set(points.map(({ panel }) => panel));
  const placed = placesOf(cells, settings, layout).filter(({ panel }) => used.has(panel));
  const panels = [...new Set(placed.map(({ panel }) => panel))];
  const rows = [...groupBy(placed, ({ workload }) => workload).values()].map(
    (row) => new Set(row.map(({ panel }) => panel)).size,
  );
  const columns = columnsFor(panels.length, new Set(rows));
  return panels.length === 1
    ? { panels, columns, width: 560, height: 320 }
    : { panels, columns, width: 330, height: 220 };
}

/** Every panel's name with its workload, in the order of the page, once per cell. */
function placesOf(cells: readonly Cell[], settings: Settings, layout: Layout) {
  return sortedBy(cells, (cell) => [
    cell.workload,
    cell.machine,
    cell.iommu,
    cell.acs,
    cell.kernel,
    cell.queueDepth,
    cell.reuse,
    cell.initiators,
    cell.dramLoad,
    cell.bar,
    cell.totalBytes,
    cell.from,
    cell.to,
    cell.machineHash,
  ]).map((cell) => ({ workload: cell.workload, panel: layout.panel(cell, settings) }));
}

/** Pixels that the panels of one row take. */
export function widthOf({ columns, width }: Grid): number {
  return columns * width + (columns - 1) * 22;
}

function columnsFor(panels: number, rows: ReadonlySet<number>): number {
  const [row = 1] = rows;
  if (rows.size === 1 && row > 1 && row < panels && row <= WIDEST_ROW) return row;
  return panels <= 3 ? Math.max(1, panels) : panels === 4 ? 2 : 3;
}
