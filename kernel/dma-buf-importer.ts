import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaApi, DmaMapping } from "./dma-api.ts";
import type { DmaBufAttachment, DmaBufs } from "./dma-buf.ts";
import type { Io } from "./io.ts";
import type { Placements } from "./placement.ts";
import { isRefusal, type Refusal } from "./refusal.ts";

/** What an importer's driver does with a descriptor, from its ioctl to its device's transfers (drm_gem_prime_import, vb2_dc_attach_dmabuf). */
export class DmaBufImporter {
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #dma: DmaApi;
  readonly #dmaBufs: DmaBufs;
  readonly #io: Io;
  readonly #placements: Placements;

  constructor(awaited: Awaited, cpu: Cpu, dma: DmaApi, dmaBufs: DmaBufs, io: Io, placements: Placements) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#dma = dma;
    this.#dmaBufs = dmaBufs;
    this.#io = io;
    this.#placements = placements;
  }

  /** The ioctl that takes the descriptor: PRIME's, VIDIOC_QBUF, or a verb. */
  attach(fd: number, importer: Device): Task<DmaBufAttachment | Refusal> {
    return this.#awaited.call(this.#attach(fd, importer));
  }

  *#attach(fd: number, importer: Device): Task<DmaBufAttachment | Refusal> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.ioctl", 1);
    const buffer = yield* this.#dmaBufs.get(fd);
    if (isRefusal(buffer)) return buffer;
    const attachment = yield* this.#dmaBufs.attach(buffer, importer);
    if (isRefusal(attachment)) yield* this.#dmaBufs.put(buffer);
    return attachment;
  }

  /** Addresses, and with the device where it wants to know them beforehand. */
  map(attachment: DmaBufAttachment): Task<DmaMapping | Refusal> {
    return this.#awaited.call(this.#map(attachment));
  }

  *#map(attachment: DmaBufAttachment): Task<DmaMapping | Refusal> {
    this.#awaited.begin();
    const mapping = yield* this.#dmaBufs.map(attachment, "bidirectional");
    if (isRefusal(mapping)) return mapping;
    const refusal = yield* this.#io.register(attachment.importer, mapping);
    if (refusal === undefined) return mapping;
    yield* this.#dmaBufs.unmap(attachment, mapping);
    return refusal;
  }

  /** Where the buffer is in system memory, its owner stores there what the importer will read, and fetches what it wrote. */
  transfer(
    attachment: DmaBufAttachment,
    mapping: DmaMapping,
    kind: "read" | "write",
    length: Bytes,
  ): Task<"" | "EIO" | Refusal> {
    return this.#awaited.call(this.#transfer(attachment, mapping, kind, length));
  }

  *#transfer(
    { importer, placement }: DmaBufAttachment,
    mapping: DmaMapping,
    kind: "read" | "write",
    length: Bytes,
  ): Task<"" | "EIO" | Refusal> {
    this.#awaited.begin();
    if (placement && kind === "write") {
      const stored = yield* this.#placements.store(placement, length);
      if (stored !== "") return stored;
    }
    const answer = yield* this.#io.transfer(importer, kind, this.#dma.head(mapping, length));
    if (placement === undefined || kind === "write" || answer !== "") return answer;
    return yield* this.#placements.fetch(placement, length);
  }

  unmap(attachment: DmaBufAttachment, mapping: DmaMapping): Task<void> {
    return this.#dmaBufs.unmap(attachment, mapping);
  }

  detach(attachment: DmaBufAttachment): Task<void> {
    return this.#awaited.call(this.#detach(attachment));
  }

  *#detach(attachment: DmaBufAttachment): Task<void> {
    this.#awaited.begin();
    yield* this.#dmaBufs.detach(attachment);
    yield* this.#dmaBufs.put(attachment.buffer);
  }
}
