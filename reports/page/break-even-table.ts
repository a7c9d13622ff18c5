import type { Result } from "../../record/result.ts";
import { type BreakEven, breakEvensOf } from "../break-even.ts";
import { median, numeral, plain, readableBytes } from "../numeral.ts";
import { distinct, groupBy, sortedBy } from "../order.ts";
import { phrases, settingsOf } from "../setting.ts";
import { type Content, html, type Markup } from "./html.ts";
import { badge, keyOf, mechanismsIn } from "./mechanism.ts";
import { table } from "./table.ts";

/** From how many uses of a mapping on each form costs no more CPU time than the control: form by use case, one table per setting. */
export function breakEvenTables(results: readonly Result[]): Markup {
  const found = breakEvensOf(results);
  if (found.every(({ uses }) => uses === undefined))
    return html`<p>Break-even of reuse: unknown. It takes cells of a form, and of <code>staging/pipelined</code>, with at least two reuses and room in the total to use a mapping that often: <code>--reuse 1,16,inf</code>.</p>\n`;
  const cells = found.map(({ at }) => at.cell);
  const apart = settingsOf(cells).apart.filter(({ name }) => name !== "reuse");
  const placeOf = ({ at: { cell } }: BreakEven): string =>
    plain([cell.machine, phrases(apart, cell)].filter((words) => words !== "").join(", "));
  const places = groupBy(
    sortedBy(found, (each) => [placeOf(each)]),
    placeOf,
  );
  return html`${[...places].map(([place, group]) => matrix(place, group))}<p class="aside">Uses of one mapping from which on a form costs no more CPU time per byte than <code>staging/pipelined</code>, told of what its cells with the most and the fewest mappings cost. First touches of memory count as a part of every use, so a longer <code>--total</code> lowers them; time is not told, since a drive hides what a mapping takes.</p>\n`;
}

function matrix(place: string, group: readonly BreakEven[]): Markup {
  const useCases = distinct(group.map(({ at }) => at.cell.workload));
  const rows = mechanismsIn(group.map(({ at }) => at.cell)).map((mechanism): readonly Content[] => {
    const mine = group.filter(({ at }) => keyOf(at.cell) === keyOf(mechanism));
    return [badge(mechanism), ...useCases.map((name) => field(mine.filter(({ at }) => at.cell.workload === name)))];
  });
  return table(`Break-even of reuse on ${place}`, ["proposal / form", ...useCases.map(plain)], rows);
}

/** What each request size takes; said once where all take the same. */
function field(group: readonly BreakEven[]): Content {
  if (group.length === 0) return "\u2013";
  const bySize = [
    ...groupBy(
      sortedBy(group, ({ at }) => [at.cell.requestBytes]),
      ({ at }) => `${at.cell.requestBytes}`,
    ),
  ];
  const words = bySize.map(([size, repetitions]) => [readableBytes(Number(size)), wordsFor(repetitions)] as const);
  const [first] = words;
  if (first && words.every(([, each]) => each === first[1])) return first[1];
  return words.map(([size, each]) => html`<div>${size}: ${each}</div>`);
}

/** The middle of the repetitions, and their range where they differ. */
function wordsFor(repetitions: readonly BreakEven[]): string {
  const known = repetitions.flatMap(({ uses }) => (uses === undefined ? [] : [uses])).sort((a, b) => a - b);
  const [least = 0] = known;
  const most = known.at(-1) ?? 0;
  if (known.length === 0) return `unknown, ${repetitions[0]?.why ?? ""}`;
  const middle = printUses(Math.ceil(median(known)));
  return least === most ? middle : `${middle} (${printUses(least)} to ${printUses(most)})`;
}

const printUses = (uses: number): string =>
  uses === Number.POSITIVE_INFINITY ? "never" : uses === 1 ? "always" : numeral(uses);
