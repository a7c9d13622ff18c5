import type { Cell } from "../record/cell.ts";
import type { Measure } from "../record/measure.ts";
import { BREAK_EVEN_REUSE } from "../record/metric.ts";
import type { Result } from "../record/result.ts";
import { distinct, groupBy, sortedBy } from "./order.ts";
import { measureOf } from "./point.ts";
import { printReuse } from "./rows.ts";
import { isShort } from "./short-run.ts";

/** From how many uses of one mapping on a form costs no more CPU time than the control, all else being the same. */
export interface BreakEven {
  /** The result of the form with the fewest uses of a mapping: there the question arises. */
  readonly at: Result;
  /** 1: always; Infinity: never; undefined: not to be told from these cells. */
  readonly uses: number | undefined;
  /** Why it cannot be told; empty where it can. */
  readonly why: string;
  /** How many cells went in. */
  readonly cells: number;
}

/** What a byte costs as a function of the uses of a mapping: a part for every use, and a part for every mapping that its uses share. */
interface Cost {
  readonly perUse: number;
  readonly perMapping: number;
}

/** The break-even of every form but the control in every setting and repetition in which it moved data intact. */
export function breakEvensOf(results: readonly Result[]): readonly BreakEven[] {
  const settings = groupBy(results.filter(isSound), ({ cell }) => settingOf(cell));
  return [...settings.values()].flatMap((group) => {
    const control = group.filter(({ cell }) => isControl(cell));
    const forms = groupBy(
      group.filter(({ cell }) => !isControl(cell)),
      ({ cell }) => `${cell.proposal}\0${cell.form}`,
    );
    return [...forms.values()].flatMap((rival) => breakEvenOf(rival, control));
  });
}

/** The same results, each break-even as a measure of the cell that it is told at. */
export function withBreakEvens(results: readonly Result[]): readonly Result[] {
  const found = new Map(breakEvensOf(results).map((each) => [each.at, each]));
  return results.map((result) => {
    const measure = asMeasure(found.get(result));
    if (measure === undefined) return result;
    const others = result.outcome.measures.filter(({ metric }) => metric !== BREAK_EVEN_REUSE);
    return { ...result, outcome: { ...result.outcome, measures: [...others, measure] } };
  });
}

/** How many uses of a mapping it takes, of two costs: where the shared part is paid for by what each use saves. */
export function usesUntilEven(rival: Cost, control: Cost): number {
  const dearer = rival.perMapping - control.perMapping;
  const saving = control.perUse - rival.perUse;
  if (saving < 0) return Number.POSITIVE_INFINITY;
  if (dearer <= 0) return 1;
  // Sums of doubles: what is whole but for the last bits is whole.
  return saving === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(dearer / saving - 1e-9));
}

/**
 * The two parts from the cells with the most and the fewest mappings. What comes once for all, as the first touch of memory does, lies in
 * the part for every use and shrinks with the total. Undefined where all made as many mappings.
 */
function costOf(results: readonly Result[]): Cost | undefined {
  const points = results.flatMap((result) => {
    const cost = costPerByte(result)?.value;
    return cost === undefined ? [] : [{ cost, mappings: mappingsPerUse(result.cell) }];
  });
  const [few, ...more] = sortedBy(points, ({ mappings, cost }) => [mappings, cost]);
  const many = more.at(-1);
  if (!few || !many || many.mappings === few.mappings) return undefined;
  const perMapping = (many.cost - few.cost) / (many.mappings - few.mappings);
  return { perUse: few.cost - perMapping * few.mappings, perMapping };
}

/**
 * Mappings per request of a run: one for every `reuse` requests of a place of the queue. Making one and undoing it count half each, for
 * what is still mapped after the last request is undone when nothing is measured any more.
 */
export function mappingsPerUse({ totalBytes, requestBytes, queueDepth, reuse }: Cell): number {
  const requests = Math.ceil(totalBytes / requestBytes);
  const places = Math.min(queueDepth, requests);
  const halves = (uses: number): number => Math.max(1, Math.ceil(uses / reuse)) + Math.floor(uses / reuse);
  const longer = requests % places;
  const shorter = Math.floor(requests / places);
  return (longer * halves(shorter + 1) + (places - longer) * halves(shorter)) / 2 / requests;
}

function breakEvenOf(rival: readonly Result[], control: readonly Result[]): readonly BreakEven[] {
  const [at] = sortedBy(rival, ({ cell }) => [cell.reuse]);
  if (at === undefined) return [];
  const told = { at, cells: rival.length + control.length };
  const mine = costOf(rival);
  const other = controlCost(control);
  if (mine && other) {
    const uses = usesUntilEven(mine, other);
    // First touches come once for all: they may be what is dearer here, and no answer for longer runs.
    if (uses === Number.POSITIVE_INFINITY && isShort(at.cell)) return [{ ...told, uses: undefined, why: TOO_SHORT }];
    return [{ ...told, uses, why: "" }];
  }
  return [{ ...told, uses: undefined, why: mine ? "staging/pipelined has no number here" : oneReuse(rival) }];
}

const TOO_SHORT = "not reached in a run this short, in which first touches of memory weigh: give a larger --total";

/** The control owns its mappings, so one reuse tells its cost as well. */
function controlCost(control: readonly Result[]): Cost | undefined {
  const [only] = control;
  const flat = only && costPerByte(only)?.value;
  return costOf(control) ?? (flat === undefined ? undefined : { perUse: flat, perMapping: 0 });
}

function oneReuse(rival: readonly Result[]): string {
  const reuses = distinct(rival.map(({ cell }) => `${printReuse(cell.reuse)}`));
  return reuses.length === 1
    ? `of one reuse only (${reuses.join()})`
    : `too few requests for a mapping to be used more often than once (reuse ${reuses.join(", ")})`;
}

const isSound = ({ outcome }: Result): boolean => outcome.status === "completed" || outcome.status === "staged";

const isControl = ({ proposal, form }: Cell): boolean => proposal === "staging" && form === "pipelined";

const costPerByte = (result: Result): Measure | undefined => measureOf(result, "cpu_time_per_byte", "mean");

/** Everything that decides a result but who moves the data and how often a mapping is used. */
function settingOf({
  id: _id,
  proposal: _who,
  form: _form,
  provenance: _from,
  reuse: _uses,
  ...setting
}: Cell): string {
  return JSON.stringify(Object.entries(setting).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function asMeasure(found: BreakEven | undefined): Measure | undefined {
  const cost = found && costPerByte(found.at);
  if (found?.uses === undefined || cost === undefined) return undefined;
  const { basis } = cost;
  return { metric: BREAK_EVEN_REUSE, subject: "cpu_time", stat: "least", value: found.uses, n: found.cells, basis };
}
