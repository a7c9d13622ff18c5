import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { DmaEngine } from "../../fabric/dma-engine.ts";
import type { Task } from "../../sim/activity.ts";
import { Chance } from "../../sim/random.ts";
import { busAddr } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";
import { rateOf } from "./closed-loop.ts";
import { medianOf } from "./median.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** Addresses of random order are the same in every run. */
const SEED = 1;
const CACHE_LINE = 64;
/** A link is full, or a device waits, from the first rounds on. */
const BRIEF = { before: 8, counted: 16, samples: 16 };
/** Reads and writes settle slowly into the order in which they share a link: with fewer rounds 3 % too fast, with more the same to 0.4 %. */
const MIXED = { before: 32, counted: 128, samples: 16 };
/** Enough for windows of thousands of pages or lines to show how often the IOTLB or the cache misses. */
const SPARSE = { before: 16, counted: 64, samples: 256 };

/** A device's DMA against system memory: small transfers over a window, many at a time or one. */
export function dma(bench: Bench, { operation, metric, configuration }: CaseOf<"dma">): Outturn {
  const engine = operation.engine === "dma" ? bench.dmaEngine(operation.device, operation.in_flight) : undefined;
  if (operation.cache === "warm") bench.world.fabric.keepInCache(operation.memory);
  const step = stepOf(bench, operation, engine);
  const plain = operation.access === "read and write" ? MIXED : BRIEF;
  const hits = (configuration?.iommu ?? "off") !== "off" || operation.cache === "device-warm";
  const rounds = hits ? SPARSE : plain;
  const leftOut = operation.engine ? [] : ["the device's DMA engine: a transfer starts at once, at any rate"];
  if (metric === "latency") return { value: medianLatency(bench, step, rounds.samples), leftOut };
  // A program has as many commands waiting as its engine has under way: the engine is never idle.
  const inFlight = engine ? 2 * operation.in_flight : operation.in_flight;
  const rate = rateOf(bench, [{ inFlight, weight: operation.size, step }], rounds);
  return { value: operation.access === "read and write" ? rate / 2 : rate, leftOut };
}

function stepOf(
  bench: Bench,
  { device, access, size, window, order, memory, cache }: OperationOf<"dma">,
  engine: DmaEngine | undefined,
) {
  const initiator = bench.device(device);
  const stride = Math.ceil(size / CACHE_LINE) * CACHE_LINE;
  const places = Math.max(1, Math.floor(window / stride));
  // The buffer is larger than the window: a small window must not end in smaller pages (pcie-bench has 64 MiB).
  const base = bench.reach(
    initiator,
    `memory ${memory}`,
    Math.max(window, stride, bench.world.fabric.iommu.largestPage),
  );
  if (cache === "device-warm") bench.world.fabric.writtenBefore(memory, initiator.node, base, places * stride);
  const chance = new Chance(SEED).split("addresses");
  const offset = (index: number): number => stride * (order === "random" ? chance.below(places) : index % places);
  const move = (reads: boolean, address: number): Task<string> => {
    if (engine === undefined) return bench.transfer(initiator, reads, address, size, "told");
    return reads ? engine.read(busAddr(address), size) : engine.write(busAddr(address), size);
  };
  return function* (index: number): Task<void> {
    const address = base + offset(index);
    if (access === "write then read") yield* move(false, address);
    yield* move(access === "read and write" ? index % 2 === 0 : access !== "write", address);
  };
}

function medianLatency(bench: Bench, step: (index: number) => Task<void>, samples: number): number {
  for (let index = 0; index < samples; index += 1) bench.timed(step(index));
  return medianOf(Array.from({ length: samples }, (_, index) => bench.timed(step(index))));
}
