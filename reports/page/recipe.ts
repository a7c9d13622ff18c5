import type { Result } from "../../record/result.ts";
import { plain } from "../numeral.ts";
import { distinct } from "../order.ts";
import type { Facts } from "./facts.ts";
import { html, type Markup } from "./html.ts";
import { table } from "./table.ts";

/** How to get the same tables again, and what they must hash to. */
export function recipe(results: readonly Result[], facts: Facts): Markup {
  const hashes = (hash: (result: Result) => string): string => distinct(results.map(hash)).join(" ");
  const machines = distinct(results.map(({ cell }) => `${plain(cell.machine)} ${cell.machineHash}`));
  const plugins = distinct(results.map(({ cell, pluginHash }) => `${plain(cell.proposal)} ${pluginHash}`));
  const rows = [
    ["version of the model", facts.version],
    ["seed", facts.seed],
    [
      "runs of each cell",
      facts.reps === 1 ? "1, at typical constants" : `${facts.reps}: the first at typical constants`,
    ],
    ["machines", lines(machines)],
    ["proposals", lines(plugins)],
    ["constants as drawn", hashes(({ paramsHash }) => paramsHash)],
  ];
  const files = Object.entries(facts.sha256).map(([name, hash]) => [
    html`<a href="${name}">${name}</a>`,
    html`<code>${hash}</code>`,
  ]);
  return html`<pre class="scroll" role="region" aria-label="The command line" tabindex="0"><code>${facts.command}</code></pre>
<p>The same version gives the same tables, to the byte, on any machine and any number of workers. A dump is named here by its label, a plugin by the path that was typed. This page: <code>p2peval report</code> with the run\u2019s folder.</p>
${table("What the results depend on", ["what", "value"], rows)}${table("The tables beside this page", ["file", "SHA-256"], files)}`;
}

const lines = (texts: readonly string[]): readonly Markup[] => texts.map((text) => html`<div>${text}</div>`);
