import type { Vma } from "../../kernel/vma.ts";
import { PAGE_BYTES } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible, NO_MEMORY } from "./bench.ts";

/** Memory of the bench's process, and how calls go over it. */

/** A mapping of anonymous memory, every page touched. */
export function populated(bench: Bench, size: number, page: number): Vma {
  const vma = untouched(bench, size, page);
  const refusal = bench.done(bench.world.kernel.process.faultIn(vma, vma.start, vma.length));
  return refusal ? granted<Vma>(refusal) : vma;
}

/** A mapping of anonymous memory that nobody has touched, rounded up to whole pages as mmap does. */
export function untouched(bench: Bench, size: number, page: number): Vma {
  if (size < page && page > PAGE_BYTES) throw new Inexpressible(`${size} B are less than one page of ${page} B`);
  const { kernel } = bench.world;
  const pages = kernel.memory.alloc(0, Math.ceil(size / page) * page);
  if (pages === undefined) throw new Inexpressible(NO_MEMORY);
  return bench.done(kernel.process.mmapLarge(pages, page));
}

/** What each call is about: its offset and its length. */
export function* calls(size: number, pages = size / PAGE_BYTES): Generator<readonly [from: number, length: number]> {
  const step = pages * PAGE_BYTES;
  for (let from = 0; from < size; from += step) yield [from, Math.min(step, size - from)];
}
