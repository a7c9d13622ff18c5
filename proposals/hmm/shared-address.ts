import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PinnedPages } from "../../kernel/gup.ts";
import type { Refusal } from "../../kernel/refusal.ts";
import type { Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import type { Bytes } from "../../sim/units.ts";
import type { Access } from "../proposal.ts";
import type { DeviceMemory } from "./device-memory.ts";
import type { MigratingMemory } from "./migrating-memory.ts";

/** The address that CPU, GPU and importer all use, and what a transfer by way of it comes to. */
export class SharedAddress {
  readonly migrating: MigratingMemory;
  readonly memory: DeviceMemory;
  readonly vma: Vma;
  constructor(migrating: MigratingMemory, vma: Vma) {
    this.migrating = migrating;
    this.memory = migrating.memory;
    this.vma = vma;
  }

  /** One transfer of a foreign device: it is a touch of a CPU, held while it lasts; then the GPU touches what it wants back. */
  *transfer({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel } = this.memory;
    const { place } = this.migrating;
    if (place === undefined && kind === "write") {
      const failed = yield* this.use("out", length);
      if (failed !== "") return failed;
    }
    const pinned = yield* kernel.gup.get(kernel.process, this.vma.start, length);
    if (kernel.isRefusal(pinned)) return pinned;
    const answer = yield* this.#through(pinned, { kind, length });
    yield* kernel.gup.put(pinned);
    if (place) return (yield* this.migrating.moveIn(this.vma, length)) ?? answer;
    return answer === "" && kind === "read" ? yield* this.use("in", length) : answer;
  }

  *#through(pinned: PinnedPages, { kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel, importer } = this.memory;
    const mapping = yield* kernel.dma.mapPages(importer, pinned.range, 0, length);
    if (kernel.isRefusal(mapping)) return mapping;
    const answer = yield* kernel.io.transfer(importer, kind, mapping);
    yield* kernel.dma.unmap(mapping);
    return answer;
  }

  /** The GPU reads ("in") or writes pages in system memory that do not move to it, through its own page tables. */
  *use(direction: "in" | "out", length: Bytes): Task<"" | "EIO" | Refusal> {
    const { kernel, gpu, owner } = this.memory;
    const mapping = owner.of(this.vma) ?? (yield* this.#mirrorPages());
    if (kernel.isRefusal(mapping)) return mapping;
    return yield* gpu.copy(direction, kernel.dma.head(mapping, length));
  }

  /** A device fault that ends in the GPU's page tables: hmm_vma_fault, then the DMA API. */
  *#mirrorPages(): Task<DmaMapping | Refusal> {
    const { kernel, gpu, owner } = this.memory;
    const { vma } = this;
    const { length } = this.migrating;
    yield* kernel.cpu.run("cpu.device_fault", 1);
    const refusal = yield* kernel.process.faultIn(vma, vma.start, length);
    if (refusal) return refusal;
    const pages = kernel.process.pagesOf(vma, vma.start, length);
    const mapping = yield* kernel.dma.mapPages(gpu.device, pages, 0, length);
    if (!kernel.isRefusal(mapping)) owner.keep(vma, mapping);
    return mapping;
  }
}
