import type { Result } from "../../record/result.ts";
import { plain } from "../numeral.ts";
import type { Facts } from "./facts.ts";
import { type Content, html, type Markup } from "./html.ts";
import { badge, isRival, type Mechanism, mechanismsIn } from "./mechanism.ts";
import { table } from "./table.ts";

const WHERE = { core: "core, once", exporter: "every exporter", importer: "every importer" };

/** What must change in Linux for each form that took part, with the message that says so; "not told" where a form has none. */
export function changeTable(results: readonly Result[], facts: Facts): Markup {
  const rivals = mechanismsIn(results.map(({ cell }) => cell).filter(isRival));
  if (rivals.length === 0) return html`<p>No proposal took part: the control needs no change.</p>\n`;
  const rows = rivals.flatMap((mechanism) => rowsOf(mechanism, facts));
  const head = ["proposal / form", "where", "what must change", "said in"];
  return table("Drivers and core code that must change", head, rows);
}

function rowsOf(mechanism: Mechanism, facts: Facts): readonly (readonly Content[])[] {
  const form = facts.proposals.find(({ name }) => name === mechanism.proposal)?.forms[mechanism.form];
  const changes = form?.changes ?? [];
  if (changes.length === 0) {
    const follows = form ? `the form follows: ${form.sources.map(plain).join("; ")}` : "";
    return [[badge(mechanism), "not told", "not told", follows]];
  }
  return changes.map(({ where, what, source }) => [badge(mechanism), WHERE[where], plain(what), plain(source)]);
}
