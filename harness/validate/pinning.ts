import type { PinnedPages } from "../../kernel/gup.ts";
import type { Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import { nsOfTicks, PAGE_BYTES } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible } from "./bench.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** get_user_pages on memory whose pages are there, and its undoing. */
export function pin(bench: Bench, { operation }: CaseOf<"pin">): Outturn {
  const { size, page, threads, part, touched = true } = operation;
  onlySmallPages(page);
  if (threads > 1)
    throw new Inexpressible(
      `${threads} threads pin at once: the model has one core, and no contention for page counts`,
    );
  const vma = touched ? populated(bench, size) : untouched(bench, size);
  const { kernel } = bench.world;
  const held: PinnedPages[] = [];
  const pinning = bench.timed(
    (function* (): Task<void> {
      held.push(granted(yield* kernel.gup.get(kernel.process, vma.start, size)));
    })(),
  );
  const unpinning = bench.timed(
    (function* (): Task<void> {
      for (const pinned of held) yield* kernel.gup.put(pinned);
    })(),
  );
  const value = part === "both" ? pinning + unpinning : part === "pin" ? pinning : unpinning;
  return { value, leftOut: ["the processor: one table of costs for all"] };
}

/** A memory region for a network adapter: pinned, mapped, entered into its tables; and back. */
export function register(bench: Bench, { operation }: CaseOf<"register">): Outturn {
  const { device, size, page, part } = operation;
  onlySmallPages(page);
  const { kernel } = bench.world;
  const adapter = bench.device(device);
  const vma = populated(bench, size);
  function* both(): Task<number> {
    const began = bench.now;
    const pinned = granted(yield* kernel.gup.get(kernel.process, vma.start, size));
    const mapping = granted(yield* kernel.dma.mapPages(adapter, pinned.range, 0, size));
    const refusal = yield* kernel.io.register(adapter, mapping);
    if (refusal) granted(refusal);
    const registered = bench.now;
    yield* kernel.dma.unmap(mapping);
    yield* kernel.gup.put(pinned);
    return nsOfTicks((part === "both" ? bench.now : registered) - began);
  }
  return { value: bench.done(both()), leftOut: ["the adapter: one table of costs for all"] };
}

/** A mapping of anonymous memory, every page touched. */
export function populated(bench: Bench, size: number): Vma {
  const vma = untouched(bench, size);
  const refusal = bench.done(bench.world.kernel.process.faultIn(vma, vma.start, size));
  return refusal ? granted<Vma>(refusal) : vma;
}

function untouched(bench: Bench, size: number): Vma {
  const { kernel } = bench.world;
  const pages = kernel.memory.alloc(0, size);
  if (pages === undefined) throw new Inexpressible("the machine has no memory left");
  return bench.done(kernel.process.mmap("anonymous", pages));
}

export function onlySmallPages(page: number): void {
  if (page !== PAGE_BYTES)
    throw new Inexpressible(`pages of ${page} B: the model's processes have pages of ${PAGE_BYTES} B`);
}
