import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { emptyPage } from "./frame.ts";
import { median } from "./numeral.ts";
import { groupBy } from "./order.ts";
import { measureOf, moved, panelName } from "./point.ts";
import { settingsOf } from "./setting.ts";
import { sizeChart } from "./size-chart.ts";

const TITLE = "Throughput over staging/pipelined";

/** Throughput as a multiple of that of staging/pipelined under the same conditions and with the same draw of constants. */
export function ratioChart(results: readonly Result[]): TopLevelSpec {
  const settings = settingsOf(results.map(({ cell }) => cell));
  const placeOf = ({ cell }: Result): string => [panelName(cell, settings), cell.requestBytes, cell.rep].join("\0");
  const controls = results.filter(
    (result) => result.cell.proposal === "staging" && result.cell.form === "pipelined" && moved(result),
  );
  const rates = new Map(
    [...groupBy(controls, placeOf)].map(([place, group]) => [
      place,
      median(group.flatMap((each) => rateOf(each) ?? [])),
    ]),
  );
  // What has a number and nothing to be held against is no failure of its own: the subtitle says why it is not here.
  const drawn = results.filter((result) => !moved(result) || rates.has(placeOf(result)));
  if (drawn.length === 0)
    return emptyPage(TITLE, ["staging/pipelined moved no data here, and nothing else is a measure."]);
  return sizeChart(drawn, {
    title: TITLE,
    subtitle:
      "Higher is better; at 1 a mechanism is as fast as staging done well. Where staging/pipelined has no number, nothing is drawn.",
    axis: "Times staging/pipelined",
    scale: "linear",
    quantity: (result) => {
      const measure = measureOf(result, "throughput", "mean");
      const control = rates.get(placeOf(result)) ?? 0;
      return measure && control > 0 ? { value: measure.value / control, basis: measure.basis } : undefined;
    },
  });
}

const rateOf = (result: Result): number | undefined => measureOf(result, "throughput", "mean")?.value;
