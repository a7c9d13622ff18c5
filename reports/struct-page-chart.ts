import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { plain } from "./numeral.ts";
import { distinct } from "./order.ts";
import { type Layout, measureOf, moved } from "./point.ts";
import { sizeChart } from "./size-chart.ts";

const TITLE = "Struct-page bytes by BAR size";
const MIB = 2 ** 20;

/** Nothing but the BAR decides how many pages there are, so a panel has all workloads and settings of a machine. */
const BY_BAR: Layout = { axis: "BAR size", size: ({ barBytes }) => barBytes, panel: ({ machine }) => plain(machine) };

/** System memory for struct pages of device memory, by the size of the BAR that shows it: one line per form that makes any. */
export function structPageChart(results: readonly Result[]): TopLevelSpec {
  const known = results.filter((result) => moved(result) && result.cell.barBytes > 0 && taken(result) !== undefined);
  const making = known.filter((result) => (taken(result) ?? 0) > 0);
  const remarks = [...sizeRemark(known), ...noneRemark(known)];
  const unmoved = results.filter((result) => !moved(result) && result.cell.barBytes > 0);
  return sizeChart([...making, ...unmoved], {
    title: TITLE,
    subtitle:
      "Lower is better. Taken from system memory for as long as the device's memory is offered; both scales are logarithmic.",
    axis: "Struct pages (MiB)",
    scale: "log",
    marks: [...new Set(making.map((result) => (taken(result) ?? 0) / MIB))].sort((a, b) => a - b),
    by: BY_BAR,
    remarks,
    quantity: (result) => {
      const measure = measureOf(result, "struct_page_bytes", "peak");
      return measure && { value: measure.value / MIB, basis: measure.basis };
    },
  });
}

const taken = (result: Result): number | undefined => measureOf(result, "struct_page_bytes", "peak")?.value;

/** One point per form is no curve. */
function sizeRemark(results: readonly Result[]): readonly string[] {
  const sizes = new Set(results.map(({ cell }) => cell.barBytes));
  return sizes.size > 1
    ? []
    : ["This run has no two BAR sizes: run --bar as-found,256MiB,16GiB,128GiB shows how the bytes grow."];
}

function noneRemark(results: readonly Result[]): readonly string[] {
  const making = new Set(results.filter((result) => (taken(result) ?? 0) > 0).map(formOf));
  const none = distinct(results.map(formOf)).filter((form) => !making.has(form));
  return none.length === 0 ? [] : [`No struct pages at any size: ${none.join(", ")}.`];
}

const formOf = ({ cell }: Result): string => plain(`${cell.proposal}/${cell.form}`);
