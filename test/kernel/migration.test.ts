import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { Pager, Vma } from "../../kernel/vma.ts";
import { PAGE_BYTES, pfn } from "../../sim/units.ts";
import { countOf, MIB, run } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

/** Pages of a process, touched; what faults on them later finds `again`. */
function touched(bench: Bench, pages: number): { readonly vma: Vma; readonly pager: Pager } {
  const pager: Pager = {
    *fault(_vma, from, to) {
      const run = bench.memory(pages);
      yield* bench.kernel.cpu.run("cpu.fault_anonymous", to - from);
      return bench.kernel.pages.part(run, from, to);
    },
  };
  const { process } = bench.kernel;
  const vma = bench.done(process.mmap("anonymous", bench.memory(pages), pager));
  bench.done(process.faultIn(vma, vma.start, vma.length));
  return { vma, pager };
}

describe("Page migration", () => {
  test("takes entries away, and costs each half once a page", () => {
    const bench = new Bench();
    const { process, migration } = bench.kernel;
    const { vma } = touched(bench, 8);
    const unmapped = granted(bench.done(migration.unmap(process, vma, 2, 7)));
    expect([process.present(vma, 0, 2), process.present(vma, 2, 7), process.present(vma, 7, 8)]).toEqual([
      true,
      false,
      true,
    ]);
    bench.done(migration.finish(unmapped));
    const counted = ["cpu.migrate_unmap_page", "cpu.migrate_finish_page", "cpu.mmu_notifier_invalidate"];
    expect(counted.map((name) => bench.count(name))).toEqual([5, 5, 0]);
  });

  test("moves a larger page by one entry", () => {
    const bench = new Bench();
    const { process, migration } = bench.kernel;
    const vma = bench.done(process.mmapLarge(bench.memory(1024), 512 * PAGE_BYTES));
    bench.done(process.faultIn(vma, vma.start, vma.length));
    bench.done(migration.finish(granted(bench.done(migration.unmap(process, vma, 512, 1024)))));
    expect([process.present(vma, 0, 512), process.present(vma, 512, 1024)]).toEqual([true, false]);
    expect([bench.count("cpu.migrate_unmap_page"), bench.count("cpu.migrate_finish_page")]).toEqual([1, 1]);
  });

  test("refuses pages to which somebody holds a reference, and leaves them mapped", () => {
    const bench = new Bench();
    const { process, migration, gup, notifiers } = bench.kernel;
    const { vma } = touched(bench, 4);
    const pins = granted(bench.done(gup.get(process, vma.start, PAGE_BYTES)));
    expect(refused(bench.done(migration.unmap(process, vma, 0, 4)))).toMatchObject({ errno: "EBUSY" });
    expect([process.present(vma, 0, 4), notifiers.invalidating(vma)]).toEqual([true, false]);
    bench.done(gup.put(pins));
    granted(bench.done(migration.unmap(process, vma, 0, 4)));
  });

  test("is between its halves an invalidation under way", () => {
    const bench = new Bench();
    const { process, migration, notifiers } = bench.kernel;
    const { vma } = touched(bench, 1);
    const unmapped = granted(bench.done(migration.unmap(process, vma, 0, 1)));
    expect(notifiers.invalidating(vma)).toBe(true);
    bench.done(migration.finish(unmapped));
    expect(notifiers.invalidating(vma)).toBe(false);
  });
});

describe("A pager", () => {
  test("is asked for what is missing only, from the first such page on", () => {
    const bench = new Bench();
    const { process } = bench.kernel;
    const asked: string[] = [];
    const vma = bench.done(
      process.mmap(
        "anonymous",
        { first: pfn(64), count: 8, device: false },
        {
          *fault(_vma, from, to) {
            asked.push(`${from} to ${to}`);
            return { first: pfn(64 + from), count: to - from, device: false };
          },
        },
      ),
    );
    for (const pages of [3, 3, 8]) bench.done(process.faultIn(vma, vma.start, pages * PAGE_BYTES));
    expect(asked).toEqual(["0 to 3", "3 to 8"]);
  });

  test("may not scatter the pages of a vma, which the model leaves out", () => {
    const bench = new Bench();
    const { process } = bench.kernel;
    const vma = bench.done(
      process.mmap(
        "anonymous",
        { first: pfn(64), count: 8, device: false },
        {
          *fault(_vma, from, to) {
            return { first: pfn(64 + 2 * from), count: to - from, device: false };
          },
        },
      ),
    );
    bench.done(process.faultIn(vma, vma.start, PAGE_BYTES));
    expect(() => bench.done(process.faultIn(vma, vma.start, 2 * PAGE_BYTES))).toThrow("do not lie in one run");
  });
});

describe("MMU notifiers", () => {
  const mapping = (bench: Bench): DmaMapping =>
    granted(bench.done(bench.kernel.dma.mapPages(bench.gpu, bench.memory(1), 0, PAGE_BYTES)));

  test("are told before entries go, each mirror at its cost, and not after they were unregistered", () => {
    const bench = new Bench();
    const { process, notifiers } = bench.kernel;
    const { vma } = touched(bench, 2);
    const seen: string[] = [];
    const mirrors = ["one", "another"].map((name) =>
      notifiers.register(name, function* (told) {
        seen.push(`${name} ${told === vma} ${process.present(told, 0, 2)}`);
      }),
    );
    const [first] = mirrors;
    if (first === undefined) throw new Error("nobody was registered");
    notifiers.unregister(first);
    bench.done(process.munmap(vma));
    expect(seen).toEqual(["another true true"]);
    expect(bench.count("cpu.mmu_notifier_invalidate")).toBe(1);
    expect(() => notifiers.unregister(first)).toThrow("not registered");
    expect(() => notifiers.end(vma)).toThrow("had not begun");
  });

  test("wait for what the device does by its translations before they drop them", () => {
    const bench = new Bench();
    const { process, notifiers } = bench.kernel;
    const { vma } = touched(bench, 1);
    const mirror = notifiers.register("a GPU", function* (told) {
      mirror.drop(told);
    });
    mirror.keep(vma, mapping(bench));
    mirror.inFlight.add(1);
    const gone = bench.start(process.munmap(vma));
    bench.world.clock.run();
    expect(gone.result).toThrow("the task has not ended");
    expect(mirror.of(vma)).toBeDefined();
    bench.done(
      (function* () {
        mirror.inFlight.finish(1);
      })(),
    );
    expect(mirror.of(vma)).toBeUndefined();
  });
});

/** hmm-1MiB: twice to the device in batches, back once by a program's touches and once by the driver, in batches (README of the recordings). */
const FILE = new URL("../../../shared/data/kernel/operation-counts.csv", import.meta.url);
const PRESENT = existsSync(FILE);

test.skipIf(!PRESENT)(
  "A real kernel migrates page by page on a CPU's touch and 64 pages at a time for the device",
  () => {
    const rows = readFileSync(FILE, "utf8").split("\n");
    const count = (name: string): number =>
      Number(rows.find((row) => row.includes(`,generic,off,hmm-1MiB,`) && row.includes(`,${name},`))?.split(",")[6]);
    const outcome = run({ form: "hmm/as-posted", size: MIB, total: MIB, depth: 1 });
    const batches = countOf(outcome, "cpu.device_fault");
    const faults = countOf(outcome, "cpu.fault_device");
    expect([faults, batches]).toEqual([256, 4]);
    for (const name of ["migrate_vma_setup", "migrate_vma_finalize"]) expect(count(name)).toBe(faults + 3 * batches);
  },
);
