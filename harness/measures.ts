import type { Cell } from "../record/cell.ts";
import type { Basis, Measure } from "../record/measure.ts";
import type { Histogram } from "../sim/histogram.ts";
import { nsOfTicks, TICKS_PER_NS } from "../sim/units.ts";
import type { Course } from "./course.ts";
import type { Readings } from "./readings.ts";
import type { World } from "./world.ts";

const NS_PER_SECOND = 1e9;

/**
 * Everything that is reported of a run that served requests: `spent` by its end, and `byAll` by the time that the others had ended what
 * they were at, which is what counts of the whole machine are of.
 */
export function measuresOf(
  world: World,
  course: Course,
  spent: Readings,
  byAll: Readings,
  { totalBytes, dramLoad }: Cell,
  basis: (metric: string) => Basis,
): readonly Measure[] {
  const measures: Measure[] = [];
  const { stages, others } = course;
  const { latencies, isStream } = course.first;
  const requests = latencies.count;
  const [served = 0] = spent.served;
  const payload = totalBytes + sumOf(byAll.served.slice(1));
  const add = (
    metric: string,
    value: number,
    stat: string = "total",
    subject: string = "",
    n: number = requests,
  ): void => void measures.push({ metric, subject, stat, value, n, basis: basis(metric) });
  const ticks = stages.done - stages.started;
  const rate = (moved: number): number => (moved / ticks) * TICKS_PER_NS * NS_PER_SECOND;
  if (ticks > 0) {
    add("throughput", rate(served), "mean");
    if (others.length > 0) add("aggregate_throughput", rate(sumOf(spent.served)), "mean");
    if (dramLoad > 0) add("dram_load_throughput", rate(spent.streamed), "mean");
  }
  addLatencies(latencies, add);
  if (others.length > 0) add("aggregate_bytes", payload);
  add("setup_time", nsOfTicks(stages.ready - stages.began), "total", "", 1);
  if (course.finished) add("teardown_time", nsOfTicks(stages.down - stages.alone), "total", "", 1);
  add("cpu_time", nsOfTicks(spent.cpuTicks));
  add("cpu_time_per_byte", nsOfTicks(spent.cpuTicks) / totalBytes, "mean");
  add("dram_read_bytes", byAll.dramRead);
  add("dram_write_bytes", byAll.dramWritten);
  add("dram_read_per_byte", byAll.dramRead / payload, "mean");
  add("dram_write_per_byte", byAll.dramWritten / payload, "mean");
  add("root_complex_payload_bytes", byAll.rootComplexPayload);
  add("root_complex_control_bytes", byAll.rootComplexControl);
  add("iotlb_misses", byAll.iotlbMisses);
  add("lost_bytes", byAll.lost);
  if (isStream) add("late_frames", spent.late);
  add("struct_page_bytes", world.kernel.pageMaps.peakBytes, "peak", "", 1);
  add("bar_window_bytes", world.kernel.windows.peakBytes, "peak", "", 1);
  add("pinned_bytes", world.kernel.pages.peakBytes, "peak", "", 1);
  for (const [operation, count] of spent.operations) if (count > 0) add("operations", count, "total", operation);
  for (const { label, framed, payload: carried, wire } of byAll.links) {
    if (!framed || wire === 0) continue;
    add("link_wire_bytes", wire, "total", label);
    add("link_payload_bytes", carried, "total", label);
    add("wire_efficiency", carried / wire, "mean", label);
  }
  return measures;
}

type Add = (metric: string, value: number, stat: string) => void;

function addLatencies(latencies: Histogram, add: Add): void {
  for (const [stat, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
    ["p999", 0.999],
  ] as const)
    add("latency", nsOfTicks(latencies.quantile(share)), stat);
  add("latency", nsOfTicks(latencies.mean), "mean");
  add("latency", nsOfTicks(latencies.least), "min");
  add("latency", nsOfTicks(latencies.most), "max");
}

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, each) => sum + each, 0);
