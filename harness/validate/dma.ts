import type { Case } from "../../calibration/cases/case.ts";
import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { DmaEngine } from "../../fabric/dma-engine.ts";
import type { Task } from "../../sim/activity.ts";
import { Chance } from "../../sim/random.ts";
import { busAddr } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import { longTime, shortened } from "./long.ts";
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
/** Each of them is many packets, and many pages or lines, already. */
const LONG = { before: 4, counted: 8, samples: 4 };
const LONG_MIXED = { before: 8, counted: 32, samples: 4 };
const MANY_BYTES = 128 * 1024;
/** A longer transfer is not simulated whole, and more bytes under way than these change nothing. */
const LONGEST = 512 * 1024;
const ENOUGH = 4 * 2 ** 20;

/** A device's DMA against system memory: small transfers over a window, many at a time or one. `longest` is for tests. */
export function dma(
  bench: Bench,
  { operation, metric, configuration }: CaseOf<"dma">,
  longest: number = LONGEST,
): Outturn {
  const { size, access } = operation;
  const engine = operation.engine === "dma" ? bench.dmaEngine(operation.device, operation.in_flight) : undefined;
  if (operation.cache === "warm") bench.world.fabric.keepInCache(operation.memory);
  const base = bufferOf(bench, operation, Math.min(size, longest));
  const leftOut = [
    ...(operation.engine ? [] : ["the device's DMA engine: a transfer starts at once, at any rate"]),
    ...shortened(size, longest),
  ];
  const ns = longTime(size, longest, (length) => {
    const part = { ...operation, size: length };
    const rounds = roundsOf(operation, configuration, length);
    if (metric === "latency") return medianLatency(bench, stepOf(bench, part, base, engine), rounds.samples);
    return 1e9 / rateOf(bench, loopsOf(bench, part, base, engine), rounds);
  });
  if (metric === "latency") return { value: ns, leftOut };
  const rate = (size * 1e9) / ns;
  return { value: access === "read and write" ? rate / 2 : rate, leftOut };
}

function roundsOf({ access, cache }: OperationOf<"dma">, configuration: Case["configuration"], length: number) {
  if (length >= MANY_BYTES) return access === "read and write" ? LONG_MIXED : LONG;
  const hits = (configuration?.iommu ?? "off") !== "off" || cache === "device-warm";
  if (hits) return SPARSE;
  return access === "read and write" ? MIXED : BRIEF;
}

/** What is under way: of long reads and writes an engine has each, of short ones all places do both in turn, as pcie-bench's do. */
function loopsOf(bench: Bench, operation: OperationOf<"dma">, base: number, engine: DmaEngine | undefined): Loop[] {
  const { access, size, in_flight } = operation;
  const long = size >= MANY_BYTES;
  // A program has as many commands waiting as its engine has under way: the engine is never idle.
  const loop = (each: OperationOf<"dma">["access"], places: number): Loop => ({
    inFlight: engine ? 2 * places : places,
    weight: 1,
    step: stepOf(bench, { ...operation, access: each }, base, engine),
  });
  if (!long) return [loop(access, in_flight)];
  // Many that write and then read long come to keep step, and share what one of them would have.
  if (access === "write then read") return [loop(access, 1)];
  const places = Math.min(in_flight, Math.max(2, Math.ceil(ENOUGH / size)));
  if (access !== "read and write") return [loop(access, places)];
  return [loop("read", Math.ceil(places / 2)), loop("write", Math.floor(places / 2))];
}

const strideOf = (size: number): number => Math.ceil(size / CACHE_LINE) * CACHE_LINE;
const placesIn = (window: number, size: number): number => Math.max(1, Math.floor(window / strideOf(size)));

/** The window in system memory, mapped for the device. */
function bufferOf(bench: Bench, { device, window, memory, cache }: OperationOf<"dma">, size: number): number {
  const initiator = bench.device(device);
  const stride = strideOf(size);
  // The buffer is larger than the window: a small window must not end in smaller pages (pcie-bench has 64 MiB).
  const length = Math.max(window, stride, bench.world.fabric.iommu.largestPage);
  const base = bench.reach(initiator, `memory ${memory}`, length);
  if (cache === "device-warm")
    bench.world.fabric.writtenBefore(memory, initiator.node, base, placesIn(window, size) * stride);
  return base;
}

function stepOf(
  bench: Bench,
  { device, access, size, window, order }: OperationOf<"dma">,
  base: number,
  engine: DmaEngine | undefined,
) {
  const initiator = bench.device(device);
  const places = placesIn(window, size);
  const chance = new Chance(SEED).split("addresses");
  const offset = (index: number): number =>
    strideOf(size) * (order === "random" ? chance.below(places) : index % places);
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
