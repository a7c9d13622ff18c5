import { describe, expect, test } from "vitest";
import { iova, PAGE_BYTES } from "../../sim/units.ts";
import { KIB } from "../harness/cells.ts";
import { Bench, refused } from "./bench.ts";

describe.each(["read", "write"] as const)("A buffered %s", (kind) => {
  test.each([
    [1, 1],
    [4 * KIB, 1],
    [128 * KIB, 1],
    [128 * KIB + 1, 2],
    [1024 * KIB, 8],
  ])("of %d bytes passes the cache in %d windows of the read-ahead size, and leaves none behind", (length, windows) => {
    const bench = new Bench();
    const { pageCache, pages, dma } = bench.kernel;
    const live = dma.live;
    expect(bench.done(pageCache[kind](bench.nvme, length))).toBe("");
    const counted = ["cpu.bio_submit", "cpu.dma_unmap_entry", "cpu.page_cache_page", "host.copy", "cpu.syscall"];
    expect(counted.map((name) => bench.count(name))).toEqual([
      windows,
      windows,
      Math.ceil(length / PAGE_BYTES),
      length,
      1,
    ]);
    expect([pages.heldBytes, dma.live]).toEqual([0, live]);
    expect(pages.peakBytes).toBeLessThanOrEqual(2 * 128 * KIB);
  });

  test("has the next window under way while the CPU copies the one before", () => {
    const time = (length: number): number => {
      const bench = new Bench();
      const began = bench.now;
      bench.done(bench.kernel.pageCache[kind](bench.nvme, length));
      return bench.now - began;
    };
    const [one, two, three] = [128, 256, 384].map((size) => time(size * KIB));
    expect((two ?? 0) - (one ?? 0)).toBeLessThan(one ?? 0);
    expect((three ?? 0) - (two ?? 0)).toBeLessThan(one ?? 0);
  });

  test("that is refused its window's memory or address holds nothing", () => {
    const bench = new Bench({ iommu: "strict" });
    exhaustAddresses(bench);
    const live = bench.kernel.dma.live;
    const refusal = refused(bench.done(bench.kernel.pageCache[kind](bench.nvme, 300 * KIB)) as object);
    expect(refusal).toMatchObject({ errno: "ENOMEM", who: "intel-iommu" });
    expect([bench.kernel.pages.heldBytes, bench.kernel.dma.live]).toEqual([0, live]);
  });
});

test("A buffered write ends with an error where the device is told of one", () => {
  const bench = new Bench({ iommu: "strict" });
  const domain = bench.world.fabric.iommu.domainOf(bench.nvme.node);
  bench.world.history.on("mapped", ({ spans }) => {
    for (const { address } of spans) domain?.unmap(iova(address));
  });
  expect(bench.done(bench.kernel.pageCache.write(bench.nvme, 300 * KIB))).toBe("EIO");
  expect(bench.kernel.pages.heldBytes).toBe(0);
});

/** Takes every IO virtual address that there is. */
function exhaustAddresses(bench: Bench): void {
  const { dma } = bench.kernel;
  for (let size = 2 ** 47; size >= PAGE_BYTES; size /= 2)
    while (
      !("errno" in bench.done(dma.mapPages(bench.nvme, { ...bench.memory(1), count: size / PAGE_BYTES }, 0, size)))
    );
}
