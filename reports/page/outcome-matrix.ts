import type { Status } from "../../record/outcome.ts";
import type { Result } from "../../record/result.ts";
import { numeral, plain, readableBytes } from "../numeral.ts";
import { distinct, groupBy } from "../order.ts";
import { ordered } from "../point.ts";
import { brokenIn } from "./bout.ts";
import type { Facts } from "./facts.ts";
import { type Content, html, type Markup } from "./html.ts";
import { badge, keyOf, mechanismsIn, nameOf } from "./mechanism.ts";
import { STATUSES, statusLegend, statusMark } from "./status-mark.ts";
import { counted, shortList } from "./words.ts";

/** Reasons that are told in one field of the matrix; the section on refusals has all of them. */
const MOST_REASONS = 3;

/** How every form ends in every use case: one matrix per machine and, where they vary, per IOMMU and ACS setting. */
export function outcomeMatrices(results: readonly Result[], { workloads }: Facts): Markup {
  const all = ordered(results);
  const varied = (["iommu", "acs"] as const).filter((key) => new Set(all.map(({ cell }) => cell[key])).size > 1);
  const settingOf = ({ cell }: Result): string => varied.map((key) => `${NAMES[key]} ${cell[key]}`).join(", ");
  const groups = groupBy(all, (result) => [result.cell.machine, result.cell.machineHash, settingOf(result)].join("\0"));
  const known = workloads.map(({ name }) => name);
  const present = distinct(all.map(({ cell }) => cell.workload));
  const useCases = [
    ...known.filter((name) => present.includes(name)),
    ...present.filter((name) => !known.includes(name)),
  ];
  const matrices = [...groups.values()].map((group) => matrix(group, useCases, settingOf));
  return html`${statusLegend()}${matrices}`;
}

const NAMES = { iommu: "IOMMU", acs: "ACS" };

function matrix(
  results: readonly Result[],
  useCases: readonly string[],
  settingOf: (result: Result) => string,
): Markup {
  const [first] = results;
  const setting = first ? settingOf(first) : "";
  const caption = `Outcomes on ${plain(first?.cell.machine ?? "")}${setting && `, ${setting}`}`;
  const rows = mechanismsIn(results.map(({ cell }) => cell)).map((mechanism) => {
    const mine = results.filter(({ cell }) => keyOf(cell) === keyOf(mechanism));
    const fields = useCases.map((useCase) =>
      field(
        mine.filter(({ cell }) => cell.workload === useCase),
        `${nameOf(mechanism)}, ${useCase}`,
      ),
    );
    return html`<tr><th scope="row">${badge(mechanism)}</th>${fields}</tr>\n`;
  });
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="matrix">
<caption>${caption}</caption>
<thead><tr><th scope="col">proposal / form</th>${useCases.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>
<tbody>
${rows}</tbody></table></div>\n`;
}

/** The worst status of some cells, how many of each there are where they differ, and the reasons. */
function field(results: readonly Result[], name: string): Markup {
  const present = STATUSES.filter((status) => results.some(({ outcome }) => outcome.status === status));
  const [worst] = present;
  if (worst === undefined) return html`<td class="not-run">not run</td>`;
  const count = (status: Status): number => results.filter(({ outcome }) => outcome.status === status).length;
  const spread: Content =
    present.length === 1
      ? ""
      : html`<span class="spread">${count(worst)} of ${results.length}; else ${present
          .slice(1)
          .map((status, index) => [index === 0 ? "" : ", ", `${count(status)} `, statusMark(status)])}</span>`;
  const breaks = brokenIn(results);
  const breach: Content =
    breaks.length === 0
      ? ""
      : html` <span class="status breach"><span aria-hidden="true">\u26a0</span> breaks ${breaks.join(", ")}</span>`;
  return html`<td><details><summary aria-label="${name}: why">${statusMark(worst)}${breach}${spread}</summary>${reasons(results)}</details></td>`;
}

/** Why, for which sizes; the worst first. */
function reasons(results: readonly Result[]): readonly Markup[] {
  const groups = groupBy(results, ({ outcome }) => `${outcome.status}\0${plain(outcome.reason)}`);
  const told = [...groups.values()].sort((a, b) => rank(a) - rank(b));
  const shown = told
    .slice(0, MOST_REASONS)
    .map(
      (group) =>
        html`<p>${plain(group[0]?.outcome.reason ?? "")} (${counted(group.length, "cell")}; ${shortList(
          [...new Set(group.map(({ cell }) => Number(cell.requestBytes)))].map(readableBytes),
          MOST_REASONS,
        )})</p>`,
    );
  const left = told.length - shown.length;
  return left > 0 ? [...shown, html`<p>${numeral(left)} more reasons: see below.</p>`] : shown;
}

const rank = ([first]: readonly Result[]): number => STATUSES.indexOf(first?.outcome.status ?? "completed");
