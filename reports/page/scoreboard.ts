import { readableBytes } from "../numeral.ts";
import type { Bout, Rival } from "./bout.ts";
import { type Factor, sideOf } from "./factor.ts";
import { type Content, html, type Markup } from "./html.ts";
import { badge } from "./mechanism.ts";
import { shortTable } from "./table.ts";
import { times } from "./words.ts";

const MOST_ROWS = 300;

/** Every rival in every comparison, with what it has of the throughput and CPU time of staging/pipelined. */
export function scoreboard(bouts: readonly Bout[]): Markup {
  const varied = bouts.some(({ setting }) => setting !== "");
  const rows = bouts.flatMap((bout) => bout.rivals.map((rival) => rowOf(bout, rival, varied)));
  if (rows.length === 0) return html`<p>No rival of staging/pipelined has numbers in this run.</p>\n`;
  const head = [
    ...["use case", "machine", ...(varied ? ["settings"] : [])],
    ...["request", "rival", "throughput", "CPU time", "verdict"],
  ];
  return shortTable(
    "What rivals have of the control\u2019s throughput and CPU time",
    head,
    rows,
    MOST_ROWS,
    head.length - 3,
  );
}

const rowOf = (bout: Bout, rival: Rival, varied: boolean): readonly Content[] => [
  bout.workload,
  bout.machine,
  ...(varied ? [bout.setting] : []),
  readableBytes(bout.size),
  badge(rival.mechanism),
  cellOf(rival.throughput),
  rival.cpu ? cellOf(rival.cpu) : "-",
  verdictOf(rival),
];

const cellOf = ({ middle, low, high, runs }: Factor): string =>
  runs === 1 ? times(middle, middle) : `${times(middle, middle)} (${times(low, high)})`;

function verdictOf({ throughput, breaks }: Rival): Content {
  const side = sideOf(throughput);
  const word = side > 0 ? "wins" : side < 0 ? "loses" : "level";
  const glyph = side > 0 ? "\u25b2" : side < 0 ? "\u25bc" : "=";
  const breach = breaks.length === 0 ? "" : `, breaks ${breaks.join(", ")}`;
  return html`<span class="verdict ${word}"><span aria-hidden="true">${glyph}</span> ${word}</span>${breach}`;
}
