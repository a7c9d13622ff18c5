import { describe, expect, test } from "vitest";
import type { PageMap } from "../../kernel/page-map.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes, PAGE_BYTES, physAddr, virtAddr } from "../../sim/units.ts";
import { GIB, MIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

const SECTION = 128 * MIB;
const TIB = 2 ** 40;

const mapped = (bench: Bench, base: number, size: number, owner = "a test"): PageMap =>
  granted(bench.done(bench.kernel.pageMaps.memremap(owner, physAddr(base), bytes(size))));

describe("Struct pages for device memory", () => {
  test.each([
    [TIB, MIB, TIB, SECTION],
    [TIB, SECTION, TIB, SECTION],
    [TIB + MIB, SECTION, TIB, 2 * SECTION],
    [TIB + SECTION - 4096, 8192, TIB, 2 * SECTION],
    [TIB, 16 * GIB, TIB, 16 * GIB],
  ])("come in whole sections of 128 MiB: [%d, +%d) takes [%d, +%d)", (base, size, from, length) => {
    const bench = new Bench();
    const { range } = mapped(bench, base, size);
    expect(range).toEqual({ first: from / PAGE_BYTES, count: length / PAGE_BYTES, device: true });
    expect(bench.kernel.pageMaps.peakBytes).toBe((length / PAGE_BYTES) * 64);
    expect(bench.count("cpu.memmap_init_page")).toBe(length / PAGE_BYTES);
  });

  test("of two BARs in one section are refused to the second, until the first is gone", () => {
    const bench = new Bench();
    const { pageMaps } = bench.kernel;
    const first = mapped(bench, TIB, 64 * MIB, "one GPU");
    const again = (): Task<unknown> => pageMaps.memremap("another GPU", physAddr(TIB + 64 * MIB), bytes(64 * MIB));
    expect(refused(bench.done(again()) as object)).toEqual({
      errno: "EBUSY",
      who: "devm_memremap_pages",
      whom: "another GPU",
      why: "another device's pages already lie in the same section of 134217728 bytes",
      remedy: "place the two BARs in different sections, or use a kernel with sub-sections (5.3)",
    });
    bench.done(pageMaps.release(first));
    granted(bench.done(again()) as object);
    expect(pageMaps.peakBytes).toBe(2 * MIB);
  });

  test("of two BARs in one section are given to one of two drivers that ask at once", () => {
    const bench = new Bench();
    const asked = ["one GPU", "another GPU"].map((owner, place) =>
      bench.start(bench.kernel.pageMaps.memremap(owner, physAddr(TIB + place * 64 * MIB), bytes(64 * MIB))),
    );
    bench.world.clock.run();
    expect(asked.map(({ result }) => ("errno" in result() ? "EBUSY" : "granted"))).toEqual(["granted", "EBUSY"]);
  });

  test("of neighbouring sections do not get into each other's way", () => {
    const bench = new Bench();
    mapped(bench, TIB, SECTION);
    mapped(bench, TIB + SECTION, MIB);
    expect(bench.kernel.pageMaps.peakBytes).toBe(4 * MIB);
  });

  test("know which map a page belongs to, and which span lies in a map", () => {
    const bench = new Bench();
    const map = mapped(bench, TIB, SECTION);
    const { pageMaps } = bench.kernel;
    const [first, end] = [map.range.first, map.range.first + map.range.count];
    expect([first - 1, first, end - 1, end].map((page) => pageMaps.of(page) === map)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(pageMaps.pagesOf(map, physAddr(TIB + 4095), 2)).toEqual({ first, count: 2, device: true });
    expect(() => pageMaps.pagesOf(map, physAddr(TIB + SECTION - 1), 2)).toThrow("a span lies outside its page map");
  });
});

describe("Taking a page map down", () => {
  /** A device mapping of eight pages in a process, all of them pinned. */
  function pinned(bench: Bench) {
    const map = mapped(bench, TIB, SECTION, "0000:1b:00.0");
    const { process, gup } = bench.kernel;
    const range = { first: map.range.first, count: 8, device: true };
    const vma = bench.done(process.mmap("devmap", range));
    const pins = granted(bench.done(gup.get(process, vma.start, vma.length)));
    return { map, vma, pins };
  }

  test("waits for the last reference, and for no longer", () => {
    const bench = new Bench();
    const { map, pins } = pinned(bench);
    const release = bench.start(bench.kernel.pageMaps.release(map));
    bench.world.clock.run();
    expect(release.result).toThrow("the task has not ended");
    expect(bench.world.clock.alive().map(({ waitsFor }) => String(waitsFor))).toEqual([
      "references to pages of 0000:1b:00.0 (8 left, the last taken by a test)",
    ]);
    bench.done(bench.kernel.gup.put(pins));
    release.result();
    expect(bench.kernel.pageMaps.of(map.range.first)).toBeUndefined();
  });

  test("grants no new reference meanwhile", () => {
    const bench = new Bench();
    const { map, vma } = pinned(bench);
    bench.start(bench.kernel.pageMaps.release(map));
    bench.world.clock.run();
    const { gup, process } = bench.kernel;
    const answer = refused(bench.done(gup.get(process, vma.start, 4096)));
    expect(answer).toMatchObject({
      errno: "EFAULT",
      who: "get_user_pages",
      why: "the device's page map is going away",
    });
    expect(map.users.left).toBe(8);
  });

  test("lets others have the CPU while it waits", () => {
    const bench = new Bench();
    bench.start(bench.kernel.pageMaps.release(pinned(bench).map));
    bench.done(() => bench.kernel.cpu.run("cpu.syscall", 1));
  });
});

test("An address that is not mapped, or not all the way, cannot be pinned", () => {
  const bench = new Bench();
  const { gup, process } = bench.kernel;
  const vma = bench.done(process.mmap("anonymous", bench.memory(4)));
  for (const [address, length] of [
    [virtAddr(0), 1],
    [vma.start, 4 * PAGE_BYTES + 1],
    [virtAddr(vma.start + 3 * PAGE_BYTES), PAGE_BYTES + 1],
  ] as const)
    expect(refused(bench.done(gup.get(process, address, length)))).toMatchObject({
      errno: "EFAULT",
      whom: "the calling process",
    });
  expect(bench.kernel.pages.heldBytes).toBe(0);
  bench.done(process.munmap(vma));
  expect(refused(bench.done(gup.get(process, vma.start, 1))).errno).toBe("EFAULT");
});

test("A page is faulted in once, and again after it was unmapped", () => {
  const bench = new Bench();
  const { gup, process } = bench.kernel;
  const pages = bench.memory(4);
  for (const round of [1, 2]) {
    const vma = bench.done(process.mmap("anonymous", pages));
    for (const length of [2, 4, 4]) bench.done(gup.get(process, vma.start, length * PAGE_BYTES));
    expect(bench.count("cpu.fault_anonymous")).toBe(4 * round);
    bench.done(process.munmap(vma));
  }
  expect(bench.count("cpu.fault_device")).toBe(0);
});
