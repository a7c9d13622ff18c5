import { type Content, html, type Markup } from "./html.ts";

/** A table that scrolls inside its own box: the page never scrolls sideways. The first cell of a row is its header. */
export function table(
  caption: string,
  head: readonly Content[],
  rows: readonly (readonly Content[])[],
  numbersFrom: number = Number.POSITIVE_INFINITY,
): Markup {
  const side = (column: number): string => (column >= numbersFrom ? "number" : "text");
  const body = rows.map(
    ([first = "", ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((each, at) => html`<td class="${side(at + 1)}">${each}</td>`)}</tr>\n`,
  );
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="${Number.isFinite(numbersFrom) ? "numbers" : "words"}">
<caption>${caption}</caption>
<thead><tr>${head.map((each, at) => html`<th scope="col" class="${side(at)}">${each}</th>`)}</tr></thead>
<tbody>
${body}</tbody></table></div>\n`;
}

/** As many rows as a page can bear; the CSV has the rest, and a line says so. */
export function shortTable(
  caption: string,
  head: readonly Content[],
  rows: readonly (readonly Content[])[],
  most: number,
  numbersFrom?: number,
): Markup {
  const shown = table(caption, head, rows.slice(0, most), numbersFrom);
  if (rows.length <= most) return shown;
  return html`${shown}<p class="aside">${rows.length - most} more rows are in the CSV files beside this page.</p>\n`;
}
