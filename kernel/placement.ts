import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import { addressOf } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { BarChunk } from "./bar-memory.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import type { Io } from "./io.ts";
import type { PageRange, Pages } from "./pages.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { SystemMemory } from "./system-memory.ts";

/** A device's buffer while its driver keeps it in system memory. */
export interface Placement {
  readonly owner: Device;
  readonly pages: PageRange;
  /** As the owner's engine sees it. */
  readonly forOwner: DmaMapping;
  readonly length: number;
}

/**
 * Buffers of devices in system memory, as TTM's GTT domain has them: a driver moves a buffer there with its device's own engine, and
 * the device goes on using it over its link. Linux 4.9's amdgpu pins every buffer there that another driver imports
 * (amdgpu_gem_prime_pin, AMDGPU_GEM_DOMAIN_GTT).
 */
export class Placements {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #dma: DmaApi;
  readonly #io: Io;
  readonly #memory: SystemMemory;
  readonly #pages: Pages;

  constructor(awaited: Awaited, clock: Clock, dma: DmaApi, io: Io, memory: SystemMemory, pages: Pages) {
    this.#awaited = awaited;
    this.#clock = clock;
    this.#dma = dma;
    this.#io = io;
    this.#memory = memory;
    this.#pages = pages;
  }

  /** Moves a buffer out, whatever it holds: pinned pages, mapped for the owner, filled by its engine. */
  moveOut(chunk: BarChunk): Task<Placement | Refusal> {
    return this.#awaited.call(this.#moveOut(chunk));
  }

  *#moveOut({ device, length }: BarChunk): Task<Placement | Refusal> {
    this.#awaited.begin();
    const pages = this.#memory.alloc(device.socket, length);
    if (pages === undefined)
      return refuse({
        errno: "ENOMEM",
        who: device.endpoint.role,
        whom: device.name,
        why: "no system memory for a buffer that must leave the device",
        remedy: "lower the queue depth",
      });
    this.#clock.observe(pages.first);
    this.#pages.get(pages);
    const forOwner = yield* this.#dma.mapPages(device, pages, 0, length);
    if (isRefusal(forOwner)) {
      this.#unpin(device, pages);
      return forOwner;
    }
    const placement: Placement = { owner: device, pages, forOwner, length };
    const answer = yield* this.store(placement, length);
    if (answer === "") return placement;
    yield* this.drop(placement);
    if (answer !== "EIO") return answer;
    return refuse({
      errno: "EIO",
      who: device.endpoint.role,
      whom: device.name,
      why: "its engine could not move the buffer",
      remedy: "look at the fault that the device reported",
    });
  }

  /** Addresses for an importer. It is told of a dma-buf: that there are pages behind it is the owner's affair. */
  map({ pages }: Placement, importer: Device, length: number): Task<DmaMapping | Refusal> {
    return this.#dma.mapPhysical(importer, addressOf(pages.first), length, "dma-buf");
  }

  /** The owner writes `length` bytes there: what it has computed since. */
  store({ owner, forOwner }: Placement, length: number): Task<"" | "EIO" | Refusal> {
    return this.#io.transfer(owner, "read", this.#dma.head(forOwner, length));
  }

  /** The owner takes `length` bytes from there into its own memory. */
  fetch({ owner, forOwner }: Placement, length: number): Task<"" | "EIO" | Refusal> {
    return this.#io.transfer(owner, "write", this.#dma.head(forOwner, length));
  }

  /** Gives the system memory back. */
  drop(placement: Placement): Task<void> {
    return this.#awaited.call(this.#drop(placement));
  }

  *#drop({ owner, pages, forOwner }: Placement): Task<void> {
    this.#awaited.begin();
    yield* this.#dma.unmap(forOwner);
    this.#unpin(owner, pages);
  }

  #unpin(owner: Device, pages: PageRange): void {
    this.#pages.put(pages);
    this.#memory.free(owner.socket, pages);
  }
}
