import { CPU_TICKS } from "../kernel/cpu.ts";
import { COPIED_BYTES } from "../kernel/memory-copy.ts";
import { failedOf, lateOf, servedOf } from "./job.ts";
import { LOST_BYTES } from "./losses.ts";
import type { World } from "./world.ts";

const OPERATION = "operation ";

/** All sums of a world at one instant. What a run cost is the difference of two. Jobs in their order; the first is the one measured. */
export interface Readings {
  readonly cpuTicks: number;
  readonly copied: number;
  readonly dramRead: number;
  readonly dramWritten: number;
  readonly rootComplexPayload: number;
  readonly rootComplexControl: number;
  readonly iotlbMisses: number;
  readonly failed: readonly number[];
  readonly served: readonly number[];
  /** Bytes that CPUs moved beside the devices. */
  readonly streamed: number;
  /** Of the first job's importer: payload to or from system memory, and payload that came up to a root complex. */
  readonly toMemory: number;
  readonly climbed: number;
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

export function read({ fabric, tally }: World, importers: readonly string[]): Readings {
  const { engine, graph, dram } = fabric;
  const copied = tally.get(COPIED_BYTES);
  const jobs = importers.map((_, job) => job);
  return {
    cpuTicks: tally.get(CPU_TICKS),
    copied,
    dramRead: dram.fetched + copied,
    dramWritten: dram.stored + copied,
    rootComplexPayload: engine.acrossRootPorts(engine.payloadBytes),
    rootComplexControl: engine.acrossRootPorts(engine.controlBytes),
    iotlbMisses: fabric.iommu.misses,
    failed: jobs.map((job) => tally.get(failedOf(job))),
    served: jobs.map((job) => tally.get(servedOf(job))),
    streamed: fabric.streamedBytes,
    ...fabric.payloadOf(importers[0] ?? ""),
    lost: tally.get(LOST_BYTES),
    late: tally.get(lateOf(0)),
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
    failed: after.failed.map((failed, job) => failed - (before.failed[job] ?? 0)),
    served: after.served.map((served, job) => served - (before.served[job] ?? 0)),
    streamed: after.streamed - before.streamed,
    toMemory: after.toMemory - before.toMemory,
    climbed: after.climbed - before.climbed,
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
