import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { Device } from "../../kernel/device.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible, NO_MEMORY, served } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import { longTime, shortened } from "./long.ts";
import { ownPlace } from "./own-queues.ts";
import type { CaseOf, Kit, Outturn } from "./prediction.ts";
import { copier } from "./staged-copy.ts";

/** A longer request goes on as the second half of this one: it is many commands by then. Of many at a time less is enough. */
const LONGEST = { alone: 16 * 2 ** 20, together: 128 * 2 ** 20, least: 2 ** 20 };
/** How often each place goes round: requests of many commands settle sooner, and places that are many settle together. */
const FEW = { before: 1, counted: 2 };
const MANY_BYTES = 2 ** 20;
const LEFT_OUT =
  "the drive: its latencies are those of an Optane P4800X, and so are rates that the platform does not state";

/** Drives that fill or drain memory, of a peer or the system's. `longest` is for tests. */
export function storage(
  bench: Bench,
  { operation, metric }: CaseOf<"storage">,
  kit: Kit,
  longest: number = longestOf(operation),
): Outturn {
  const { size, drives, in_flight, cores = 1 } = operation;
  bench.world.kernel.cpu.bringUp(cores);
  // Little's law: so many are always under way.
  const ns = longTime(
    size,
    longest,
    (length) => (drives.length * in_flight * 1e9) / requestRate(bench, operation, kit, length),
  );
  const rate = (drives.length * in_flight * 1e9) / ns;
  const leftOut = [LEFT_OUT, ...shortened(size, longest)];
  return { value: metric === "latency" ? ns : metric === "rate" ? rate : rate * size, leftOut };
}

function longestOf({ drives, in_flight }: OperationOf<"storage">): number {
  const { alone, together, least } = LONGEST;
  const share = 2 ** Math.floor(Math.log2(together / (drives.length * in_flight)));
  return Math.max(least, Math.min(alone, share));
}

/** Requests of so many bytes that all drives serve in a second. */
function requestRate(bench: Bench, operation: OperationOf<"storage">, kit: Kit, size: number): number {
  const { drives, in_flight, cores = 1, issued_by } = operation;
  const loops = drives.map((drive, which): Loop => {
    const places = Array.from({ length: in_flight }, () =>
      issued_by === "device" ? ownPlace(bench, drive, operation, size) : placeOf(bench, drive, operation, size, kit),
    );
    return {
      inFlight: in_flight,
      weight: 1,
      step: (index) => (places[index % places.length] ?? nowhere)(),
      jobOf: (place) => (which * in_flight + place) % cores,
    };
  });
  return rateOf(bench, loops, size > MANY_BYTES ? FEW : undefined);
}

function nowhere(): Task<unknown> {
  throw new Inexpressible("no request is under way");
}

/** One place of a drive's queue: its buffer, mapped for good. */
function placeOf(
  bench: Bench,
  drive: string,
  { with: end, through, access, legs, cores }: OperationOf<"storage">,
  size: number,
  { staging }: Kit,
): () => Task<unknown> {
  const device = bench.device(drive);
  const { kernel } = bench.world;
  if (through === "memory" && legs === "in turn") return inTurn(bench, device, bench.device(end), size, access);
  if (through === "memory") {
    const copy = copier(bench, staging, device, bench.device(end), size, access);
    return () => copy(size);
  }
  const mapping = mappingOf(bench, drive, end, size);
  if (cores === undefined) return () => served(kernel.io.transfer(device, access, mapping));
  return function* (): Task<void> {
    yield* kernel.cpu.run("cpu.syscall", 1);
    yield* served(kernel.io.transfer(device, access, mapping));
  };
}

/** One thread, one buffer: filled by whose data it is, then emptied by the other. */
function inTurn(bench: Bench, drive: Device, peer: Device, size: number, access: "read" | "write"): () => Task<void> {
  const { kernel } = bench.world;
  const pages = kernel.memory.alloc(drive.socket, size);
  if (pages === undefined) throw new Inexpressible(NO_MEMORY);
  const mapped = (device: Device): DmaMapping => granted(bench.done(kernel.dma.mapPages(device, pages, 0, size)));
  const [source, sink] = access === "read" ? [drive, peer] : [peer, drive];
  const [filled, emptied] = [mapped(source), mapped(sink)];
  return function* (): Task<void> {
    yield* kernel.cpu.run("cpu.syscall", 1);
    yield* served(kernel.io.transfer(source, "read", filled));
    yield* kernel.cpu.run("cpu.syscall", 1);
    yield* served(kernel.io.transfer(sink, "write", emptied));
  };
}

function mappingOf(bench: Bench, drive: string, end: string, size: number): DmaMapping {
  const { kernel } = bench.world;
  const device = bench.device(drive);
  const socket = /^memory (\d)$/.exec(end)?.[1];
  if (socket !== undefined) {
    const pages = kernel.memory.alloc(Number(socket), size);
    if (pages === undefined) throw new Inexpressible(NO_MEMORY);
    return granted(bench.done(kernel.dma.mapPages(device, pages, 0, size)));
  }
  const memory = kernel.memoryBehind(bench.device(end));
  if (memory === undefined) throw new Inexpressible(`no BAR of ${end} shows memory`);
  const chunk = granted(memory.alloc(bytes(size)));
  // How the block layer came by bus addresses is a proposal's affair; here it takes them.
  kernel.io.subsystem(device)?.learn("resource");
  return granted(bench.done(kernel.dma.mapPhysical(device, chunk.physical, size, "resource")));
}
