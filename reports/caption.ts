import type { Cell } from "../record/cell.ts";
import type { Basis } from "../record/measure.ts";
import { plain } from "./numeral.ts";
import { groupBy, sortedBy } from "./order.ts";
import { type Absence, type Drawing, sizesIn } from "./point.ts";
import { phrases, type Settings } from "./setting.ts";

/** More than these would push the chart off the page; the CSV has them all, and the caption says so. */
const LONGEST_LIST = 8;

/** What a reader must know beside the picture: settings, basis, and what is missing from it, one statement per line. */
export function captionOf(drawing: Drawing, settings: Settings, cells: readonly Cell[]): readonly string[] {
  return [
    ...settingLines(settings, cells),
    ...runLines(drawing),
    ...basisLines(drawing.bases),
    ...absenceLines(drawing.absences),
  ];
}

function settingLines({ same, apart }: Settings, cells: readonly Cell[]): readonly string[] {
  const [cell] = cells;
  if (!cell || same.length === 0) return [];
  return [
    `In all panels: ${plain(phrases(same, cell))}.${apart.length === 0 ? "" : " What differs stands above each panel."}`,
  ];
}

function runLines({ points }: Drawing): readonly string[] {
  const most = Math.max(0, ...points.map(({ runs }) => runs));
  return most < 2 ? [] : [`Medians of up to ${most} runs; the range spans the lowest to the highest.`];
}

function basisLines(bases: readonly Basis[]): readonly string[] {
  const ranked = sortedBy(bases, ({ basis, sourceKind, nearest }) => [
    basis,
    sourceKind,
    nearest === "none" ? 1 : 0,
    nearest,
  ]);
  const groups = groupBy(ranked, ({ basis, sourceKind }) => `${basis}\u0000${sourceKind}`);
  return [...groups.values()].map((group) => basisLine(group, bases.length));
}

function basisLine(group: readonly Basis[], all: number): string {
  const [{ basis, sourceKind }] = group as [Basis];
  const nearest = [...groupBy(group, (one) => one.nearest)].map(([words, of]) =>
    of.length === all ? plain(words) : `${plain(words)} (for ${of.length} of them)`,
  );
  const listed =
    nearest.length <= LONGEST_LIST
      ? nearest
      : [...nearest.slice(0, LONGEST_LIST), `${nearest.length - LONGEST_LIST} more in results.csv`];
  const ground = `Nearest published measurement${nearest.length > 1 ? "s" : ""}: ${listed.join("; ")}.`;
  return `Basis: ${basis}${countOf(group.length, all)}; weakest constant: ${plain(sourceKind)}. ${ground}`;
}

const countOf = (some: number, all: number): string => (some === all ? "" : ` (${some} of ${all} numbers)`);

function absenceLines(absences: readonly Absence[]): readonly string[] {
  const bySeries = groupBy(absences, ({ series, status, reason }) => [series, status, reason].join("\u0000"));
  const told = [...bySeries.values()].map((group) => {
    const [{ series, status, reason }] = group as [Absence];
    return { series, fate: `${status}: ${reason.replace(/\.$/, "")}. In ${placesIn(group)}.` };
  });
  const alike = groupBy(told, ({ fate }) => fate);
  return shortened(
    [...alike].map(([fate, group]) => `Not drawn: ${group.map(({ series }) => series).join(", ")}, ${fate}`),
    "reasons",
  );
}

function placesIn(group: readonly Absence[]): string {
  const places = groupBy(group, ({ panel }) => panel.replace("\n", ", "));
  const where = [...places].map(([place, all]) => `${place} (${sizesIn(all.map(({ size }) => size))})`);
  return (where.length <= 4 ? where : [...where.slice(0, 3), `${where.length - 3} more`]).join("; ");
}

function shortened(lines: readonly string[], what: string): readonly string[] {
  if (lines.length <= LONGEST_LIST) return lines;
  const left = lines.length - LONGEST_LIST + 1;
  return [...lines.slice(0, LONGEST_LIST - 1), `${left} more ${what}: results.csv has them all.`];
}
