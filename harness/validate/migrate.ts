import type { Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import { PAGE_BYTES } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible } from "./bench.ts";
import { longTime } from "./long.ts";
import type { CaseOf, Outturn } from "./prediction.ts";
import { populated } from "./process-memory.ts";

/** Of more, each further page costs what those of the second half did; two of the largest pages fit. */
const LONGEST = 2 ** 31;

/** Pages of a process change place: by the CPU to another node, or by the engine of a device that faulted on them. */
export function migrate(bench: Bench, subject: CaseOf<"migrate">): Outturn {
  const { size, page, by } = subject.operation;
  const value = longTime(size, LONGEST, (length) => {
    const vma = populated(bench, length, page);
    return bench.timed(by === "device fault" ? faulted(bench, subject, vma) : movePages(bench, vma));
  });
  const whose = by === "device fault" ? "the driver" : "the processor";
  return { value, leftOut: [`${whose}: one table of costs for all`] };
}

/** move_pages(2): every CPU gives back the pages that it holds in batches; then each page is unmapped, copied to the other socket and entered anew. */
function* movePages(bench: Bench, vma: Vma): Task<void> {
  const { kernel } = bench.world;
  yield* kernel.cpu.run("cpu.syscall", 1);
  // migrate_prep: pages in the CPUs' own batches could not be isolated.
  yield* kernel.cpu.run("cpu.work_on_each", bench.parameters.amount("host.cpus"));
  const count = vma.length / PAGE_BYTES;
  const unmapped = granted(yield* kernel.migration.unmap(kernel.process, vma, 0, count));
  yield* kernel.copy.runRemote(vma.length);
  yield* kernel.migration.finish(unmapped);
}

/** Batch by batch: the fault, then pages out of the process and into the device. */
function* faulted(bench: Bench, { operation }: CaseOf<"migrate">, vma: Vma): Task<void> {
  const { kernel } = bench.world;
  const device = bench.device(operation.device ?? "");
  const gpu = kernel.gpu(device);
  if (gpu === undefined) throw new Inexpressible(`${device.name} faults on no pages`);
  const pages = kernel.process.pagesOf(vma, vma.start, vma.length);
  const batch = Math.max(operation.batch ?? gpu.faultBatch, vma.page / PAGE_BYTES);
  if ((batch * PAGE_BYTES) % vma.page !== 0)
    throw new Inexpressible(`${batch} pages of ${PAGE_BYTES} B are no whole number of pages of ${vma.page} B`);
  for (let from = 0; from < pages.count; from += batch) {
    const to = Math.min(pages.count, from + batch);
    yield* kernel.cpu.run("cpu.device_fault", 1);
    const unmapped = granted(yield* kernel.migration.unmap(kernel.process, vma, from, to));
    const part = kernel.pages.part(pages, from, to);
    const mapping = granted(yield* kernel.dma.mapPages(device, part, 0, part.count * PAGE_BYTES));
    yield* gpu.copy("in", mapping);
    yield* kernel.dma.unmap(mapping);
    yield* kernel.migration.finish(unmapped);
  }
}
