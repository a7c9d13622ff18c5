import type { PinnedPages } from "../../kernel/gup.ts";
import { PinContention } from "../../kernel/pin-contention.ts";
import type { Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import { nsOfTicks, PAGE_BYTES, virtAddr } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible } from "./bench.ts";
import type { CaseOf } from "./prediction.ts";
import { calls, populated } from "./process-memory.ts";

/** Calls of each thread that are run. What recurs need not be repeated: the rest goes on at the pace of the second half. */
const SAMPLE = 256;

/** What one of several threads takes, in the mean: pinning while all of them do, unpinning when it is done. */
export function pinTogether(bench: Bench, { operation }: CaseOf<"pin">): number {
  const { size, page, threads, cores = threads, pages_per_call, memory, marked = "once", part, touched } = operation;
  if (touched === false)
    throw new Inexpressible("several threads that touch pages for the first time: no lock of the process is modelled");
  if (threads > 2 * cores) throw new Inexpressible(`${threads} threads on ${cores} cores: a core has two threads`);
  const { clock, kernel } = bench.world;
  const perCall = (pages_per_call ?? page / PAGE_BYTES) * PAGE_BYTES;
  const sampled = Math.ceil(Math.min(size, SAMPLE * perCall) / page) * page;
  const one = populated(bench, sampled, page);
  kernel.cpu.bringUp(threads, cores);
  const written = { marks: marked === "at each call", counts: memory === "of all threads" };
  if (written.marks || written.counts) kernel.gup.contend(new PinContention(clock, bench.parameters, written));
  const takings: Taking[] = [];
  for (let job = 0; job < threads; job += 1) {
    const vma = memory === "of all threads" || job === 0 ? one : populated(bench, sampled, page);
    const taking: Taking = { pinning: [], unpinning: [] };
    takings.push(taking);
    clock.spawn(`thread ${job}`, thread(bench, operation, vma, taking), [job], job);
  }
  clock.run();
  const share = size / sampled;
  return mean(
    takings.map(({ pinning, unpinning }) => {
      const [pinned, unpinned] = [pace(pinning) * share, pace(unpinning) * share];
      return part === "both" ? pinned + unpinned : part === "pin" ? pinned : unpinned;
    }),
  );
}

/** What each call took, in ns. */
interface Taking {
  readonly pinning: number[];
  readonly unpinning: number[];
}

function* thread(
  bench: Bench,
  { pages_per_call, taken, dropped, page }: CaseOf<"pin">["operation"],
  vma: Vma,
  taking: Taking,
): Task<void> {
  const { kernel } = bench.world;
  const held: PinnedPages[] = [];
  for (const [from, length] of calls(vma.length, pages_per_call ?? page / PAGE_BYTES)) {
    const began = bench.now;
    held.push(granted(yield* kernel.gup.get(kernel.process, virtAddr(vma.start + from), length, taken)));
    taking.pinning.push(nsOfTicks(bench.now - began));
  }
  for (const pinned of held) {
    const began = bench.now;
    yield* kernel.gup.put(pinned, dropped);
    taking.unpinning.push(nsOfTicks(bench.now - began));
  }
  kernel.cpu.leave();
}

/** What all calls take at the pace of the second half of them. */
const pace = (each: readonly number[]): number => mean(each.slice(Math.floor(each.length / 2))) * each.length;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
