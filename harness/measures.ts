import type { Basis, Measure } from "../record/measure.ts";
import { nsOfTicks, TICKS_PER_NS } from "../sim/units.ts";
import type { Course } from "./course.ts";
import type { Readings } from "./readings.ts";
import type { World } from "./world.ts";

const NS_PER_SECOND = 1e9;

/** Everything that is reported of a run that served requests. */
export function measuresOf(
  world: World,
  course: Course,
  spent: Readings,
  payload: number,
  basis: (metric: string) => Basis,
): readonly Measure[] {
  const measures: Measure[] = [];
  const requests = course.latencies.count;
  const add = (
    metric: string,
    value: number,
    stat: string = "total",
    subject: string = "",
    n: number = requests,
  ): void => void measures.push({ metric, subject, stat, value, n, basis: basis(metric) });
  const { stages, latencies } = course;
  const ticks = stages.done - stages.ready;
  if (ticks > 0) add("throughput", (spent.served / ticks) * TICKS_PER_NS * NS_PER_SECOND, "mean");
  for (const [stat, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
    ["p999", 0.999],
  ] as const)
    add("latency", nsOfTicks(latencies.quantile(share)), stat);
  add("latency", nsOfTicks(latencies.mean), "mean");
  add("latency", nsOfTicks(latencies.least), "min");
  add("latency", nsOfTicks(latencies.most), "max");
  add("setup_time", nsOfTicks(stages.ready - stages.began), "total", "", 1);
  if (course.finished) add("teardown_time", nsOfTicks(stages.down - stages.done), "total", "", 1);
  add("cpu_time", nsOfTicks(spent.cpuTicks));
  add("cpu_time_per_byte", nsOfTicks(spent.cpuTicks) / payload, "mean");
  add("dram_read_bytes", spent.dramRead);
  add("dram_write_bytes", spent.dramWritten);
  add("dram_read_per_byte", spent.dramRead / payload, "mean");
  add("dram_write_per_byte", spent.dramWritten / payload, "mean");
  add("root_complex_payload_bytes", spent.rootComplexPayload);
  add("root_complex_control_bytes", spent.rootComplexControl);
  add("iotlb_misses", spent.iotlbMisses);
  add("lost_bytes", spent.lost);
  if (course.isStream) add("late_frames", spent.late);
  add("struct_page_bytes", world.kernel.pageMaps.peakBytes, "peak", "", 1);
  add("pinned_bytes", world.kernel.pages.peakBytes, "peak", "", 1);
  for (const [operation, count] of spent.operations) if (count > 0) add("operations", count, "total", operation);
  for (const { label, framed, payload: carried, wire } of spent.links) {
    if (!framed || wire === 0) continue;
    add("link_wire_bytes", wire, "total", label);
    add("link_payload_bytes", carried, "total", label);
    add("wire_efficiency", carried / wire, "mean", label);
  }
  return measures;
}
