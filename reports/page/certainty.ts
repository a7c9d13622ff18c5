import type { Basis } from "../../record/measure.ts";
import type { Result } from "../../record/result.ts";
import { numeral, plain } from "../numeral.ts";
import { distinct, groupBy, sortedBy } from "../order.ts";
import { measureOf, moved } from "../point.ts";
import type { AssumedConstant, Facts } from "./facts.ts";
import { type Content, html, type Markup } from "./html.ts";
import { table } from "./table.ts";
import { counted } from "./words.ts";

const STRENGTH: readonly Basis["basis"][] = ["checked", "extrapolated", "assumed"];
/** The assumed constants that are shown by name: the ones that most of the CPU time is made of. */
const MOST_CONSTANTS = 10;

/** Per use case what its throughputs rest on, and the assumed constants that its CPU time is made of. */
export function certainty(results: readonly Result[], facts: Facts): Markup {
  const judged = results.filter(moved).flatMap((result) => {
    const basis = measureOf(result, "throughput", "mean")?.basis;
    return basis ? [{ useCase: result.cell.workload, basis }] : [];
  });
  return html`${groundTable(judged)}${constantTable(results, facts.assumed)}`;
}

function groundTable(judged: readonly { readonly useCase: string; readonly basis: Basis }[]): Markup {
  if (judged.length === 0) return html`<p>There is no throughput that could rest on anything.</p>\n`;
  const groups = sortedBy([...groupBy(judged, ({ useCase }) => useCase)], ([useCase]) => [useCase]);
  const rows = groups.map(([useCase, all]): readonly Content[] => {
    const nearest = distinct(all.map(({ basis }) => plain(basis.nearest)));
    const kinds = distinct(all.map(({ basis }) => plain(basis.sourceKind)));
    const counts = STRENGTH.map((strength) => all.filter(({ basis }) => basis.basis === strength).length);
    return [useCase, nearest.map((each) => html`<div>${each}</div>`), ...counts, kinds.join(", ")];
  });
  const head = ["use case", "nearest published measurements", ...STRENGTH, "weakest kind of constant"];
  return table("What the throughputs rest on", head, rows);
}

function constantTable(results: readonly Result[], assumed: readonly AssumedConstant[]): Markup {
  const weighed = weigh(results, assumed);
  const rest = html`<p>Assumed, which is to say nobody\u2019s measurement: ${counted(assumed.length, "constant")} of the model. What costs no CPU time here (${assumed.length - weighed.length} of them) sets delays, rates and limits; <code>p2peval list constants</code> has all, with ranges and sources.</p>\n`;
  if (weighed.length === 0) return rest;
  const rows = weighed
    .slice(0, MOST_CONSTANTS)
    .map(({ constant: { name, what, unit, low, typical, high }, share }): readonly Content[] => [
      html`<code>${name}</code>`,
      plain(what),
      `${numeral(typical)} ${unit}`,
      `${numeral(low)} to ${numeral(high)}`,
      `${Number((100 * share).toPrecision(2))}\u00a0%`,
    ]);
  const head = ["constant", "what it is", "typical", "range", "share of all CPU time"];
  return html`${table("Assumed constants that matter most for CPU time", head, rows)}${rest}`;
}

/** A kernel operation bears the name of the constant that it costs: its count times the typical cost, over all CPU time of the run. */
function weigh(
  results: readonly Result[],
  assumed: readonly AssumedConstant[],
): readonly { readonly constant: AssumedConstant; readonly share: number }[] {
  const measures = results.filter(moved).flatMap(({ outcome }) => outcome.measures);
  const total = measures.filter(({ metric }) => metric === "cpu_time").reduce((sum, { value }) => sum + value, 0);
  if (total <= 0) return [];
  const counts = new Map<string, number>();
  for (const { metric, subject, value } of measures)
    if (metric === "operations") counts.set(subject, (counts.get(subject) ?? 0) + value);
  const weighed = assumed.flatMap((constant) => {
    const share = ((counts.get(constant.name) ?? 0) * constant.typical) / total;
    return constant.unit.startsWith("ns") && share > 0 ? [{ constant, share }] : [];
  });
  return sortedBy(weighed, ({ constant, share }) => [-share, constant.name]);
}
