import type { Vma } from "../../kernel/vma.ts";
import { PAGE_BYTES } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible } from "./bench.ts";

/** Memory of the bench's process, and how calls go over it. */

/** A mapping of anonymous memory, every page touched. */
export function populated(bench: Bench, size: number, page: number): Vma {
  const vma = untouched(bench, size, page);
  const refusal = bench.done(bench.world.kernel.process.faultIn(vma, vma.start, size));
  return refusal ? granted<Vma>(refusal) : vma;
}

/** A mapping of anonymous memory that nobody has touched. */
export function untouched(bench: Bench, size: number, page: number): Vma {
  if (size % page !== 0) throw new Inexpressible(`${size} B are no whole number of pages of ${page} B`);
  const { kernel } = bench.world;
  const pages = kernel.memory.alloc(0, size);
  if (pages === undefined) throw new Inexpressible("the machine has no memory left");
  return bench.done(kernel.process.mmapLarge(pages, page));
}

/** What each call is about: its offset and its length. */
export function* calls(size: number, pages = size / PAGE_BYTES): Generator<readonly [from: number, length: number]> {
  const step = pages * PAGE_BYTES;
  for (let from = 0; from < size; from += step) yield [from, Math.min(step, size - from)];
}
