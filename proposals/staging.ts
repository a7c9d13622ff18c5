import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { GpuDriver } from "../kernel/gpu-driver.ts";
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
    const driver = this.kernel.gpu(exporter);
    if (driver === undefined)
      return this.kernel.refuse({
        errno: "ENODEV",
        who: "staging",
        whom: exporter.name,
        why: "it has no copy engine",
        remedy: "stage for a GPU",
      });
    return new BouncePool(this, driver, importer);
  }
}

class BouncePool implements Provider {
  readonly staging: Staging;
  readonly driver: GpuDriver;
  readonly importer: Device;
  constructor(staging: Staging, driver: GpuDriver, importer: Device) {
    this.staging = staging;
    this.driver = driver;
    this.importer = importer;
  }

  /**
   * Two buffers of the size of the importer's largest request, pinned and mapped for both devices for good. Of the GPU's memory any
   * will do: its own engine reaches all of it, through no BAR.
   */
  *alloc(length: Bytes): Task<Region | Refusal> {
    const { kernel } = this.staging;
    const size = Math.min(length, kernel.block.maxTransfer(this.importer));
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
    const forStorage = yield* kernel.dma.mapPages(this.importer, pages, 0, size);
    if (kernel.isRefusal(forStorage)) {
      this.#unpin(pages);
      return forStorage;
    }
    const forGpu = yield* kernel.dma.mapPages(this.driver.device, pages, 0, size);
    if (kernel.isRefusal(forGpu)) {
      yield* kernel.dma.unmap(forStorage);
      this.#unpin(pages);
      return forGpu;
    }
    return { pages, forStorage, forGpu };
  }

  *give({ pages, forStorage, forGpu }: Bounce): Task<void> {
    const { kernel } = this.staging;
    yield* kernel.dma.unmap(forStorage);
    yield* kernel.dma.unmap(forGpu);
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
  readonly forStorage: DmaMapping;
  readonly forGpu: DmaMapping;
}

/** GPU memory is never exposed: everything between the verbs that would is empty, and the work is in `access`. */
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

  /** The buffer that the n-th piece of a request uses: they alternate. */
  bounce(piece: number): Bounce {
    return piece % 2 === 0 ? this.first : this.second;
  }
}

/** O_DIRECT into one buffer while the GPU's engine empties the other. */
class PipelinedCopy implements Mapping {
  readonly buffers: Buffers;
  constructor(buffers: Buffers) {
    this.buffers = buffers;
  }

  *access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    yield* this.buffers.pool.staging.kernel.cpu.run("cpu.syscall", 1);
    return kind === "read" ? yield* this.#read(length) : yield* this.#write(length);
  }

  *#read(length: number): Task<"" | "EIO" | Refusal> {
    const { pool, size } = this.buffers;
    const { kernel } = pool.staging;
    const pieces = Math.ceil(length / size);
    const sizeOf = (piece: number): number => Math.min(size, length - piece * size);
    let filling = yield* kernel.block.submit(
      pool.importer,
      "read",
      kernel.dma.head(this.buffers.bounce(0).forStorage, sizeOf(0)),
    );
    let error: "" | "EIO" = "";
    for (let piece = 0; piece < pieces; piece += 1) {
      if (kernel.isRefusal(filling)) return filling;
      error = (yield* filling.wait()) || error;
      const next = piece + 1;
      if (next < pieces)
        filling = yield* kernel.block.submit(
          pool.importer,
          "read",
          kernel.dma.head(this.buffers.bounce(next).forStorage, sizeOf(next)),
        );
      error =
        (yield* pool.driver.copy("in", kernel.dma.head(this.buffers.bounce(piece).forGpu, sizeOf(piece)))) || error;
    }
    return error;
  }

  *#write(length: number): Task<"" | "EIO" | Refusal> {
    const { pool, size } = this.buffers;
    const { kernel } = pool.staging;
    let error: "" | "EIO" = "";
    let storing: Pending | undefined;
    for (let done = 0, piece = 0; done < length; done += size, piece += 1) {
      const bounce = this.buffers.bounce(piece);
      const part = Math.min(size, length - done);
      error = (yield* pool.driver.copy("out", kernel.dma.head(bounce.forGpu, part))) || error;
      if (storing) error = (yield* storing.wait()) || error;
      const stored = yield* kernel.block.submit(pool.importer, "write", kernel.dma.head(bounce.forStorage, part));
      if (kernel.isRefusal(stored)) return stored;
      storing = stored;
    }
    if (storing) error = (yield* storing.wait()) || error;
    return error;
  }

  *unmap(): Task<void> {}
}

/** read(2) into pageable memory, then the CPU copies into a pinned buffer from which the engine copies; and back for write(2). */
class NaiveCopy implements Mapping {
  readonly buffers: Buffers;
  constructor(buffers: Buffers) {
    this.buffers = buffers;
  }

  *access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { pool } = this.buffers;
    const { pageCache } = pool.staging.kernel;
    if (kind === "write") {
      const copied = yield* this.#throughBounce("out", length);
      return (yield* pageCache.write(pool.importer, length)) || copied;
    }
    const read = yield* pageCache.read(pool.importer, length);
    return read === "" ? yield* this.#throughBounce("in", length) : read;
  }

  *#throughBounce(direction: "in" | "out", length: number): Task<"" | "EIO"> {
    const { pool, size, first } = this.buffers;
    const { kernel } = pool.staging;
    let error: "" | "EIO" = "";
    for (let done = 0; done < length; done += size) {
      const part = Math.min(size, length - done);
      if (direction === "in") yield* kernel.copy.run(part);
      error = (yield* pool.driver.copy(direction, kernel.dma.head(first.forGpu, part))) || error;
      if (direction === "out") yield* kernel.copy.run(part);
    }
    return error;
  }

  *unmap(): Task<void> {}
}
