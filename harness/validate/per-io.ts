import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bench, granted, Inexpressible, served } from "./bench.ts";
import { rateOf } from "./closed-loop.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** A drive's requests as one core can issue them, with its buffer mapped for each of them or for good. */
export function perIo(bench: Bench, { operation }: CaseOf<"per-I/O">): Outturn {
  const { device, size, in_flight, map } = operation;
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
  function* request(index: number): Task<void> {
    const place = places[index % places.length];
    if (place === undefined) return;
    const buffer = place.kept ?? (yield* mapped(place.pages));
    yield* served(kernel.io.transfer(drive, "read", buffer));
    if (place.kept === undefined) yield* kernel.dma.unmap(buffer);
  }
  return {
    value: rateOf(bench, [{ inFlight: in_flight, weight: 1, step: request }]),
    leftOut: [
      ...(polled ? ["batches: each request is submitted and completed by itself"] : []),
      "the drive: an Optane P4800X",
    ],
  };
}

function* mapping(bench: Bench, device: string, pages: PageRange, size: number): Task<DmaMapping> {
  return granted(yield* bench.world.kernel.dma.mapPages(bench.device(device), pages, 0, size));
}
