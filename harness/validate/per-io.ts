import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { Device } from "../../kernel/device.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bench, granted, Inexpressible, NO_MEMORY, served } from "./bench.ts";
import { rateOf } from "./closed-loop.ts";
import { longTime, shortened } from "./long.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** A longer request goes on as the second half of this one: it is many commands by then. */
const LONGEST = 2 ** 20;

/** A drive's requests as one core can issue them, or several, with its buffer mapped for each of them or for good. */
export function perIo(bench: Bench, { operation }: CaseOf<"per-I/O">): Outturn {
  const { device, size, in_flight, batch, cores = 1 } = operation;
  const { kernel } = bench.world;
  kernel.cpu.bringUp(cores);
  const polled = operation.completions === "polled";
  if (polled) kernel.io.poll(bench.device(device));
  const ns = longTime(size, LONGEST, (length) => (in_flight * 1e9) / requestRate(bench, operation, length));
  return {
    value: (in_flight * 1e9) / ns,
    leftOut: [
      ...(polled && batch === undefined ? ["batches: each request is submitted and completed by itself"] : []),
      ...(cores > 1 ? ["locks between cores: none waits for another"] : []),
      "the drive: an Optane P4800X",
      ...shortened(size, LONGEST),
    ],
  };
}

function requestRate(bench: Bench, operation: OperationOf<"per-I/O">, size: number): number {
  const { device, in_flight, map, batch, access = "read", cores = 1 } = operation;
  const { kernel } = bench.world;
  const drive = bench.device(device);
  const mapped = (pages: PageRange): Task<DmaMapping> => mapping(bench, device, pages, size);
  const places = Array.from({ length: in_flight }, () => {
    const pages = kernel.memory.alloc(0, size);
    if (pages === undefined) throw new Inexpressible(NO_MEMORY);
    return { pages, kept: map === "once" ? bench.done(mapped(pages)) : undefined };
  });
  const together = Math.min(batch ?? 1, in_flight);
  const loops = Math.floor(in_flight / together);
  function* request(index: number): Task<void> {
    const from = (index % loops) * together;
    const buffers: DmaMapping[] = [];
    for (const { kept, pages } of places.slice(from, from + together)) buffers.push(kept ?? (yield* mapped(pages)));
    yield* transferred(bench, drive, access, buffers, batch !== undefined);
    if (map === "each") for (const buffer of buffers) yield* kernel.dma.unmap(buffer);
  }
  return rateOf(bench, [{ inFlight: loops, weight: together, step: request, jobOf: (place) => place % cores }]);
}

function* transferred(
  bench: Bench,
  drive: Device,
  access: "read" | "write",
  buffers: readonly DmaMapping[],
  batched: boolean,
): Task<void> {
  const { io, cpu } = bench.world.kernel;
  if (!batched) {
    for (const buffer of buffers) yield* served(io.transfer(drive, access, buffer));
    return;
  }
  yield* cpu.run("cpu.syscall", 1);
  yield* served(io.transferAll(drive, access, buffers));
}

function* mapping(bench: Bench, device: string, pages: PageRange, size: number): Task<DmaMapping> {
  return granted(yield* bench.world.kernel.dma.mapPages(bench.device(device), pages, 0, size));
}
