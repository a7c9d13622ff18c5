import type { BarChunk } from "../../kernel/bar-memory.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PinnedPages } from "../../kernel/gup.ts";
import type { Mirror } from "../../kernel/mirror.ts";
import type { Refusal } from "../../kernel/refusal.ts";
import type { Task } from "../../sim/activity.ts";
import type { Access, Mapping } from "../proposal.ts";
import type { SharedAddress } from "./shared-address.ts";

/** Nothing is kept between transfers: each migrates there and back. */
export class Transfers implements Mapping {
  readonly shared: SharedAddress;
  constructor(shared: SharedAddress) {
    this.shared = shared;
  }

  access(access: Access): Task<"" | "EIO" | Refusal> {
    return this.shared.transfer(access);
  }
  *unmap(): Task<void> {}
}

/** Pinned in system memory for as long as it is registered; the GPU reaches it there. */
export class Registered implements Mapping {
  readonly shared: SharedAddress;
  readonly pinned: PinnedPages;
  readonly mapping: DmaMapping;
  constructor(shared: SharedAddress, pinned: PinnedPages, mapping: DmaMapping) {
    this.shared = shared;
    this.pinned = pinned;
    this.mapping = mapping;
  }

  *access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel, importer } = this.shared.memory;
    const transfer = (): Task<"" | "EIO" | Refusal> =>
      kernel.io.transfer(importer, kind, kernel.dma.head(this.mapping, length));
    const first = kind === "read" ? yield* transfer() : yield* this.shared.use("out", length);
    if (first !== "") return first;
    return kind === "read" ? yield* this.shared.use("in", length) : yield* transfer();
  }

  *unmap(): Task<void> {
    const { memory, migrating, vma } = this.shared;
    yield* memory.kernel.dma.unmap(this.mapping);
    yield* memory.kernel.gup.put(this.pinned);
    if (migrating.place) yield* migrating.moveIn(vma, migrating.length);
  }
}

/** A window of the GPU's BAR onto the pages, mapped for an importer that mirrors the process, until the notifier takes it away. */
export class Window implements Mapping {
  readonly shared: SharedAddress;
  readonly place: BarChunk;
  readonly mirror: Mirror;
  constructor(shared: SharedAddress, place: BarChunk, mirror: Mirror) {
    this.shared = shared;
    this.place = place;
    this.mirror = mirror;
  }

  /** The importer faults: the pages' owner says where its BAR shows them, and the DMA API maps that as it maps any resource. */
  *open(): Task<DmaMapping | Refusal> {
    const { kernel, importer } = this.shared.memory;
    const { physical, length } = this.place;
    yield* kernel.cpu.run("cpu.device_fault", 1);
    const mapping = yield* kernel.dma.mapPhysical(importer, physical, length, "resource");
    if (kernel.isRefusal(mapping)) return mapping;
    const refusal = yield* kernel.io.register(importer, mapping);
    if (refusal === undefined) this.mirror.keep(this.shared.vma, mapping);
    else yield* kernel.dma.unmap(mapping);
    return refusal ?? mapping;
  }

  /** Where a notifier took the window away because the pages moved, the transfer goes as everybody's does, and brings them back. */
  *access(access: Access): Task<"" | "EIO" | Refusal> {
    const { vma, migrating, memory } = this.shared;
    const { kernel, importer } = memory;
    const moved = kernel.process.present(vma, 0, migrating.pages.count);
    if (moved) return yield* this.shared.transfer(access);
    const mapping = this.mirror.of(vma) ?? (yield* this.open());
    if (kernel.isRefusal(mapping)) return mapping;
    this.mirror.inFlight.add(1);
    const answer = yield* kernel.io.transfer(importer, access.kind, kernel.dma.head(mapping, access.length));
    this.mirror.inFlight.finish(1);
    return answer;
  }

  unmap(): Task<void> {
    return this.mirror.invalidate(this.shared.vma);
  }
}
