import type { Cell } from "../../record/cell.ts";
import { plain } from "../numeral.ts";
import { distinct, groupBy, sortedBy } from "../order.ts";
import { colorOf, rankOf } from "../palette.ts";
import { html, type Markup } from "./html.ts";

/** A form of a proposal as the page names it: always with where it comes from. */
export type Mechanism = Pick<Cell, "proposal" | "form" | "provenance">;

/** What wins count against, and nothing else does. */
export const isControl = ({ proposal, form }: Mechanism): boolean => proposal === "staging" && form === "pipelined";

/** A mechanism that wants to replace the control; the other forms of staging do not. */
export const isRival = ({ proposal }: Mechanism): boolean => proposal !== "staging";

export const nameOf = ({ proposal, form }: Mechanism): string => plain(`${proposal}/${form}`);

/** For sentences: no ranking is read without knowing whether code was posted, reconstructed, thought up or merged. */
export const sourcedName = (mechanism: Mechanism): string => `${nameOf(mechanism)} (${mechanism.provenance})`;

/** The mechanisms of some cells, each once, in the order of the house. */
export function mechanismsIn(cells: readonly Mechanism[]): readonly Mechanism[] {
  const first = [...groupBy(cells, keyOf).values()].flatMap(([one]) => (one ? [one] : []));
  return sortedBy(first, (one) => [...rankOf(one), one.provenance]);
}

export const keyOf = ({ proposal, form, provenance }: Mechanism): string => [proposal, form, provenance].join("\u0000");

/** Names of several mechanisms for one cell of a table. */
export const namesOf = (cells: readonly Mechanism[]): readonly Markup[] =>
  mechanismsIn(cells).map((one) => html`<div>${badge(one)}</div>`);

/** A mechanism with the colour that it has in every chart. */
export const badge = (mechanism: Mechanism): Markup =>
  html`<span class="who"><span class="swatch" style="background:${colorOf(mechanism.proposal)}"></span><code>${nameOf(mechanism)}</code> <span class="from">${mechanism.provenance}</span></span>`;

/** Provenances with their number of mechanisms: "posted (3), reconstructed (2)". */
export function provenances(mechanisms: readonly Mechanism[]): readonly string[] {
  const groups = groupBy(mechanisms, ({ provenance }) => provenance);
  return distinct(groups.keys()).map((each) => `${each} (${groups.get(each)?.length ?? 0})`);
}
