import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { measureOf } from "./point.ts";
import { sizeChart } from "./size-chart.ts";

/** CPU time for each KiB of payload, by request size. */
export const cpuChart = (results: readonly Result[]): TopLevelSpec =>
  sizeChart(results, {
    title: "CPU time by request size",
    subtitle: "Lower is better. Nanoseconds of one core for each KiB of payload; the scale is logarithmic.",
    axis: "CPU time (ns per KiB)",
    scale: "log",
    quantity: (result) => {
      const measure = measureOf(result, "cpu_time_per_byte", "mean");
      return measure && { value: measure.value * 1024, basis: measure.basis };
    },
  });

/** Bytes read from and written to system memory for each byte of payload, by request size. */
export const dramChart = (results: readonly Result[]): TopLevelSpec =>
  sizeChart(results, {
    title: "System memory traffic by request size",
    subtitle: "Lower is better. Bytes read from and written to DRAM, together, for each byte of payload.",
    axis: "DRAM bytes per byte",
    scale: "linear",
    quantity: (result) => {
      const read = measureOf(result, "dram_read_per_byte", "mean");
      const written = measureOf(result, "dram_write_per_byte", "mean");
      return read && written && { value: read.value + written.value, basis: read.basis };
    },
  });
