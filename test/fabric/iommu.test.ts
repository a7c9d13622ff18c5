import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Domain, type Iommu } from "../../fabric/iommu.ts";
import { Chance } from "../../sim/random.ts";
import { iova, nsOfTicks, PAGE_BYTES, physAddr, ticksOfNs } from "../../sim/units.ts";
import { apertureOf, boot, GROVE, grove, KIB, leftBehind, type Move, type Rig, runMoves } from "./machines.ts";

const MISS = ticksOfNs(288);
/** Where every device's IO virtual addresses begin here. */
const BASE = 2 ** 24;

interface Translating {
  readonly rig: Rig;
  readonly iommu: Iommu;
  readonly domain: Domain;
  /** Looks up a page of the domain, as a packet would at that time, and says how long it takes; -1 for a fault. */
  readonly lookUp: (page: number, at?: number) => number;
}

/** Device E of the grove, behind translation, with pages of memory mapped from BASE on. */
function translating(pages: number, constants: Readonly<Record<string, number>> = {}): Translating {
  const rig = boot(grove(), GROVE, constants);
  const { iommu, addresses } = rig.fabric;
  const node = rig.fabric.node("E");
  const domain = iommu.attach(node);
  domain.map(iova(BASE), physAddr(addresses.memory(0).base), pages * PAGE_BYTES);
  return { rig, iommu, domain, lookUp: (page, at = 0) => iommu.translate(node, BASE + page * PAGE_BYTES, at) };
}

const reads = (pages: readonly number[]): readonly Move[] =>
  pages.map((page) => ({ initiator: "E", reads: true, address: BASE + page * PAGE_BYTES, length: 64 }));

const cycle = (pages: number, rounds: number): readonly number[] =>
  Array.from({ length: pages * rounds }, (_, place) => place % pages);

describe("The IOTLB", () => {
  const ENTRIES = 8;

  test.each([1, 7, 8])("misses each of %i pages once where all of them fit", (pages) => {
    const { iommu, lookUp } = translating(64, { "iommu.iotlb_entries": ENTRIES });
    for (const page of cycle(pages, 10)) lookUp(page);
    expect(iommu.misses).toBe(pages);
  });

  test.each([9, 12, 64])(
    "misses every time in a cycle of %i pages, as it drops each just before it is needed",
    (pages) => {
      const { iommu, lookUp } = translating(64, { "iommu.iotlb_entries": ENTRIES });
      for (const page of cycle(pages, 10)) lookUp(page);
      expect(iommu.misses).toBe(pages * 10);
    },
  );

  test("does so for packets too", () => {
    for (const [pages, misses] of [
      [8, 8],
      [9, 27],
    ] as const) {
      const { rig, iommu } = translating(64, { "iommu.iotlb_entries": ENTRIES });
      const spaced = reads(cycle(pages, 3)).map((move, place) => ({ ...move, at: place * 4096 * 3000 }));
      runMoves(rig, spaced);
      expect([pages, iommu.misses]).toEqual([pages, misses]);
    }
  });

  test("holds what was used last, whatever the order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11), { maxLength: 200, size: "max" }), (pages) => {
        const { lookUp } = translating(16, { "iommu.iotlb_entries": ENTRIES });
        let recent: number[] = [];
        for (const [place, page] of pages.entries()) {
          const hit = recent.includes(page);
          expect(lookUp(page, place * 4 * MISS)).toBe(hit ? 0 : MISS);
          recent = [page, ...recent.filter((each) => each !== page)].slice(0, ENTRIES);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("looks up once per packet and page, not per byte", () => {
    const { rig, iommu } = translating(64);
    runMoves(rig, [{ initiator: "E", reads: false, address: BASE, length: 8 * KIB }]);
    expect([iommu.lookups, iommu.misses]).toEqual([32, 2]);
  });

  test("adds to a read what pcie-bench measured over windows of 512 KiB to 64 MiB, within 8 ns", () => {
    for (const [pages, published] of [
      [128, 25],
      [256, 156],
      [1024, 257],
      [16384, 287],
    ] as const) {
      const { lookUp } = translating(pages);
      const chance = new Chance(1);
      for (let warm = 0; warm < 2000; warm += 1) lookUp(chance.below(pages), warm * MISS);
      let sum = 0;
      const samples = 20_000;
      for (let at = 2000; at < 2000 + samples; at += 1) sum += lookUp(chance.below(pages), at * MISS);
      expect(Math.abs(nsOfTicks(sum / samples) - published)).toBeLessThan(8);
    }
  });
});

describe("Large pages", () => {
  const LARGE = 2 ** 21;

  /** Pages of 2 MiB in both tables, from an address of that alignment on. */
  function largely(pages: number, constants: Readonly<Record<string, number>> = {}): Translating {
    const rig = boot(grove(), GROVE, constants);
    const { iommu, addresses } = rig.fabric;
    iommu.largestPage = LARGE;
    const node = rig.fabric.node("E");
    const domain = iommu.attach(node);
    const physical = Math.ceil(addresses.memory(0).base / LARGE) * LARGE;
    domain.map(iova(BASE), physAddr(physical), pages * LARGE);
    return { rig, iommu, domain, lookUp: (page, at = 0) => iommu.translate(node, BASE + page * PAGE_BYTES, at) };
  }

  test("take one entry for 512 small ones", () => {
    const { iommu, lookUp } = largely(8, { "iommu.iotlb_entries": 8 });
    for (const page of cycle(8 * 512, 2)) lookUp(page);
    expect(iommu.misses).toBe(8);
  });

  test("have their knee at as many entries, 512 times as far out", () => {
    const { iommu, lookUp } = largely(9, { "iommu.iotlb_entries": 8 });
    for (const page of cycle(9 * 512, 3)) lookUp(page);
    expect(iommu.misses).toBe(27);
  });

  test("lead every byte to where small ones would", () => {
    fc.assert(
      fc.property(fc.nat(4 * LARGE - 1), (offset) => {
        const { rig, iommu, domain } = largely(4);
        iommu.translate(rig.fabric.node("E"), BASE + offset, 0);
        expect(iommu.physical).toBe(domain.lookup(BASE + offset));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["a small part of it", 7, 1],
    ["more than is cached", 0, 1024],
  ])("are dropped whole where %s is invalidated", (_what, first, pages) => {
    const { iommu, domain, lookUp } = largely(3);
    for (const page of [0, 1200]) lookUp(page);
    iommu.invalidate(domain, iova(BASE + first * PAGE_BYTES), pages * PAGE_BYTES);
    expect([0, 1200].map((page) => lookUp(page, 9 * MISS))).toEqual([MISS, 0]);
  });
});

describe("Page walks", () => {
  test("run at the same time up to the number of walkers; the others queue", () => {
    const { lookUp } = translating(64, { "iommu.walkers": 3 });
    const delays = Array.from({ length: 7 }, (_, page) => lookUp(page));
    expect(delays.map((delay) => delay / MISS)).toEqual([1, 1, 1, 2, 2, 2, 3]);
  });

  test("bound the rate of packets that miss, however many arrive", () => {
    const pages = Array.from({ length: 60 }, (_, page) => page);
    const spans = [1, 2, 4].map((walkers) => {
      const { rig } = translating(64, { "iommu.walkers": walkers, "iommu.iotlb_entries": 8 });
      runMoves(rig, reads(pages));
      const starts = rig.packets.filter(({ link }) => link === "memory 0 in").map(({ at }) => at);
      return [walkers, Math.max(...starts) - Math.min(...starts)] as const;
    });
    for (const [walkers, span] of spans) {
      expect(span).toBeGreaterThanOrEqual(((60 - walkers) * MISS) / walkers);
      expect(span).toBeLessThan(((60 - walkers) * MISS * 1.1) / walkers + MISS);
    }
  });

  test("cost nothing where the same page was just looked up", () => {
    const { lookUp } = translating(64);
    expect([lookUp(0), lookUp(0), lookUp(1), lookUp(0)]).toEqual([MISS, 0, MISS, 0]);
  });
});

describe("Behind a packet that waits for a walk", () => {
  test("nothing overtakes: what a device sends leaves the root complex in the same order, hit or miss", () => {
    const traffic = fc.array(fc.record({ page: fc.nat(12), reads: fc.boolean() }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(traffic, (each) => {
        const { rig } = translating(16, { "iommu.iotlb_entries": 3, "iommu.walkers": 2 });
        runMoves(
          rig,
          each.map(({ page, reads: read }) => ({
            initiator: "E",
            reads: read,
            address: BASE + page * PAGE_BYTES,
            length: 96,
          })),
        );
        const order = (link: string): readonly number[] =>
          rig.packets.filter((packet) => packet.link === link && packet.kind !== "Cpl").map(({ transfer }) => transfer);
        expect(order("memory 0 in")).toEqual(order("E up"));
        expect(leftBehind(rig)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("neither does a completion that follows a posted write", () => {
    const { rig } = translating(16);
    // A reads from E a little after E has begun to write: the answer is on E's link right behind the write.
    runMoves(rig, [
      { initiator: "E", reads: false, address: BASE, length: 64, at: ticksOfNs(680) },
      { initiator: "A", reads: true, address: apertureOf(rig.topology, "E"), length: 64 },
    ]);
    const at = (link: string, kind: string): number =>
      rig.packets.find((packet) => packet.link === link && packet.kind === kind)?.at ?? Number.NaN;
    const behind = at("E up", "Cpl") - at("E up", "MWr");
    expect(behind).toBeGreaterThan(0);
    expect(behind).toBeLessThan(MISS);
    expect(at("forward 0", "Cpl")).toBeGreaterThanOrEqual(at("memory 0 in", "MWr"));
  });

  test("neither does a neighbour's untranslated write, as both come through one port", () => {
    const rig = boot(grove(), GROVE);
    const { addresses, iommu } = rig.fabric;
    const memory = addresses.memory(0).base;
    iommu.attach(rig.fabric.node("A")).map(iova(BASE), physAddr(memory), PAGE_BYTES);
    const [held, free] = runMoves(rig, [
      { initiator: "A", reads: false, address: BASE, length: 64 },
      { initiator: "B", reads: false, address: memory + PAGE_BYTES, length: 64, at: ticksOfNs(20) },
    ]);
    expect(free?.landed?.at).toBeGreaterThanOrEqual(held?.landed?.at ?? Number.NaN);
  });
});

describe("A mapping that is gone", () => {
  test("is still translated from the IOTLB until it is invalidated: the hazard of lazy unmapping", () => {
    const { domain, iommu, lookUp, rig } = translating(1);
    const memory = rig.fabric.addresses.memory(0).base;
    expect(lookUp(0)).toBe(MISS);
    domain.unmap(iova(BASE));
    expect(lookUp(0)).toBe(0);
    expect(iommu.physical).toBe(memory);
    iommu.invalidate(domain, iova(BASE), PAGE_BYTES);
    expect(lookUp(0)).toBe(-1);
    expect(iommu.faults).toBe(1);
  });

  test("that was never cached faults at once", () => {
    const { domain, lookUp } = translating(1);
    domain.unmap(iova(BASE));
    expect(lookUp(0)).toBe(-1);
  });

  test("lets a write under way land or fault, depending on whether the IOTLB was invalidated", () => {
    const landing = (invalidate: boolean): object | undefined => {
      const { rig, domain, iommu } = translating(1);
      rig.clock.spawn(
        "unmap",
        (function* () {
          yield ticksOfNs(5005);
          domain.unmap(iova(BASE));
          if (invalidate) iommu.invalidate(domain, iova(BASE), PAGE_BYTES);
        })(),
      );
      const write = { initiator: "E", reads: false, address: BASE, length: 64 };
      const [, second] = runMoves(rig, [write, { ...write, at: ticksOfNs(5000) }]);
      return second?.landed;
    };
    expect(landing(false)).toMatchObject({ delivered: 64, fault: "", told: "ok" });
    expect(landing(true)).toMatchObject({ delivered: 0, fault: "IOMMU fault", told: "ok" });
  });

  test("and made again elsewhere sends a stale write to the old place, which counts as not delivered", () => {
    const { rig, domain } = translating(1);
    const memory = rig.fabric.addresses.memory(0).base;
    const write = { initiator: "E", reads: false, address: BASE, length: 64 };
    rig.clock.spawn(
      "remap",
      (function* () {
        yield ticksOfNs(4000);
        domain.unmap(iova(BASE));
        domain.map(iova(BASE), physAddr(memory + 64 * PAGE_BYTES), PAGE_BYTES);
      })(),
    );
    const [, second] = runMoves(rig, [write, { ...write, at: ticksOfNs(5000) }]);
    expect(second?.landed).toMatchObject({ delivered: 0, fault: "", told: "ok" });
    expect(rig.fabric.engine.bytesWritten[rig.fabric.node("memory 0")]).toBe(128);
  });
});

describe("Invalidation", () => {
  test.each([
    ["a range of few pages", 2],
    ["a range of more pages than are cached", 60],
  ])("drops %s, and nothing else", (_what, pages) => {
    const { domain, iommu, lookUp } = translating(64, { "iommu.iotlb_entries": 16 });
    for (const page of [0, 1, 62, 63]) lookUp(page);
    iommu.invalidate(domain, iova(BASE), pages * PAGE_BYTES);
    expect([62, 63, 0, 1].map((page) => lookUp(page, 100 * MISS))).toEqual([0, 0, MISS, MISS]);
  });

  test("touches no other device's entries for the same addresses", () => {
    const { rig, domain, iommu, lookUp } = translating(4);
    const other = rig.fabric.node("G");
    iommu.attach(other).map(iova(BASE), physAddr(rig.fabric.addresses.memory(1).base), 4 * PAGE_BYTES);
    lookUp(0);
    expect(iommu.translate(other, BASE, 0)).toBe(MISS);
    expect(iommu.physical).toBe(rig.fabric.addresses.memory(1).base);
    iommu.invalidate(domain, iova(BASE), PAGE_BYTES);
    expect(iommu.translate(other, BASE, 9 * MISS)).toBe(0);
    iommu.invalidateAll();
    expect(iommu.translate(other, BASE, 9 * MISS)).toBe(MISS);
  });
});

describe("A domain", () => {
  /** The first and the last byte of every page that a step may touch. */
  const ENDS = Array.from({ length: 48 }, (_, page) => [page * PAGE_BYTES, (page + 1) * PAGE_BYTES - 1]).flat();
  const step = fc.record({ page: fc.nat(40), pages: fc.integer({ min: 1, max: 6 }), unmaps: fc.boolean() });

  test("translates any byte of any range as a table of pages would, whatever was mapped and unmapped in between", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
        const domain = new Domain(1);
        const table = new PageTable();
        for (const { page, pages, unmaps } of steps) {
          if (unmaps) {
            table.unmap(page);
            domain.unmap(iova(page * PAGE_BYTES));
          } else if (table.isFree(page, pages)) {
            const frame = table.map(page, pages);
            domain.map(iova(page * PAGE_BYTES), physAddr(frame * PAGE_BYTES), pages * PAGE_BYTES);
          }
        }
        expect(domain.mapped).toBe(table.ranges);
        expect(ENDS.map((address) => domain.lookup(address))).toEqual(ENDS.map((address) => table.lookup(address)));
      }),
    );
  });
});

/** The same by the page: what a domain's ranges stand for. */
class PageTable {
  readonly #frames = new Map<number, number>();
  readonly #lengths = new Map<number, number>();
  #next = 1000;

  isFree(page: number, pages: number): boolean {
    return Array.from({ length: pages }, (_, at) => page + at).every((at) => !this.#frames.has(at));
  }

  /** Gives the pages frames in a row; the answer is the first. */
  map(page: number, pages: number): number {
    const first = this.#next;
    this.#next += 2 * pages;
    for (let at = 0; at < pages; at += 1) this.#frames.set(page + at, first + at);
    this.#lengths.set(page, pages);
    return first;
  }

  unmap(page: number): void {
    for (let at = 0; at < (this.#lengths.get(page) ?? 0); at += 1) this.#frames.delete(page + at);
    this.#lengths.delete(page);
  }

  get ranges(): number {
    return this.#lengths.size;
  }

  lookup(address: number): number {
    const frame = this.#frames.get(Math.floor(address / PAGE_BYTES));
    return frame === undefined ? -1 : frame * PAGE_BYTES + (address % PAGE_BYTES);
  }
}
