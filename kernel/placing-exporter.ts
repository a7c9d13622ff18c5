import type { Task } from "../sim/activity.ts";
import type { BarMemory } from "./bar-memory.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import type { DmaBuf, DmaBufAttachment, DmaBufOps } from "./dma-buf.ts";
import type { Pci } from "./pci.ts";
import type { Placements } from "./placement.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";

/**
 * A driver that exports what is in its device's memory and decides at attach where the buffer will be: static importers cannot be asked
 * to let go. Linux 4.9's amdgpu moves it to system memory for every importer; this one asks first whether the importer reaches it.
 */
export class PlacingExporter implements DmaBufOps {
  readonly #dma: DmaApi;
  readonly #pci: Pci;
  readonly #placements: Placements;
  readonly #memory: BarMemory;

  constructor(dma: DmaApi, pci: Pci, placements: Placements, memory: BarMemory) {
    this.#dma = dma;
    this.#pci = pci;
    this.#placements = placements;
    this.#memory = memory;
  }

  *attach(attachment: DmaBufAttachment): Task<Refusal | undefined> {
    const { buffer, importer } = attachment;
    if (buffer.chunk === undefined || (yield* this.#isReachedBy(importer, buffer.exporter))) return undefined;
    const placement = yield* this.#placements.moveOut(buffer.chunk);
    if (isRefusal(placement)) return placement;
    attachment.placement = placement;
    return undefined;
  }

  *detach({ placement }: DmaBufAttachment): Task<void> {
    if (placement) yield* this.#placements.drop(placement);
  }

  *map({ buffer, importer, placement }: DmaBufAttachment): Task<DmaMapping | Refusal> {
    if (placement) return yield* this.#placements.map(placement, importer, buffer.size);
    const address = buffer.chunk?.physical;
    if (address !== undefined) return yield* this.#dma.mapPhysical(importer, address, buffer.size, "dma-buf");
    return refuse({
      errno: "EINVAL",
      who: buffer.exporter.endpoint.role,
      whom: importer.name,
      why: "the buffer has no memory",
      remedy: "export memory of the device",
    });
  }

  unmap(_attachment: DmaBufAttachment, mapping: DmaMapping): Task<void> {
    return this.#dma.unmap(mapping);
  }

  *release({ chunk }: DmaBuf): Task<void> {
    if (chunk) this.#memory.free(chunk);
  }

  /**
   * As far as a kernel can know. A bus address turns in the switch that both hang below if no port on the way redirects; an IOVA climbs
   * to the root port, which has only to send back what came from below itself. Nobody tells what else a root complex forwards, so
   * everything else does not count as reachable.
   */
  *#isReachedBy(importer: Device, exporter: Device): Task<boolean> {
    const pci = this.#pci;
    const [dev, peer] = [pci.devOf(importer), pci.devOf(exporter)];
    const bridges = pci.bridgesBelowCommon(dev, peer);
    if (bridges === undefined) return false;
    if (this.#dma.translating) return pci.findRootPort(dev) === pci.findRootPort(peer);
    for (const bridge of bridges) if (yield* pci.redirects(bridge)) return false;
    return true;
  }
}
