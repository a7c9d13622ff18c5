import type { PinnedPages } from "../../kernel/gup.ts";
import type { Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import { nsOfTicks, PAGE_BYTES, virtAddr } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible } from "./bench.ts";
import { pinTogether } from "./pin-threads.ts";
import type { CaseOf, Outturn } from "./prediction.ts";
import { calls, populated, untouched } from "./process-memory.ts";

/** get_user_pages on memory whose pages are there, and its undoing. */
export function pin(bench: Bench, subject: CaseOf<"pin">): Outturn {
  const { page, threads, part, touched = true, taken, dropped, pages_per_call } = subject.operation;
  const size = Math.ceil(subject.operation.size / PAGE_BYTES) * PAGE_BYTES;
  const leftOut = ["the processor: one table of costs for all"];
  if (threads > 1) return { value: pinTogether(bench, subject), leftOut };
  const vma = touched ? populated(bench, size, page) : untouched(bench, size, page);
  const { kernel } = bench.world;
  const held: PinnedPages[] = [];
  const pinning = bench.timed(
    (function* (): Task<void> {
      for (const [from, length] of calls(size, pages_per_call))
        held.push(granted(yield* kernel.gup.get(kernel.process, virtAddr(vma.start + from), length, taken)));
    })(),
  );
  const unpinning = bench.timed(
    (function* (): Task<void> {
      for (const pinned of held) yield* kernel.gup.put(pinned, dropped);
    })(),
  );
  const value = part === "both" ? pinning + unpinning : part === "pin" ? pinning : unpinning;
  return { value, leftOut };
}

/** Of a region that is longer, only so much is registered: each further page costs what those of the second half did. */
const REGION_SAMPLE = 2 ** 31;

/** A memory region for a network adapter: pinned, mapped, entered into its tables; and back. */
export function register(bench: Bench, { operation }: CaseOf<"register">): Outturn {
  const { device, size, page } = operation;
  const nic = bench.device(device);
  if (!bench.world.kernel.io.registers(nic))
    throw new Inexpressible(
      `registering memory with a ${nic.endpoint.role} is its own driver's work (hipHostRegister, cudaHostRegister), and not modelled`,
    );
  const half = REGION_SAMPLE / 2;
  const leftOut = ["the adapter: one table of costs for all"];
  if (size <= REGION_SAMPLE)
    return { value: bench.done(region(bench, operation, populated(bench, size, page))), leftOut };
  const [one, two] = [half, REGION_SAMPLE].map((length) =>
    bench.done(region(bench, operation, populated(bench, length, page))),
  );
  if (one === undefined || two === undefined) throw new Inexpressible("nothing was registered");
  return { value: one + ((two - one) * (size - half)) / half, leftOut };
}

/** What registering all of a mapping takes, in ns. */
function* region(bench: Bench, operation: CaseOf<"register">["operation"], vma: Vma): Task<number> {
  const { device, page, part, adapter = "hardware", dropped } = operation;
  const { kernel } = bench.world;
  const nic = bench.device(device);
  const began = bench.now;
  const pinned = granted(yield* kernel.gup.get(kernel.process, vma.start, vma.length));
  const mapping = granted(yield* kernel.dma.mapPages(nic, pinned.range, 0, vma.length));
  const refusal =
    adapter === "software"
      ? yield* kernel.io.registerSoft(pinned.range)
      : yield* kernel.io.register(nic, mapping, page);
  if (refusal) granted(refusal);
  const registered = bench.now;
  yield* kernel.dma.unmap(mapping);
  yield* kernel.gup.put(pinned, dropped);
  return nsOfTicks((part === "both" ? bench.now : registered) - began);
}
