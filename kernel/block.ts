import type { Task } from "../sim/activity.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaMapping } from "./dma-api.ts";
import type { NvmeDriver, PendingIo } from "./nvme-driver.ts";
import type { Pending } from "./pending.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import { blockSubsystem, type Subsystem } from "./subsystem.ts";

/**
 * The block layer of Linux 4.9. A bio carries struct pages (bio_vec): what has none cannot pass. It never asks whether the device can
 * reach the pages.
 */
export class BlockLayer {
  readonly subsystem: Subsystem = blockSubsystem();
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #drivers: ReadonlyMap<string, NvmeDriver>;

  constructor(awaited: Awaited, cpu: Cpu, drivers: ReadonlyMap<string, NvmeDriver>) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#drivers = drivers;
  }

  /** The largest request that a device takes, in bytes; 0 where no block driver is bound to it. */
  maxTransfer(device: Device): number {
    return this.#drivers.get(device.name)?.maxTransfer ?? 0;
  }

  /** From now on completions of a device's queue are polled for. */
  poll(device: Device): void {
    this.#drivers.get(device.name)?.poll();
  }

  /** submit_bio: `read` fills the mapping from the device, `write` stores it. What it answers waits for the bio. */
  submit(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<Pending | Refusal> {
    return this.#awaited.call(this.#submit(device, kind, mapping));
  }

  *#submit(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<Pending | Refusal> {
    this.#awaited.begin();
    const driver = this.#drivers.get(device.name);
    if (driver === undefined) return noDriver(device);
    const refusal = this.subsystem.refusal(device, mapping);
    if (refusal) return refusal;
    yield* this.#cpu.run("cpu.bio_submit", 1);
    return new PendingBio(this, driver, yield* driver.issue(kind, mapping));
  }

  /** Waits for a bio: "" or an error. */
  wait({ driver, io }: PendingBio): Task<"" | "EIO"> {
    return this.#awaited.call(this.#wait(driver, io));
  }

  *#wait(driver: NvmeDriver, io: PendingIo): Task<"" | "EIO"> {
    this.#awaited.begin();
    const error = yield* driver.wait(io);
    yield* this.#cpu.run("cpu.bio_complete", 1);
    return error;
  }

  /** Submits and waits. */
  transfer(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<"" | "EIO" | Refusal> {
    return this.#awaited.call(this.#transfer(device, kind, mapping));
  }

  /** Submits several under one plug, so that one doorbell tells of all, and waits for all. */
  transferAll(device: Device, kind: "read" | "write", mappings: readonly DmaMapping[]): Task<"" | "EIO" | Refusal> {
    return this.#awaited.call(this.#transferAll(device, kind, mappings));
  }

  *#transferAll(device: Device, kind: "read" | "write", mappings: readonly DmaMapping[]): Task<"" | "EIO" | Refusal> {
    this.#awaited.begin();
    const driver = this.#drivers.get(device.name);
    if (driver === undefined) return noDriver(device);
    for (const mapping of mappings) {
      const refusal = this.subsystem.refusal(device, mapping);
      if (refusal) return refusal;
    }
    yield* this.#cpu.run("cpu.bio_submit", mappings.length);
    const error = yield* driver.wait(yield* driver.issueAll(kind, mappings));
    yield* this.#cpu.run("cpu.bio_complete", mappings.length);
    return error;
  }

  *#transfer(device: Device, kind: "read" | "write", mapping: DmaMapping): Task<"" | "EIO" | Refusal> {
    this.#awaited.begin();
    const pending = yield* this.submit(device, kind, mapping);
    if (isRefusal(pending)) return pending;
    return yield* pending.wait();
  }
}

/** A bio submitted and not yet waited for. */
class PendingBio implements Pending {
  readonly layer: BlockLayer;
  readonly driver: NvmeDriver;
  readonly io: PendingIo;
  constructor(layer: BlockLayer, driver: NvmeDriver, io: PendingIo) {
    this.layer = layer;
    this.driver = driver;
    this.io = io;
  }
  wait(): Task<"" | "EIO"> {
    return this.layer.wait(this);
  }
}

const noDriver = ({ name }: Device): Refusal =>
  refuse({
    errno: "ENODEV",
    who: "block",
    whom: name,
    why: "no block driver is bound to it",
    remedy: "name an NVMe device as the storage",
  });
