import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { cpuChart, dramChart } from "./cost-charts.ts";
import { ratioChart } from "./ratio-chart.ts";
import { rootComplexChart } from "./root-complex-chart.ts";
import { structPageChart } from "./struct-page-chart.ts";
import { draw } from "./svg.ts";
import { throughputChart } from "./throughput-chart.ts";

/** One chart of a run: its Vega-Lite specification with the data inside, and the picture. */
export interface Chart {
  /** Stem of its file names. */
  readonly name: string;
  readonly title: string;
  readonly spec: string;
  readonly svg: string;
  /** What Vega complained of; empty unless there is a bug. */
  readonly warnings: readonly string[];
}

const CHARTS: readonly (readonly [string, string, (results: readonly Result[]) => TopLevelSpec])[] = [
  ["throughput-by-size", "Throughput by request size", throughputChart],
  ["throughput-over-pipelined", "Throughput over staging/pipelined", ratioChart],
  ["cpu-by-size", "CPU time by request size", cpuChart],
  ["dram-by-size", "System memory traffic by request size", dramChart],
  ["struct-pages-by-bar", "Struct-page bytes by BAR size", structPageChart],
  ["root-complex-bytes", "Bytes through the root complex", rootComplexChart],
];

/** Every chart of a set of results. The bytes depend on the results alone, not on their order, the host or the clock. */
export async function renderCharts(results: readonly Result[]): Promise<readonly Chart[]> {
  const charts: Chart[] = [];
  for (const [name, title, chart] of CHARTS) {
    const spec = chart(results);
    const { svg, warnings } = await draw(spec);
    charts.push({ name, title, spec: `${JSON.stringify(spec, null, 2)}\n`, svg, warnings });
  }
  return charts;
}
