import type { Device } from "../../kernel/device.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bench, granted, Inexpressible, served } from "./bench.ts";
import { rateOf } from "./closed-loop.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** A drive's requests as one core can issue them, with its buffer mapped for each of them or for good. */
export function perIo(bench: Bench, { operation }: CaseOf<"per-I/O">): Outturn {
  const { device, size, in_flight, map, batch } = operation;
  const { kernel } = bench.world;
  const drive = bench.device(device);
  const polled = operation.completions === "polled";
  if (polled) kernel.io.poll(drive);
  const mapped = (pages: PageRange): Task<DmaMapping> => mapping(bench, device, pages, size);
  const places = Array.from({ length: in_flight }, () => {
    const pages = kernel.memory.alloc(0, size);
    if (pages === undefined) throw new Inexpressible("the machine has no memory left");
    return { pages, kept: map === "once" ? bench.done(mapped(pages)) : undefined };
  });
  const together = Math.min(batch ?? 1, in_flight);
  const loops = Math.floor(in_flight / together);
  function* request(index: number): Task<void> {
    const from = (index % loops) * together;
    const buffers: DmaMapping[] = [];
    for (const { kept, pages } of places.slice(from, from + together)) buffers.push(kept ?? (yield* mapped(pages)));
    yield* transferred(bench, drive, buffers, batch !== undefined);
    if (map === "each") for (const buffer of buffers) yield* kernel.dma.unmap(buffer);
  }
  return {
    value: rateOf(bench, [{ inFlight: loops, weight: together, step: request }]),
    leftOut: [
      ...(polled && batch === undefined ? ["batches: each request is submitted and completed by itself"] : []),
      "the drive: an Optane P4800X",
    ],
  };
}

function* transferred(bench: Bench, drive: Device, buffers: readonly DmaMapping[], batched: boolean): Task<void> {
  const { io, cpu } = bench.world.kernel;
  if (!batched) {
    for (const buffer of buffers) yield* served(io.transfer(drive, "read", buffer));
    return;
  }
  yield* cpu.run("cpu.syscall", 1);
  yield* served(io.transferAll(drive, "read", buffers));
}

function* mapping(bench: Bench, device: string, pages: PageRange, size: number): Task<DmaMapping> {
  return granted(yield* bench.world.kernel.dma.mapPages(bench.device(device), pages, 0, size));
}
