import type { Task } from "../sim/activity.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaApi } from "./dma-api.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Which driver a PCI function is bound to: one at a time, and it has the whole function. */
export class DriverCore implements Recurrent {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #bound = new Map<string, string>();

  constructor(awaited: Awaited, cpu: Cpu, dma: DmaApi) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#dma = dma;
  }

  /** The driver that a function is bound to. */
  driverOf(device: Device): string | undefined {
    return this.#bound.get(device.name);
  }

  /** Notes that the kernel's own driver was bound, or is gone. */
  note(device: Device, driver: string | undefined): void {
    if (driver === undefined) this.#bound.delete(device.name);
    else this.#bound.set(device.name, driver);
  }

  /** Binds a driver that a patch brings: probe. */
  claim(device: Device, driver: string): Task<Refusal | undefined> {
    return this.#awaited.call(this.#claim(device, driver));
  }

  *#claim(device: Device, driver: string): Task<Refusal | undefined> {
    this.#awaited.begin();
    const other = this.driverOf(device);
    if (other !== undefined)
      return refuse({
        errno: "EBUSY",
        who: "PCI driver core",
        whom: device.name,
        why: `its own driver (${other}) is bound, and ${driver} claims the whole function`,
        remedy: `unbind ${other}: the device is then nothing but what ${driver} makes of it`,
      });
    yield* this.#cpu.run("cpu.driver_bind", 1);
    this.#dma.attach(device);
    this.#bound.set(device.name, driver);
    return undefined;
  }

  /** Unbinds it: remove. */
  unclaim(device: Device): Task<void> {
    return this.#awaited.call(this.#unclaim(device));
  }

  *#unclaim(device: Device): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.driver_bind", 1);
    this.#dma.detach(device);
    this.#bound.delete(device.name);
  }

  writeState(out: StateWriter): void {
    out.put(this.#bound.size);
  }
}
