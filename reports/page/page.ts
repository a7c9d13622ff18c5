import type { Result } from "../../record/result.ts";
import { renderCharts } from "../charts.ts";
import { LEFT_OUT } from "../left-out.ts";
import { plain } from "../numeral.ts";
import { distinct } from "../order.ts";
import { basisSentence } from "./basis-sentence.ts";
import { boutsOf } from "./bout.ts";
import { breakEvenTables } from "./break-even-table.ts";
import { certainty } from "./certainty.ts";
import { changeTable } from "./change-table.ts";
import type { Facts } from "./facts.ts";
import { figures } from "./figures.ts";
import { harmSentence } from "./harm-sentence.ts";
import { html, inlined, type Markup } from "./html.ts";
import { numberTable } from "./number-table.ts";
import { outcomeMatrices } from "./outcome-matrix.ts";
import { breachTable, endTable, refusalTable } from "./reason-tables.ts";
import { recipe } from "./recipe.ts";
import { scoreboard } from "./scoreboard.ts";
import { STYLE } from "./style.ts";
import { verdictSentence } from "./verdict-sentence.ts";
import { shortList } from "./words.ts";

/** A part of the page: its anchor, its heading, and what stands below. */
type Section = readonly [string, string, Markup | readonly Markup[]];

/**
 * The page of one run, whole in itself: it fetches nothing, runs no script, and holds no time of day. The same results and facts give
 * the same bytes.
 */
export async function reportPage(results: readonly Result[], facts: Facts): Promise<string> {
  const bouts = boutsOf(results);
  const charts = await renderCharts(results);
  const sections: readonly Section[] = [
    ["outcomes", "How every proposal ends", outcomeMatrices(results, facts)],
    [
      "numbers",
      "Throughput and cost",
      [scoreboard(bouts), ...figures(charts), breakEvenTables(results), numberTable(results)],
    ],
    ["changes", "What must change in Linux", changeTable(results, facts)],
    ["refusals", "Refusals, and what was broken", reasonSection(results)],
    ["sure", "How sure this is", certainty(results, facts)],
    ["again", "How to run it again", recipe(results, facts)],
  ];
  const sentences = [verdictSentence(bouts), harmSentence(results), basisSentence(results, bouts)];
  const machines = shortList(distinct(results.map(({ cell }) => plain(cell.machine))), 3);
  const title = `PCIe peer-to-peer proposals on ${machines || "no machine"}`;
  return documentOf(
    title,
    html`<header>
<h1>${title}</h1>
${navigation(sections)}</header>
<main>
<section class="answer" aria-label="The answer">
${sentences.map((sentence) => html`<p>${sentence}</p>\n`)}</section>
${leftOutSection(facts)}${sections.map(
  ([id, heading, body]) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${body}</section>\n`,
)}</main>`,
  ).text;
}

function documentOf(title: string, body: Markup): Markup {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="p2peval">
<title>${title}</title>
<style>${inlined(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

const navigation = (sections: readonly Section[]): Markup =>
  html`<nav aria-label="Contents"><ul>${sections.map(([id, heading]) => html`<li><a href="#${id}">${heading}</a></li>`)}</ul></nav>\n`;

/** What a reader must know before believing any of it. */
function leftOutSection({ notes, workloads }: Facts): Markup {
  const told =
    notes.length === 0
      ? []
      : [
          html`<ul class="left-out" aria-label="Notes of this run">${notes.map((note) => html`<li>In this run: ${plain(note)}</li>`)}</ul>\n`,
        ];
  return html`<section aria-labelledby="left-out">
<h2 id="left-out">What the model leaves out</h2>
<ul class="left-out">${LEFT_OUT.map((line) => html`<li>${withCode(line)}</li>`)}</ul>
${told}<p class="aside">More: <a href="#sure">what the numbers rest on</a>, <a href="#refusals">what was refused or broken</a>; README.md, \u201cReading the numbers\u201d, and docs/decisions.md of the project.</p>
<details><summary>The use cases</summary><dl>${workloads.map(({ name, title, story }) => html`<dt><code>${name}</code> ${plain(title)}</dt><dd>${plain(story)}</dd>`)}</dl></details>
</section>\n`;
}

/** What stands between backquotes, as code. */
const withCode = (text: string): readonly (string | Markup)[] =>
  text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));

const reasonSection = (results: readonly Result[]): readonly Markup[] => [
  html`<h3>Refusals</h3>\n`,
  refusalTable(results),
  html`<h3>Broken invariants</h3>\n`,
  breachTable(results),
  html`<h3>Other ends without success</h3>\n`,
  endTable(results),
];
