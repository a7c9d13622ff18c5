import type { Chart } from "../charts.ts";
import { html, inlined, type Markup } from "./html.ts";

/** The charts as pictures inside the page, each in a box of its own that scrolls; on paper they shrink. */
export const figures = (charts: readonly Chart[]): readonly Markup[] =>
  charts.map(
    ({ name, title, svg }) =>
      html`<figure id="${name}"><div class="scroll picture" role="region" aria-label="${title}, chart" tabindex="0">${pictureOf(svg, title)}</div>
<figcaption>${title}. The same picture and its specification: <a href="charts/${name}.svg">charts/${name}.svg</a>, <a href="charts/${name}.vl.json">charts/${name}.vl.json</a>; the numbers are in the table below.</figcaption></figure>\n`,
  );

/** Within HTML a picture needs no namespaces, and to those who cannot see it, it is one thing with a name. */
function pictureOf(svg: string, title: string): Markup {
  const [head = ""] = /^<svg[^>]*>/.exec(svg) ?? [];
  const size = / width="[\d.]+" height="[\d.]+" viewBox="[\d. -]+"/.exec(head)?.[0] ?? "";
  return html`<svg role="img" aria-label="${title}"${inlined(size)}>${inlined(svg.slice(head.length).trimEnd())}`;
}
