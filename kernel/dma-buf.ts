import type { Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Bytes } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { BarChunk } from "./bar-memory.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import type { DmaMapping } from "./dma-api.ts";
import type { Placement } from "./placement.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";

/** enum dma_data_direction, from the memory's point of view. */
export type DmaDirection = "bidirectional" | "to-device" | "from-device";

/** What an exporter's driver does for its buffers (struct dma_buf_ops of Linux 4.9). */
export interface DmaBufOps {
  attach(attachment: DmaBufAttachment): Task<Refusal | undefined>;
  detach(attachment: DmaBufAttachment): Task<void>;
  map(attachment: DmaBufAttachment, direction: DmaDirection): Task<DmaMapping | Refusal>;
  unmap(attachment: DmaBufAttachment, mapping: DmaMapping): Task<void>;
  release(buffer: DmaBuf): Task<void>;
}

/** A buffer that drivers share by handle (struct dma_buf). Its memory is the exporter's affair. */
export interface DmaBuf {
  readonly exporter: Device;
  readonly size: Bytes;
  readonly ops: DmaBufOps;
  readonly attachments: readonly DmaBufAttachment[];
  /** The exporter's: the memory behind it, where it has any yet (dma_buf->priv). */
  chunk: BarChunk | undefined;
}

/** One importer's hold on a buffer (struct dma_buf_attachment). */
export interface DmaBufAttachment {
  readonly buffer: DmaBuf;
  readonly importer: Device;
  /** The exporter's: where it has put the buffer for this importer, if not where it was (attachment->priv). */
  placement: Placement | undefined;
}

interface Buffer extends DmaBuf {
  readonly attachments: Attachment[];
  /** Of its file: descriptors, and importers that looked one up. */
  references: number;
}

interface Attachment extends DmaBufAttachment {
  readonly buffer: Buffer;
  mapped: number;
}

/**
 * dma-buf of Linux 4.9: handles, attachments, mappings. It is static: an exporter cannot ask for anything back, so where a buffer is when
 * it is mapped it stays until it is unmapped (dynamic attachments came in 5.5). It never asks whether the importer reaches the memory.
 */
export class DmaBufs implements Recurrent {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #buffers = new Set<Buffer>();
  readonly #files: (Buffer | undefined)[] = [];

  constructor(awaited: Awaited, clock: Clock, cpu: Cpu) {
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
  }

  /** dma_buf_export and dma_buf_fd: the lowest free descriptor, which holds the first reference. */
  export(exporter: Device, size: Bytes, ops: DmaBufOps, chunk?: BarChunk): Task<number> {
    return this.#awaited.call(this.#export(exporter, size, ops, chunk));
  }

  *#export(exporter: Device, size: Bytes, ops: DmaBufOps, chunk: BarChunk | undefined): Task<number> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.dma_buf_export", 1);
    yield* this.#cpu.run("cpu.dma_buf_fd", 1);
    const buffer: Buffer = { exporter, size, ops, chunk, attachments: [], references: 1 };
    this.#buffers.add(buffer);
    const free = this.#files.indexOf(undefined);
    const fd = free < 0 ? this.#files.length : free;
    this.#files[fd] = buffer;
    this.#clock.observe(fd);
    return fd;
  }

  /** dma_buf_get: a reference for whoever was handed the descriptor. */
  get(fd: number): Task<DmaBuf | Refusal> {
    return this.#awaited.call(this.#get(fd));
  }

  *#get(fd: number): Task<DmaBuf | Refusal> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.dma_buf_fd", 1);
    const buffer = this.#files[fd];
    if (buffer === undefined)
      return refuse({
        errno: "EBADF",
        who: "dma-buf",
        whom: "the calling process",
        why: "the descriptor is not open",
        remedy: "keep the handle open until it has been imported",
      });
    buffer.references += 1;
    return buffer;
  }

  /** dma_buf_put: the last reference releases the buffer. */
  put(buffer: DmaBuf): Task<void> {
    return this.#awaited.call(this.#put(this.#ours(buffer)));
  }

  *#put(buffer: Buffer): Task<void> {
    this.#awaited.begin();
    buffer.references -= 1;
    if (buffer.references > 0) return;
    this.#buffers.delete(buffer);
    yield* this.#cpu.run("cpu.dma_buf_export", 1);
    yield* buffer.ops.release(buffer);
  }

  /** close(2). */
  close(fd: number): Task<void> {
    return this.#awaited.call(this.#close(fd));
  }

  *#close(fd: number): Task<void> {
    this.#awaited.begin();
    const buffer = this.#files[fd];
    if (buffer === undefined) throw new RangeError(`the descriptor ${fd} of a dma-buf is closed twice`);
    this.#files[fd] = undefined;
    yield* this.#cpu.run("cpu.dma_buf_fd", 1);
    yield* this.put(buffer);
  }

  /** dma_buf_attach. */
  attach(buffer: DmaBuf, importer: Device): Task<DmaBufAttachment | Refusal> {
    return this.#awaited.call(this.#attach(this.#ours(buffer), importer));
  }

  *#attach(buffer: Buffer, importer: Device): Task<DmaBufAttachment | Refusal> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.dma_buf_attach", 1);
    const attachment: Attachment = { buffer, importer, placement: undefined, mapped: 0 };
    const refusal = yield* buffer.ops.attach(attachment);
    if (refusal) return refusal;
    buffer.attachments.push(attachment);
    return attachment;
  }

  /** dma_buf_detach. */
  detach(attachment: DmaBufAttachment): Task<void> {
    return this.#awaited.call(this.#detach(this.#held(attachment)));
  }

  *#detach(attachment: Attachment): Task<void> {
    this.#awaited.begin();
    if (attachment.mapped > 0) throw new RangeError("a dma-buf is detached from while it is mapped");
    const { attachments, ops } = attachment.buffer;
    attachments.splice(attachments.indexOf(attachment), 1);
    yield* this.#cpu.run("cpu.dma_buf_detach", 1);
    yield* ops.detach(attachment);
  }

  /** dma_buf_map_attachment. */
  map(attachment: DmaBufAttachment, direction: DmaDirection): Task<DmaMapping | Refusal> {
    return this.#awaited.call(this.#map(this.#held(attachment), direction));
  }

  *#map(attachment: Attachment, direction: DmaDirection): Task<DmaMapping | Refusal> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.dma_buf_map", 1);
    const mapping = yield* attachment.buffer.ops.map(attachment, direction);
    if (!isRefusal(mapping)) attachment.mapped += 1;
    return mapping;
  }

  /** dma_buf_unmap_attachment. */
  unmap(attachment: DmaBufAttachment, mapping: DmaMapping): Task<void> {
    return this.#awaited.call(this.#unmap(this.#held(attachment), mapping));
  }

  *#unmap(attachment: Attachment, mapping: DmaMapping): Task<void> {
    this.#awaited.begin();
    if (attachment.mapped === 0) throw new RangeError("a dma-buf is unmapped that is not mapped");
    attachment.mapped -= 1;
    yield* this.#cpu.run("cpu.dma_buf_unmap", 1);
    yield* attachment.buffer.ops.unmap(attachment, mapping);
  }

  /** What somebody still holds: buffers, open descriptors, attachments. */
  get live(): { readonly buffers: number; readonly files: number; readonly attachments: number } {
    const attachments = [...this.#buffers].reduce((sum, buffer) => sum + buffer.attachments.length, 0);
    return { buffers: this.#buffers.size, files: this.#files.filter(Boolean).length, attachments };
  }

  #ours(buffer: DmaBuf): Buffer {
    for (const each of this.#buffers) if (each === buffer) return each;
    throw new RangeError("a dma-buf is used that has been released");
  }

  #held(attachment: DmaBufAttachment): Attachment {
    const held = this.#ours(attachment.buffer).attachments.find((each) => each === attachment);
    if (held === undefined) throw new RangeError("a dma-buf attachment is used that has been detached");
    return held;
  }

  writeState(out: StateWriter): void {
    for (const [fd, buffer] of this.#files.entries()) if (buffer) out.put(fd);
    for (const { references, attachments, chunk } of this.#buffers) {
      out.put(references);
      out.put(chunk?.physical ?? -1);
      out.put(attachments.length);
      for (const { mapped, placement } of attachments) {
        out.put(mapped);
        out.put(placement?.pages.first ?? -1);
      }
    }
  }
}
