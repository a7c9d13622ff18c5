import type { Status } from "../../record/outcome.ts";
import type { Result } from "../../record/result.ts";
import { plain } from "../numeral.ts";
import { distinct, groupBy, sortedBy } from "../order.ts";
import { type Content, html, type Markup } from "./html.ts";
import { namesOf } from "./mechanism.ts";
import { STATUSES, statusMark } from "./status-mark.ts";
import { shortTable } from "./table.ts";
import { shortList } from "./words.ts";

const MOST_ROWS = 200;
const MOST_NAMES = 4;

/** Every refusal in the parts that the kernel gave it, with how often, by whom it was met and where. */
export function refusalTable(results: readonly Result[]): Markup {
  const groups = groupBy(
    results.filter(({ outcome }) => outcome.status === "refused"),
    ({ outcome }) => plain(outcome.reason),
  );
  if (groups.size === 0) return html`<p>Nothing was refused.</p>\n`;
  const rows = mostFirst(groups).map(([reason, cells]) => [
    ...partsOf(reason),
    cells.length,
    namesOf(cells.map(({ cell }) => cell)),
    placesOf(cells),
  ]);
  const head = ["errno", "who", "whom", "why", "remedy", "cells", "proposal / form", "use cases"];
  return shortTable("Refusals", head, rows, MOST_ROWS);
}

/** How a refusal of the kernel is written into a reason; one of the simulator's own has no such parts. */
const REFUSAL = /^(E[A-Z]+) from (.+?) for (.+?): (.*); ([^;]*)$/;

function partsOf(reason: string): readonly string[] {
  const parts = REFUSAL.exec(reason)?.slice(1);
  return parts ?? ["-", "-", "-", reason, "-"];
}

/** Every invariant that was broken, with the judge's reason. */
export function breachTable(results: readonly Result[]): Markup {
  const breaches = results.flatMap(({ cell, outcome }) =>
    outcome.verdicts
      .filter(({ verdict }) => verdict === "broken")
      .map(({ invariant, because }) => ({ cell, invariant: plain(invariant), because: plain(because) })),
  );
  if (breaches.length === 0) return html`<p>No invariant was broken.</p>\n`;
  const groups = groupBy(breaches, ({ invariant, because }) => `${invariant}\0${because}`);
  const rows = mostFirst(groups).map(([, all]): readonly Content[] => [
    all[0]?.invariant ?? "",
    all[0]?.because ?? "",
    all.length,
    namesOf(all.map(({ cell }) => cell)),
    placesOf(all),
  ]);
  const head = ["invariant", "because", "cells", "proposal / form", "use cases"];
  return shortTable("Broken invariants", head, rows, MOST_ROWS);
}

/** Every other end that is no success, with its reason. */
export function endTable(results: readonly Result[]): Markup {
  const told: readonly Status[] = ["corrupt", "hung", "failed", "inapplicable"];
  const others = results.filter(({ outcome }) => told.includes(outcome.status));
  if (others.length === 0) return html`<p>Nothing else ended without success.</p>\n`;
  const groups = groupBy(others, ({ outcome }) => `${outcome.status}\0${plain(outcome.reason)}`);
  const ranked = sortedBy(mostFirst(groups), ([, [first]]) => [
    STATUSES.indexOf(first?.outcome.status ?? "inapplicable"),
  ]);
  const rows = ranked.map(([, cells]): readonly Content[] => [
    statusMark(cells[0]?.outcome.status ?? "inapplicable"),
    plain(cells[0]?.outcome.reason ?? ""),
    cells.length,
    namesOf(cells.map(({ cell }) => cell)),
    placesOf(cells),
  ]);
  const head = ["status", "reason", "cells", "proposal / form", "use cases"];
  return shortTable("Other ends", head, rows, MOST_ROWS);
}

const mostFirst = <T>(groups: ReadonlyMap<string, readonly T[]>): readonly (readonly [string, readonly T[]])[] =>
  sortedBy([...groups], ([key, cells]) => [-cells.length, key]);

const placesOf = (cells: readonly Pick<Result, "cell">[]): string =>
  shortList(distinct(cells.map(({ cell }) => plain(`${cell.workload} on ${cell.machine}`))), MOST_NAMES);
