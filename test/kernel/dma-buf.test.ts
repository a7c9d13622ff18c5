import { describe, expect, test } from "vitest";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { DmaBuf, DmaBufAttachment, DmaBufOps } from "../../kernel/dma-buf.ts";
import type { Refusal } from "../../kernel/refusal.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bytes, bytes } from "../../sim/units.ts";
import { KIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

const SIZE: Bytes = bytes(64 * KIB);
const NOTHING = { buffers: 0, files: 0, attachments: 0 };

/** An exporter that writes down what is asked of it. */
class Diary implements DmaBufOps {
  readonly bench: Bench;
  readonly asked: string[] = [];
  refuses: Refusal | undefined;
  constructor(bench: Bench) {
    this.bench = bench;
  }
  *attach({ buffer }: DmaBufAttachment): Task<Refusal | undefined> {
    this.asked.push(`attach to ${buffer.attachments.length}`);
    return this.refuses;
  }
  *detach({ buffer }: DmaBufAttachment): Task<void> {
    this.asked.push(`detach, ${buffer.attachments.length} left`);
  }
  *map({ importer, buffer }: DmaBufAttachment): Task<DmaMapping | Refusal> {
    this.asked.push("map");
    const { kernel, driver } = this.bench;
    const chunk = granted(driver.memory.alloc(buffer.size));
    return kernel.dma.handOver(importer, driver.memory.onTheBus(chunk), buffer.size, "dma-buf");
  }
  *unmap(_attachment: DmaBufAttachment, mapping: DmaMapping): Task<void> {
    this.asked.push("unmap");
    this.bench.kernel.dma.takeBack(mapping);
  }
  *release({ size }: DmaBuf): Task<void> {
    this.asked.push(`release ${size}`);
  }
}

function exported(): { readonly bench: Bench; readonly diary: Diary; readonly fd: number } {
  const bench = new Bench();
  const diary = new Diary(bench);
  return { bench, diary, fd: bench.done(bench.kernel.dmaBufs.export(bench.gpu, SIZE, diary)) };
}

describe("A dma-buf", () => {
  test("asks its exporter in the order of its life, and is released with the last reference", () => {
    const { bench, diary, fd } = exported();
    const { dmaBufs, dma } = bench.kernel;
    const mapped = dma.live;
    const buffer = granted(bench.done(dmaBufs.get(fd)));
    const first = granted(bench.done(dmaBufs.attach(buffer, bench.nvme)));
    const second = granted(bench.done(dmaBufs.attach(buffer, bench.gpu)));
    const mapping = granted(bench.done(dmaBufs.map(first, "bidirectional")));
    expect(dmaBufs.live).toEqual({ buffers: 1, files: 1, attachments: 2 });
    bench.done(dmaBufs.close(fd));
    bench.done(dmaBufs.unmap(first, mapping));
    bench.done(dmaBufs.detach(first));
    bench.done(dmaBufs.detach(second));
    expect(dmaBufs.live).toEqual({ buffers: 1, files: 0, attachments: 0 });
    bench.done(dmaBufs.put(buffer));
    expect(diary.asked).toEqual([
      "attach to 0",
      "attach to 1",
      "map",
      "unmap",
      "detach, 1 left",
      "detach, 0 left",
      `release ${SIZE}`,
    ]);
    expect([dmaBufs.live, dma.live]).toEqual([NOTHING, mapped]);
  });

  test("is not attached to where its exporter refuses", () => {
    const { bench, diary, fd } = exported();
    diary.refuses = { errno: "ENOMEM", who: "gpu", whom: "nvme", why: "no memory", remedy: "less of it" };
    const buffer = granted(bench.done(bench.kernel.dmaBufs.get(fd)));
    expect(refused(bench.done(bench.kernel.dmaBufs.attach(buffer, bench.nvme)))).toBe(diary.refuses);
    expect(bench.kernel.dmaBufs.live.attachments).toBe(0);
  });

  test("takes the lowest free descriptor, and EBADF is what a closed one gets", () => {
    const { bench, diary, fd } = exported();
    const { dmaBufs } = bench.kernel;
    const next = bench.done(dmaBufs.export(bench.gpu, SIZE, diary));
    expect([fd, next]).toEqual([0, 1]);
    bench.done(dmaBufs.close(fd));
    expect(refused(bench.done(dmaBufs.get(fd)))).toMatchObject({ errno: "EBADF", who: "dma-buf" });
    expect(bench.done(dmaBufs.export(bench.gpu, SIZE, diary))).toBe(0);
  });

  test("is a mistake of the caller's to unmap twice, detach mapped, close twice or use after release", () => {
    const { bench, fd } = exported();
    const { dmaBufs } = bench.kernel;
    const buffer = granted(bench.done(dmaBufs.get(fd)));
    const attachment = granted(bench.done(dmaBufs.attach(buffer, bench.nvme)));
    const mapping = granted(bench.done(dmaBufs.map(attachment, "to-device")));
    expect(() => bench.done(dmaBufs.detach(attachment))).toThrow(/detached from while it is mapped/);
    bench.done(dmaBufs.unmap(attachment, mapping));
    expect(() => bench.done(dmaBufs.unmap(attachment, mapping))).toThrow(/unmapped that is not mapped/);
    bench.done(dmaBufs.detach(attachment));
    expect(() => bench.done(() => dmaBufs.detach(attachment))).toThrow(/has been detached/);
    bench.done(dmaBufs.close(fd));
    expect(() => bench.done(dmaBufs.close(fd))).toThrow(/closed twice/);
    bench.done(dmaBufs.put(buffer));
    expect(() => bench.done(() => dmaBufs.put(buffer))).toThrow(/has been released/);
  });

  test("costs an operation a step, each under a name of its own", () => {
    const { bench, fd } = exported();
    const { dmaBufs } = bench.kernel;
    const buffer = granted(bench.done(dmaBufs.get(fd)));
    const attachment = granted(bench.done(dmaBufs.attach(buffer, bench.nvme)));
    bench.done(dmaBufs.unmap(attachment, granted(bench.done(dmaBufs.map(attachment, "from-device")))));
    bench.done(dmaBufs.detach(attachment));
    bench.done(dmaBufs.put(buffer));
    bench.done(dmaBufs.close(fd));
    const steps = ["export", "fd", "attach", "map", "unmap", "detach"].map((step) =>
      bench.count(`cpu.dma_buf_${step}`),
    );
    expect(steps).toEqual([2, 3, 1, 1, 1, 1]);
  });
});

describe("What the driver keeps for a handle", () => {
  test("is given back with the last reference to it, and handed out to nobody before", () => {
    const { memory } = new Bench().driver;
    const chunk = granted(memory.alloc(SIZE));
    memory.get(chunk);
    memory.free(chunk);
    const other = granted(memory.alloc(SIZE));
    expect(other.physical).not.toBe(chunk.physical);
    memory.free(chunk);
    expect(granted(memory.alloc(SIZE)).physical).toBe(chunk.physical);
  });
});

describe("A buffer in system memory", () => {
  test("is filled by the engine of its device, seen by both, and given back", () => {
    const bench = new Bench();
    const { placements, pages, dma, io } = bench.kernel;
    const before = dma.live;
    const chunk = granted(bench.driver.memory.alloc(SIZE));
    const placement = granted(bench.done(placements.moveOut(chunk)));
    expect([pages.heldBytes, placement.owner]).toEqual([SIZE, bench.gpu]);
    const mapping = granted(bench.done(placements.map(placement, bench.nvme, SIZE)));
    expect([mapping.backing, mapping.pages]).toEqual(["dma-buf", undefined]);
    expect(mapping.segments[0]?.address).toBe(placement.forOwner.segments[0]?.address);
    io.subsystem(bench.nvme)?.learn("dma-buf");
    expect(bench.done(placements.store(placement, SIZE))).toBe("");
    expect(bench.done(io.transfer(bench.nvme, "write", mapping))).toBe("");
    expect(bench.done(placements.fetch(placement, SIZE))).toBe("");
    bench.done(dma.unmap(mapping));
    bench.done(placements.drop(placement));
    expect([pages.heldBytes, dma.live]).toEqual([0, before]);
  });

  test("is refused where there is no memory for it, with nothing kept", () => {
    const bench = new Bench();
    const { memory, placements, pages, dma } = bench.kernel;
    const before = dma.live;
    const { base, end } = bench.world.fabric.addresses.memory(0);
    for (let size = end - base; size >= 64 * KIB; size /= 2) while (memory.alloc(0, size));
    const chunk = granted(bench.driver.memory.alloc(SIZE));
    expect(refused(bench.done(placements.moveOut(chunk)))).toMatchObject({ errno: "ENOMEM", whom: bench.gpu.name });
    expect([pages.heldBytes, dma.live]).toEqual([0, before]);
  });
});

describe("A driver's mapping without struct pages", () => {
  test("is nothing that get_user_pages takes", () => {
    const bench = new Bench();
    const { kernel } = bench;
    const vma = bench.done(kernel.process.mmapChunk(granted(bench.driver.memory.alloc(SIZE))));
    expect(refused(bench.done(kernel.gup.get(kernel.process, vma.start, SIZE)))).toMatchObject({
      errno: "EFAULT",
      who: "get_user_pages",
    });
    expect(bench.count("cpu.fault_device")).toBe(0);
    expect(bench.done(kernel.process.findVma(vma.start, SIZE))).toBe(vma);
    bench.done(kernel.process.munmap(vma));
    expect(bench.done(kernel.process.findVma(vma.start, SIZE))).toBeUndefined();
  });
});
