import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Task } from "../../sim/activity.ts";
import { nsOfTicks } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";
import { granted, Inexpressible, NO_MEMORY } from "./bench.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

const ROUNDS = 16;

/** The DMA API on one buffer, again and again. */
export function mapUnmap(bench: Bench, { operation }: CaseOf<"map and unmap">): Outturn {
  const { device, size, part } = operation;
  const { kernel } = bench.world;
  const target = bench.device(device);
  const pages = kernel.memory.alloc(0, size);
  if (pages === undefined) throw new Inexpressible(NO_MEMORY);
  const range: PageRange = pages;
  const spent = { map: 0, unmap: 0 };
  function* rounds(): Task<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = bench.now;
      const mapping: DmaMapping = granted(yield* kernel.dma.mapPages(target, range, 0, size));
      spent.map += bench.now - began;
      const mapped = bench.now;
      yield* kernel.dma.unmap(mapping);
      spent.unmap += bench.now - mapped;
    }
  }
  bench.done(rounds());
  const ticks = part === "both" ? spent.map + spent.unmap : spent[part];
  return { value: nsOfTicks(ticks) / ROUNDS, leftOut: ["threads that map at the same time: one core runs here"] };
}
