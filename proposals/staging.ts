import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { PageRange } from "../kernel/pages.ts";
import type { Pending } from "../kernel/pending.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";
import type {
  Access,
  Exposed,
  Form,
  Import,
  Mapping,
  Mechanism,
  Parties,
  Proposal,
  Provider,
  Region,
} from "./proposal.ts";

/**
 * The control of the experiment: the data goes through system memory, in two legs. `pipelined` is how it is done well, and the form
 * that every win counts against; `naive` is what read(2) and a copy from pageable memory do.
 */
export const staging: Proposal = {
  contract: 1,
  name: "staging",
  title: "Staging through system memory (the control)",
  forms: { pipelined: form((buffers) => new PipelinedCopy(buffers)), naive: form((buffers) => new NaiveCopy(buffers)) },
};

function form(copy: (buffers: Buffers) => Mapping): Form {
  return {
    provenance: "control",
    sources: ["the practice that the November 2016 post wants to replace"],
    stateless: true,
    install: (kernel) => new Staging(kernel, copy),
  };
}

class Staging implements Mechanism {
  readonly kernel: Kernel;
  readonly copy: (buffers: Buffers) => Mapping;
  constructor(kernel: Kernel, copy: (buffers: Buffers) => Mapping) {
    this.kernel = kernel;
    this.copy = copy;
  }

  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    if (this.kernel.memoryBehind(exporter) === undefined)
      return this.kernel.refuse({
        errno: "ENODEV",
        who: "staging",
        whom: exporter.name,
        why: "it has no memory of its own to stage for",
        remedy: "stage for a GPU or a capture card with a frame store",
      });
    return new BouncePool(this, exporter, importer);
  }
}

class BouncePool implements Provider {
  readonly staging: Staging;
  readonly exporter: Device;
  readonly importer: Device;
  constructor(staging: Staging, exporter: Device, importer: Device) {
    this.staging = staging;
    this.exporter = exporter;
    this.importer = importer;
  }

  /**
   * Two buffers of the size of one piece, pinned and mapped for both devices for good. Of the exporter's memory any will do: its own
   * engine reaches all of it, through no BAR.
   */
  *alloc(length: Bytes): Task<Region | Refusal> {
    const { kernel } = this.staging;
    const size = Math.min(length, kernel.io.bounceSize(this.importer), kernel.io.bounceSize(this.exporter));
    const first = yield* this.#buffer(size);
    if (kernel.isRefusal(first)) return first;
    const second = yield* this.#buffer(size);
    if (kernel.isRefusal(second)) {
      yield* this.give(first);
      return second;
    }
    return new Buffers(this, first, second, size);
  }

  *#buffer(size: number): Task<Bounce | Refusal> {
    const { kernel } = this.staging;
    const pages = kernel.memory.alloc(this.importer.socket, size);
    if (pages === undefined)
      return kernel.refuse({
        errno: "ENOMEM",
        who: "staging",
        whom: this.importer.name,
        why: "no memory for a bounce buffer",
        remedy: "lower the queue depth",
      });
    kernel.pages.get(pages);
    const forImporter = yield* kernel.dma.mapPages(this.importer, pages, 0, size);
    if (kernel.isRefusal(forImporter)) {
      this.#unpin(pages);
      return forImporter;
    }
    const forExporter = yield* kernel.dma.mapPages(this.exporter, pages, 0, size);
    if (kernel.isRefusal(forExporter)) {
      yield* kernel.dma.unmap(forImporter);
      this.#unpin(pages);
      return forExporter;
    }
    return { pages, forImporter, forExporter };
  }

  *give({ pages, forImporter, forExporter }: Bounce): Task<void> {
    const { kernel } = this.staging;
    yield* kernel.dma.unmap(forImporter);
    yield* kernel.dma.unmap(forExporter);
    this.#unpin(pages);
  }

  #unpin(pages: PageRange): void {
    const { kernel } = this.staging;
    kernel.pages.put(pages);
    kernel.memory.free(this.importer.socket, pages);
  }

  *withdraw(): Task<void> {}
}

/** A buffer in system memory, mapped once for each of the two devices. */
interface Bounce {
  readonly pages: PageRange;
  readonly forImporter: DmaMapping;
  readonly forExporter: DmaMapping;
}

/** The exporter's memory is never exposed: everything between the verbs that would is empty, and the work is in `access`. */
class Buffers implements Region, Exposed, Import {
  readonly pool: BouncePool;
  readonly first: Bounce;
  readonly second: Bounce;
  readonly size: number;
  constructor(pool: BouncePool, first: Bounce, second: Bounce, size: number) {
    this.pool = pool;
    this.first = first;
    this.second = second;
    this.size = size;
  }

  *expose(): Task<Exposed> {
    return this;
  }
  *resolve(): Task<Import> {
    return this;
  }
  *map(): Task<Mapping> {
    return this.pool.staging.copy(this);
  }
  *release(): Task<void> {}
  *retract(): Task<void> {}

  *free(): Task<void> {
    for (const bounce of [this.first, this.second]) yield* this.pool.give(bounce);
  }

  /** The buffer that the n-th piece of a request uses, as a device sees it: they alternate. */
  bounceFor(device: Device, piece: number): DmaMapping {
    const bounce = piece % 2 === 0 ? this.first : this.second;
    return device === this.pool.importer ? bounce.forImporter : bounce.forExporter;
  }
}

/** One device fills a buffer while the other empties the other one. */
class PipelinedCopy implements Mapping {
  readonly buffers: Buffers;
  constructor(buffers: Buffers) {
    this.buffers = buffers;
  }

  *access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { pool, size } = this.buffers;
    const { kernel } = pool.staging;
    yield* kernel.cpu.run("cpu.syscall", 1);
    const { source, sink } = legs(pool, kind);
    const pieces = Math.ceil(length / size);
    const sizeOf = (piece: number): number => Math.min(size, length - piece * size);
    const fill = (piece: number): Task<Pending | Refusal> =>
      kernel.io.submit(source, "read", kernel.dma.head(this.buffers.bounceFor(source, piece), sizeOf(piece)));
    let filling = yield* fill(0);
    let error: "" | "EIO" = "";
    for (let piece = 0; piece < pieces; piece += 1) {
      if (kernel.isRefusal(filling)) return filling;
      error = (yield* filling.wait()) || error;
      if (piece + 1 < pieces) filling = yield* fill(piece + 1);
      const drained = kernel.dma.head(this.buffers.bounceFor(sink, piece), sizeOf(piece));
      yield* kernel.io.handOver(source, sink);
      const answer = yield* kernel.io.transfer(sink, "write", drained);
      if (typeof answer === "object") return answer;
      error = answer || error;
    }
    return error;
  }

  *unmap(): Task<void> {}
}

/**
 * Through pageable memory: what a device delivers is copied by the CPU from the kernel's buffer to the program's, and what a device
 * takes from the program's to the kernel's. For a drive those buffers are the page cache.
 */
class NaiveCopy implements Mapping {
  readonly buffers: Buffers;
  constructor(buffers: Buffers) {
    this.buffers = buffers;
  }

  *access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { source, sink } = legs(this.buffers.pool, kind);
    const delivered = yield* this.#deliver(source, length);
    return delivered === "" ? yield* this.#take(sink, length) : delivered;
  }

  *#deliver(source: Device, length: number): Task<"" | "EIO" | Refusal> {
    const { kernel } = this.buffers.pool.staging;
    if (kernel.io.isStorage(source)) return yield* kernel.pageCache.read(source, length);
    for (let done = 0; done < length; done += this.buffers.size) {
      const part = Math.min(this.buffers.size, length - done);
      const bounce = kernel.dma.head(this.buffers.bounceFor(source, 0), part);
      const answer = yield* kernel.io.transfer(source, "read", bounce);
      if (answer !== "") return answer;
      yield* kernel.copy.run(part);
    }
    return "";
  }

  *#take(sink: Device, length: number): Task<"" | "EIO" | Refusal> {
    const { kernel } = this.buffers.pool.staging;
    if (kernel.io.isStorage(sink)) return yield* kernel.pageCache.write(sink, length);
    for (let done = 0; done < length; done += this.buffers.size) {
      const part = Math.min(this.buffers.size, length - done);
      yield* kernel.copy.run(part);
      const bounce = kernel.dma.head(this.buffers.bounceFor(sink, 0), part);
      const answer = yield* kernel.io.transfer(sink, "write", bounce);
      if (answer !== "") return answer;
    }
    return "";
  }

  *unmap(): Task<void> {}
}

/** Whose medium the data comes from, and whose it goes to. */
const legs = (
  { importer, exporter }: BouncePool,
  kind: Access["kind"],
): { readonly source: Device; readonly sink: Device } =>
  kind === "read" ? { source: importer, sink: exporter } : { source: exporter, sink: importer };
