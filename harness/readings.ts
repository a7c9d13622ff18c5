import { CPU_TICKS } from "../kernel/cpu.ts";
import { COPIED_BYTES } from "../kernel/memory-copy.ts";
import { FAILED_REQUESTS, LATE_FRAMES, SERVED_BYTES } from "./course.ts";
import { LOST_BYTES } from "./losses.ts";
import type { World } from "./world.ts";

const OPERATION = "operation ";

/** All sums of a world at one instant. What a run cost is the difference of two. */
export interface Readings {
  readonly cpuTicks: number;
  readonly copied: number;
  readonly dramRead: number;
  readonly dramWritten: number;
  readonly rootComplexPayload: number;
  readonly rootComplexControl: number;
  readonly iotlbMisses: number;
  readonly failed: number;
  readonly served: number;
  readonly lost: number;
  readonly late: number;
  readonly operations: ReadonlyMap<string, number>;
  readonly links: readonly LinkReadings[];
}

export interface LinkReadings {
  readonly label: string;
  readonly framed: boolean;
  readonly payload: number;
  readonly wire: number;
}

export function read({ fabric, tally }: World): Readings {
  const { engine, graph } = fabric;
  const memories = graph.nodes.flatMap(({ name }, node) => (name.startsWith("memory") ? [node] : []));
  const sum = (of: Float64Array): number => memories.reduce((total, node) => total + (of[node] ?? 0), 0);
  const copied = tally.get(COPIED_BYTES);
  return {
    cpuTicks: tally.get(CPU_TICKS),
    copied,
    dramRead: sum(engine.bytesRead) + copied,
    dramWritten: sum(engine.bytesWritten) + copied,
    rootComplexPayload: engine.acrossRootPorts(engine.payloadBytes),
    rootComplexControl: engine.acrossRootPorts(engine.controlBytes),
    iotlbMisses: fabric.iommu.misses,
    failed: tally.get(FAILED_REQUESTS),
    served: tally.get(SERVED_BYTES),
    lost: tally.get(LOST_BYTES),
    late: tally.get(LATE_FRAMES),
    operations: new Map(
      tally
        .names()
        .flatMap((name) => (name.startsWith(OPERATION) ? [[name.slice(OPERATION.length), tally.get(name)]] : [])),
    ),
    links: graph.channels.map(({ label, framed }, channel) => ({
      label,
      framed,
      payload: engine.payloadBytes[channel] ?? 0,
      wire: engine.wireBytes[channel] ?? 0,
    })),
  };
}

/** What came between two readings. */
export function between(before: Readings, after: Readings): Readings {
  return {
    cpuTicks: after.cpuTicks - before.cpuTicks,
    copied: after.copied - before.copied,
    dramRead: after.dramRead - before.dramRead,
    dramWritten: after.dramWritten - before.dramWritten,
    rootComplexPayload: after.rootComplexPayload - before.rootComplexPayload,
    rootComplexControl: after.rootComplexControl - before.rootComplexControl,
    iotlbMisses: after.iotlbMisses - before.iotlbMisses,
    failed: after.failed - before.failed,
    served: after.served - before.served,
    lost: after.lost - before.lost,
    late: after.late - before.late,
    operations: new Map(
      [...after.operations].map(([name, count]) => [name, count - (before.operations.get(name) ?? 0)]),
    ),
    links: after.links.map((link, channel) => ({
      ...link,
      payload: link.payload - (before.links[channel]?.payload ?? 0),
      wire: link.wire - (before.links[channel]?.wire ?? 0),
    })),
  };
}
