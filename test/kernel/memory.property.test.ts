import fc from "fast-check";
import { expect, test } from "vitest";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PinnedPages } from "../../kernel/gup.ts";
import type { PageMap } from "../../kernel/page-map.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Vma } from "../../kernel/vma.ts";
import type { IommuMode } from "../../record/cell.ts";
import { PAGE_BYTES, pfn, virtAddr } from "../../sim/units.ts";
import { Bench, granted, pagesOf, refused } from "./bench.ts";

/** The kernel's memory as a person would keep it: one count for each page, one entry for each mapping. */
interface Model {
  /** The most pages that were ever held at once. */
  peak: number;
  readonly references: Map<number, number>;
  readonly pins: { readonly first: number; readonly count: number }[];
  readonly vmas: { readonly vma: Vma; readonly first: number; readonly pages: number; readonly device: boolean }[];
  readonly mappings: { readonly address: number; readonly physical: number; readonly length: number }[];
}

/** The real one, with the handles that it gave out, in the order of the model's. */
interface Real {
  readonly bench: Bench;
  readonly map: PageMap;
  readonly pins: PinnedPages[];
  readonly mappings: DmaMapping[];
  readonly coherent: number;
  chunks: number;
}

type Command = fc.Command<Model, Real>;

/** A command in a line: when it may run, and what it does to both. */
const command = (
  name: string,
  check: (model: Readonly<Model>) => boolean,
  run: (model: Model, real: Real) => void,
): Command => ({
  check,
  run: (model, real) => {
    run(model, real);
    agrees(model, real);
  },
  toString: () => name,
});

const some =
  (list: (model: Readonly<Model>) => readonly unknown[]) =>
  (model: Readonly<Model>): boolean =>
    list(model).length > 0;

const mmap = (pages: number, device: boolean): Command =>
  command(
    `mmap(${pages}, ${device})`,
    () => true,
    (model, { bench, map, ...real }) => {
      const range: PageRange = device
        ? { first: pfn(map.range.first + 16 * model.vmas.length), count: pages, device }
        : bench.memory(pages);
      const vma = bench.done(bench.kernel.process.mmap(device ? "devmap" : "anonymous", range));
      expect(
        model.vmas.every(
          (each) => each.vma.start + each.vma.length <= vma.start || vma.start + vma.length <= each.vma.start,
        ),
      ).toBe(true);
      model.vmas.push({ vma, first: range.first, pages, device });
      void real;
    },
  );

const munmap = (pick: number): Command =>
  command(
    `munmap(${pick})`,
    some(({ vmas }) => vmas),
    (model, { bench }) => {
      const [gone] = model.vmas.splice(pick % model.vmas.length, 1);
      if (gone) bench.done(bench.kernel.process.munmap(gone.vma));
    },
  );

/** Pins some pages from within a vma on; what lies in no vma, or in two, is a bad address, and nothing of it is held. */
const pin = (pick: number, skip: number, count: number): Command =>
  command(
    `pin(${pick}, ${skip}, ${count})`,
    some(({ vmas }) => vmas),
    (model, { bench, pins }) => {
      const from = model.vmas[pick % model.vmas.length]?.vma.start ?? 0;
      const [start, end] = [from + skip * PAGE_BYTES, from + (skip + count) * PAGE_BYTES];
      const { gup, process } = bench.kernel;
      const answer = bench.done(gup.get(process, virtAddr(start), end - start));
      const within = model.vmas.find(({ vma, pages }) => vma.start <= start && end <= vma.start + pages * PAGE_BYTES);
      if (within === undefined) return void expect(refused(answer).errno).toBe("EFAULT");
      pins.push(granted(answer));
      const first = within.first + (start - within.vma.start) / PAGE_BYTES;
      model.pins.push({ first, count });
      for (let page = first; page < first + count; page += 1)
        model.references.set(page, (model.references.get(page) ?? 0) + 1);
    },
  );

const unpin = (pick: number): Command =>
  command(
    `unpin(${pick})`,
    some(({ pins }) => pins),
    (model, { bench, pins }) => {
      const at = pick % model.pins.length;
      const [held] = model.pins.splice(at, 1);
      const [real] = pins.splice(at, 1);
      if (held === undefined || real === undefined) return;
      bench.done(bench.kernel.gup.put(real));
      for (let page = held.first; page < held.first + held.count; page += 1)
        model.references.set(page, (model.references.get(page) ?? 0) - 1);
    },
  );

const map = (pick: number, offset: number): Command =>
  command(
    `map(${pick}, ${offset})`,
    some(({ pins }) => pins),
    (model, { bench, pins, mappings }) => {
      const at = pick % model.pins.length;
      const [held, real] = [model.pins[at], pins[at]];
      if (held === undefined || real === undefined) return;
      const length = held.count * PAGE_BYTES - offset;
      const mapping = granted(bench.done(bench.kernel.dma.mapPages(bench.nvme, real.range, offset, length)));
      mappings.push(mapping);
      model.mappings.push({
        address: mapping.segments[0]?.address ?? -1,
        physical: held.first * PAGE_BYTES + offset,
        length,
      });
    },
  );

const unmap = (pick: number): Command =>
  command(
    `unmap(${pick})`,
    some(({ mappings }) => mappings),
    (model, { bench, mappings }) => {
      const at = pick % model.mappings.length;
      model.mappings.splice(at, 1);
      const [real] = mappings.splice(at, 1);
      if (real) bench.done(bench.kernel.dma.unmap(real));
    },
  );

function agrees(model: Model, { bench, map: deviceMap, coherent }: Real): void {
  const { references, vmas, mappings } = model;
  const { pages, dma, process } = bench.kernel;
  let held = 0;
  let deviceHeld = 0;
  for (const [page, count] of references) {
    expect(pages.referenced({ first: pfn(page), count: 1, device: false })).toBe(count > 0);
    held += count;
    if (page >= deviceMap.range.first) deviceHeld += count;
  }
  model.peak = Math.max(model.peak, held);
  expect([pages.heldBytes, pages.peakBytes, deviceMap.users.left, dma.live]).toEqual([
    held * PAGE_BYTES,
    model.peak * PAGE_BYTES,
    deviceHeld,
    coherent + mappings.length,
  ]);
  for (const { vma } of vmas) expect(process.vmaAt(vma.start, vma.length)).toBe(vma);
  const domain = bench.world.fabric.iommu.domainOf(bench.nvme.node);
  for (const { address, physical, length } of mappings) {
    if (domain === undefined) expect(address).toBe(physical);
    else for (const at of [0, length - 1]) expect(domain.lookup(address + at)).toBe(physical + at);
  }
}

const pick = fc.nat(30);
const commands = fc.commands(
  [
    fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()).map(([pages, device]) => mmap(pages, device)),
    pick.map(munmap),
    fc.tuple(pick, fc.nat(6), fc.integer({ min: 1, max: 8 })).map(([which, skip, count]) => pin(which, skip, count)),
    pick.map(unpin),
    fc.tuple(pick, fc.constantFrom(0, 100, 4000)).map(([which, offset]) => map(which, offset)),
    pick.map(unmap),
  ],
  { maxCommands: 50, size: "max" },
);

test.each<IommuMode>(["off", "strict", "lazy", "passthrough"])(
  "Pinning and mapping keep the books of one count a page, with the IOMMU %s",
  (iommu) => {
    fc.assert(
      fc.property(commands, (steps) => {
        const bench = new Bench({ iommu });
        const { base, size } = aperture(bench);
        const pageMap = granted(bench.done(bench.kernel.pageMaps.memremap("a test", base, size)));
        const real: Real = { bench, map: pageMap, pins: [], mappings: [], coherent: bench.kernel.dma.live, chunks: 0 };
        fc.modelRun(
          () => ({ model: { peak: 0, references: new Map(), pins: [], vmas: [], mappings: [] }, real }),
          steps,
        );
      }),
      { seed: 417, numRuns: 60 },
    );
  },
);

function aperture({ gpu, kernel }: Bench) {
  const bar = gpu.gpu?.aperture;
  if (bar === undefined) throw new Error("the GPU has no memory");
  return { base: kernel.physicalOf(bar), size: pagesOf(2 ** 15) };
}
