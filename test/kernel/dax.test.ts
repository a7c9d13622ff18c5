import { describe, expect, test } from "vitest";
import type { FileSystem } from "../../kernel/dax.ts";
import type { DaxFile } from "../../kernel/dax-file.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { bytes, PAGE_BYTES } from "../../sim/units.ts";
import { KIB, MIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

const INODES = (128 * MIB) / 16384;
const TABLES = (INODES * 256) / PAGE_BYTES;

/** A file system on a disk of 128 MiB over the GPU's BAR. */
function mounted(bench: Bench): FileSystem {
  const { kernel, driver, gpu } = bench;
  const base = kernel.physicalOf(driver.memory.aperture);
  const map = granted(bench.done(kernel.pageMaps.memremap(gpu.name, base, bytes(128 * MIB))));
  return bench.done(kernel.dax.mount({ name: "a disk", pages: map.range }));
}

const file = (bench: Bench, on: FileSystem, pages: number): DaxFile =>
  granted(bench.done(bench.kernel.dax.create(on, bytes(pages * PAGE_BYTES))));

describe("A file system with DAX", () => {
  test("has inode tables at the front of its disk, which the CPU writes", () => {
    const bench = new Bench();
    const on = mounted(bench);
    expect(bench.count("host.wc_write")).toBe(INODES * 256);
    expect(on.free.count).toBe(on.disk.pages.count - TABLES);
    expect(file(bench, on, 1).blocks.first).toBe(on.disk.pages.first + TABLES);
  });

  test("zeroes the blocks of a new file, for another file may have left something there", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const before = bench.count("host.wc_write");
    file(bench, on, 3);
    expect(bench.count("host.wc_write") - before).toBe(3 * PAGE_BYTES);
  });

  test("says who has no room, and for what", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const answer = bench.done(bench.kernel.dax.create(on, bytes(128 * MIB)));
    expect(refused(answer)).toEqual({
      errno: "ENOSPC",
      who: "the file system",
      whom: "a disk",
      why: `its disk of ${128 * MIB} bytes has no run of ${128 * MIB} bytes left`,
      remedy: "fewer or smaller files, or a larger BAR",
    });
  });

  test("faults a mapping in page by page: get_block and direct_access for each, once", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const { gup, dax, process } = bench.kernel;
    const mapped = file(bench, on, 8);
    const vma = bench.done(dax.mmap(mapped));
    for (const pages of [3, 8, 8]) {
      const pins = granted(bench.done(gup.get(process, vma.start, pages * PAGE_BYTES)));
      expect(pins.range).toEqual({ first: mapped.blocks.first, count: pages, device: true });
      expect(pins.map?.users.left).toBe(pages);
      bench.done(gup.put(pins));
    }
    expect(["cpu.dax_lookup", "cpu.fault_device"].map((name) => bench.count(name))).toEqual([8, 8]);
  });
});

describe("Truncating a file", () => {
  test("frees its blocks although their pages are pinned, as 4.9 does, and the next file gets them", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const { dax, gup, process, pages } = bench.kernel;
    const victim = file(bench, on, 8);
    const { blocks } = victim;
    const vma = bench.done(dax.mmap(victim));
    const pins = granted(bench.done(gup.get(process, vma.start, 8 * PAGE_BYTES)));
    expect(dax.fsWaitsForPins).toBe(false);
    bench.done(dax.truncate(victim, 3 * PAGE_BYTES));
    expect(pages.referenced(blocks)).toBe(true);
    const thief = file(bench, on, 5);
    expect(thief.blocks.first).toBe(blocks.first + 3);
    bench.done(gup.put(pins));
  });

  test("takes the mappings of what went away, and what is left stays mapped", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const { dax, gup, process } = bench.kernel;
    const short = file(bench, on, 8);
    const vma = bench.done(dax.mmap(short));
    bench.done(gup.put(granted(bench.done(gup.get(process, vma.start, vma.length)))));
    bench.done(dax.truncate(short, 4 * PAGE_BYTES));
    expect([process.present(vma, 0, 4), process.present(vma, 4, 8)]).toEqual([true, false]);
    bench.done(gup.put(granted(bench.done(gup.get(process, vma.start, 4 * PAGE_BYTES)))));
    expect(refused(bench.done(gup.get(process, vma.start, vma.length)))).toMatchObject({
      errno: "EFAULT",
      why: "the file ends before the page that was touched (SIGBUS)",
    });
  });

  test("to nothing is what unlinking it does, and its disk is as it was", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const { dax } = bench.kernel;
    const state = (): readonly number[] => {
      const record = new StateRecord();
      dax.writeState(record);
      return record.values;
    };
    const before = [...state()];
    const [one, other] = [file(bench, on, 4), file(bench, on, 2)];
    expect([...state()]).not.toEqual(before);
    bench.done(dax.unlink(one));
    expect(file(bench, on, 4).blocks.first).toBe(on.disk.pages.first + TABLES);
    expect(other.blocks.first).toBe(on.disk.pages.first + TABLES + 4);
  });

  test("beyond its end changes nothing", () => {
    const bench = new Bench();
    const on = mounted(bench);
    const same = file(bench, on, 4);
    bench.done(bench.kernel.dax.truncate(same, 64 * KIB));
    expect(same.blocks.count).toBe(4);
  });
});
