import { describe, expect, test } from "vitest";
import type { DmaBufAttachment } from "../../kernel/dma-buf.ts";
import { type Bytes, bytes } from "../../sim/units.ts";
import { KIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

const SIZE: Bytes = bytes(64 * KIB);

/** A buffer of the bench's GPU, attached to by its drive the way a driver that knows dma-bufs does it. */
function attached(bench: Bench): DmaBufAttachment {
  const { kernel, driver, gpu, nvme } = bench;
  const chunk = granted(driver.memory.alloc(SIZE));
  const fd = bench.done(kernel.dmaBufs.export(gpu, SIZE, kernel.placingExporter(driver.memory), chunk));
  const attachment = granted(bench.done(kernel.dmaBufImporter.attach(fd, nvme)));
  bench.done(kernel.dmaBufs.close(fd));
  return attachment;
}

describe("A driver that places what it exports", () => {
  test("leaves the buffer where a switch turns the importer's packets", () => {
    const bench = new Bench();
    expect(attached(bench).placement).toBeUndefined();
  });

  test("moves it to system memory where ACS would redirect them, and gives that memory back at the end", () => {
    const bench = new Bench({ machine: "acs-redirect" });
    const attachment = attached(bench);
    expect(attachment.placement?.length).toBe(SIZE);
    bench.done(bench.kernel.dmaBufImporter.detach(attachment));
    expect(bench.kernel.dmaBufs.live).toEqual({ buffers: 0, files: 0, attachments: 0 });
  });
});

describe("A driver that imports", () => {
  test("is told EBADF for a descriptor that is closed, and holds nothing", () => {
    const bench = new Bench();
    expect(refused(bench.done(bench.kernel.dmaBufImporter.attach(7, bench.nvme))).errno).toBe("EBADF");
    expect(bench.kernel.dmaBufs.live.buffers).toBe(0);
  });

  test("is refused by a block layer that knows no handles, and can still take everything back", () => {
    const bench = new Bench();
    const { dma, dmaBufs, dmaBufImporter } = bench.kernel;
    const before = dma.live;
    const attachment = attached(bench);
    const mapping = granted(bench.done(dmaBufImporter.map(attachment)));
    const answer = bench.done(dmaBufImporter.transfer(attachment, mapping, "read", SIZE));
    expect(answer).toMatchObject({ who: expect.stringContaining("block") });
    bench.done(dmaBufImporter.unmap(attachment, mapping));
    bench.done(dmaBufImporter.detach(attachment));
    expect([dma.live, dmaBufs.live]).toEqual([before, { buffers: 0, files: 0, attachments: 0 }]);
  });
});
