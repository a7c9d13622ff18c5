import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PinnedPages } from "../../kernel/gup.ts";
import { PinContention } from "../../kernel/pin-contention.ts";
import type { Vma } from "../../kernel/vma.ts";
import type { Task } from "../../sim/activity.ts";
import { nsOfTicks, PAGE_BYTES, pfn, virtAddr } from "../../sim/units.ts";
import { MIB } from "../harness/cells.ts";
import { Bench, granted } from "./bench.ts";

const HUGE = 2 * MIB;
const PARTS = HUGE / PAGE_BYTES;
const ONE_BY_ONE = "page by page";
const AT_ONCE = "compound page by compound page";

function mapped(bench: Bench, huge: number, page: number = HUGE): Vma {
  const { process } = bench.kernel;
  const vma = bench.done(process.mmapLarge(bench.memory(huge * PARTS), page));
  bench.done(process.faultIn(vma, vma.start, vma.length));
  return vma;
}

const counts = (bench: Bench, ...names: readonly string[]): readonly number[] => names.map((name) => bench.count(name));

describe("A larger page", () => {
  test("is looked up once, and all of its parts are listed and held", () => {
    const bench = new Bench();
    const { gup, process, pages } = bench.kernel;
    const vma = mapped(bench, 3);
    const held = granted(bench.done(gup.get(process, vma.start, vma.length)));
    expect(counts(bench, "cpu.gup_page", "cpu.gup_subpage", "cpu.get_page")).toEqual([3, 3 * PARTS, 0]);
    expect([held.compounds, pages.heldBytes]).toEqual([3, 3 * HUGE]);
    expect(pages.referenced({ first: pfn(held.range.first + PARTS), count: 1, device: false })).toBe(true);
  });

  test("takes a reference for each part where that is how the kernel does it", () => {
    const bench = new Bench();
    const { gup, process } = bench.kernel;
    const vma = mapped(bench, 2);
    bench.done(gup.get(process, vma.start, vma.length, ONE_BY_ONE));
    expect(counts(bench, "cpu.gup_page", "cpu.get_page")).toEqual([2, 2 * PARTS]);
  });

  test("is dropped part by part in 4.9, and at once where asked; nothing stays held either way", () => {
    for (const [how, drops] of [
      [undefined, 2 * PARTS],
      [ONE_BY_ONE, 2 * PARTS],
      [AT_ONCE, 2],
    ] as const) {
      const bench = new Bench();
      const { gup, process, pages } = bench.kernel;
      const vma = mapped(bench, 2);
      const held = granted(bench.done(gup.get(process, vma.start, vma.length)));
      bench.done(gup.put(held, how));
      expect([bench.count("cpu.put_page"), pages.heldBytes]).toEqual([drops, 0]);
    }
  });

  test("is held in part where only a part is asked for, and the books balance whatever is dropped how", () => {
    const part = fc.record({
      from: fc.nat(3 * PARTS - 1),
      count: fc.integer({ min: 1, max: 2 * PARTS }),
      how: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const bench = new Bench();
        const { gup, process, pages } = bench.kernel;
        const vma = mapped(bench, 5);
        const held: PinnedPages[] = [];
        let expected = 0;
        for (const { from, count } of parts) {
          const address = virtAddr(vma.start + from * PAGE_BYTES);
          held.push(granted(bench.done(gup.get(process, address, count * PAGE_BYTES))));
          expected += count * PAGE_BYTES;
          expect([pages.heldBytes, held.at(-1)?.range.count]).toEqual([expected, count]);
        }
        for (const [at, pins] of held.entries()) bench.done(gup.put(pins, parts[at]?.how ? AT_ONCE : ONE_BY_ONE));
        expect(pages.heldBytes).toBe(0);
      }),
      { seed: 512, numRuns: 30 },
    );
  });

  test("of 4 KiB is none: the same counts as ever", () => {
    const bench = new Bench();
    const { gup, process } = bench.kernel;
    const vma = mapped(bench, 1, PAGE_BYTES);
    bench.done(gup.put(granted(bench.done(gup.get(process, vma.start, vma.length)))));
    expect(counts(bench, "cpu.gup_page", "cpu.gup_subpage", "cpu.put_page")).toEqual([PARTS, 0, PARTS]);
  });
});

describe("The first touch of larger pages", () => {
  test("faults once for each and clears all of it", () => {
    const bench = new Bench();
    mapped(bench, 3);
    expect(counts(bench, "cpu.fault_anonymous", "cpu.clear")).toEqual([3, 3 * (HUGE - PAGE_BYTES)]);
  });

  test("brings the whole page where a part is touched, and nothing twice", () => {
    const bench = new Bench();
    const { process } = bench.kernel;
    const vma = bench.done(process.mmapLarge(bench.memory(2 * PARTS), HUGE));
    bench.done(process.faultIn(vma, virtAddr(vma.start + HUGE + 5), 1));
    expect([process.present(vma, 0, PARTS), process.present(vma, PARTS, PARTS + 1)]).toEqual([false, true]);
    bench.done(process.faultIn(vma, vma.start, vma.length));
    expect(bench.count("cpu.fault_anonymous")).toBe(2);
  });
});

describe("Threads that pin at once", () => {
  /** Mean ns of a call in the second half, each of one page, by so many threads on the same pages. */
  function each(
    threads: number,
    written: { readonly marks: boolean; readonly counts: boolean },
    cores: number = threads,
  ) {
    const bench = new Bench();
    const { kernel } = bench;
    const { clock } = bench.world;
    const pages = 128;
    const vma = bench.done(kernel.process.mmap("anonymous", bench.memory(pages)));
    bench.done(kernel.process.faultIn(vma, vma.start, vma.length));
    kernel.cpu.bringUp(threads, cores);
    kernel.gup.contend(new PinContention(clock, bench.parameters, written));
    const ends: number[] = [];
    let half = 0;
    function* pinning(): Task<void> {
      for (let page = 0; page < pages; page += 1) {
        granted(yield* kernel.gup.get(kernel.process, virtAddr(vma.start + page * PAGE_BYTES), PAGE_BYTES));
        if (page === pages / 2 - 1) half += clock.now;
      }
      ends.push(clock.now);
      kernel.cpu.leave();
    }
    for (let job = 0; job < threads; job += 1) clock.spawn(`thread ${job}`, pinning(), [job], job);
    clock.run();
    const spent = ends.reduce((sum, end) => sum + end, 0) - half;
    return { ns: nsOfTicks(spent) / threads / (pages / 2), held: kernel.pages.heldBytes / PAGE_BYTES / pages, bench };
  }

  test("wait for no more than one transfer a page where only the counts are common, however many they are", () => {
    const { ns, held, bench } = each(12, { marks: false, counts: true });
    const { parameters } = bench;
    const work = parameters.value("cpu.gup_fixed") + parameters.value("cpu.gup_page");
    expect(ns / (work + parameters.value("cpu.line_transfer"))).toBeCloseTo(1, 2);
    expect(held).toBe(12);
  });

  test("take turns at the mark of the process, so that each call takes as many transfers as there are threads", () => {
    const { ns, bench } = each(20, { marks: true, counts: true });
    expect(ns / (20 * bench.parameters.value("cpu.line_transfer"))).toBeCloseTo(1, 1);
  });

  test("have nothing in common where nothing is written in common", () => {
    const { ns, bench } = each(8, { marks: false, counts: false });
    expect(ns).toBeCloseTo(bench.parameters.value("cpu.gup_fixed") + bench.parameters.value("cpu.gup_page"), 2);
  });

  test("are each slower where two of them share a core, and wait for lines as long as before", () => {
    const { ns, bench } = each(8, { marks: false, counts: true }, 4);
    const { parameters } = bench;
    const work = parameters.value("cpu.gup_fixed") + parameters.value("cpu.gup_page");
    const expected = work / parameters.share("cpu.thread_share") + parameters.value("cpu.line_transfer");
    expect(ns / expected).toBeCloseTo(1, 2);
    expect(() => new Bench().kernel.cpu.bringUp(9, 4)).toThrow(/two threads/);
  });
});
