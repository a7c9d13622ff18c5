import type { Bar } from "../fabric/topology.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type BusAddr, type Bytes, busAddr, type PhysAddr, physAddr } from "../sim/units.ts";
import type { Device } from "./device.ts";
import { Recycler } from "./recycler.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** A piece of a device's memory that its BAR reaches. */
export interface BarChunk {
  readonly device: Device;
  /** As the CPU sees it; host bridges add no offset in this model. */
  readonly physical: PhysAddr;
  readonly length: Bytes;
}

/** The memory behind a BAR, in the keeping of the device's driver: a GPU's, or the frame store of a capture card. */
export class BarMemory implements Recurrent {
  readonly device: Device;
  readonly aperture: Bar;
  readonly #clock: Clock;
  readonly #free: Recycler;
  readonly #granule: number;
  /** References beyond the first, by address: kref of the driver's buffer objects. */
  readonly #shared = new Map<number, number>();

  constructor(device: Device, aperture: Bar, clock: Clock, granule: number) {
    this.device = device;
    this.aperture = aperture;
    this.#clock = clock;
    this.#granule = granule;
    this.#free = new Recycler(aperture.base, aperture.base + aperture.size);
  }

  alloc(length: Bytes): BarChunk | Refusal {
    const size = Math.ceil(length / this.#granule) * this.#granule;
    const physical = this.#free.take(size, this.#granule);
    if (physical === undefined)
      return refuse({
        errno: "ENOSPC",
        who: this.device.endpoint.role,
        whom: this.device.name,
        why: `its BAR of ${this.aperture.size} bytes has no ${size} bytes left`,
        remedy: "fewer or smaller requests at a time, or a resizable BAR",
      });
    this.#clock.observe(physical);
    return { device: this.device, physical: physAddr(physical), length };
  }

  /** Where its BAR shows the piece on the bus: what the device's own driver knows, and no IOMMU. */
  onTheBus({ physical }: BarChunk): BusAddr {
    return busAddr(physical);
  }

  /** Another reference: a handle to the piece that outlives whoever allocated it. */
  get({ physical }: BarChunk): void {
    this.#shared.set(physical, (this.#shared.get(physical) ?? 0) + 1);
  }

  /** Drops a reference; the last one gives the piece back. */
  free({ physical, length }: BarChunk): void {
    const others = this.#shared.get(physical) ?? 0;
    if (others > 1) this.#shared.set(physical, others - 1);
    else if (!this.#shared.delete(physical)) this.#giveBack(physical, length);
  }

  #giveBack(physical: PhysAddr, length: Bytes): void {
    this.#free.give(physical, Math.ceil(length / this.#granule) * this.#granule);
  }

  writeState(out: StateWriter): void {
    this.#free.writeState(out);
    for (const [physical, others] of this.#shared) {
      out.put(physical);
      out.put(others);
    }
  }
}
