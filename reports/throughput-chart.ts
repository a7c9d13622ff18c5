import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { measureOf } from "./point.ts";
import { sizeChart } from "./size-chart.ts";

/** Throughput by request size. */
export const throughputChart = (results: readonly Result[]): TopLevelSpec =>
  sizeChart(results, {
    title: "Throughput by request size",
    subtitle: "Higher is better. 1 GB/s is 10\u2079 bytes of payload per second.",
    axis: "Throughput (GB/s)",
    scale: "linear",
    quantity: (result) => {
      const measure = measureOf(result, "throughput", "mean");
      return measure && { value: measure.value / 1e9, basis: measure.basis };
    },
  });
