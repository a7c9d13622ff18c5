import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Task } from "../../sim/activity.ts";
import { busAddr, bytes, PAGE_BYTES, ticksOfNs } from "../../sim/units.ts";
import { GIB, KIB, MIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

const addressOf = ({ segments }: DmaMapping): number => segments[0]?.address ?? -1;
const map = (bench: Bench, pages: PageRange, offset = 0, length = pages.count * PAGE_BYTES - offset): DmaMapping =>
  granted(bench.done(bench.kernel.dma.mapPages(bench.nvme, pages, offset, length)));

/** What the IOMMU answers the drive for an address now: the physical one, or a fault. */
function translated({ world, nvme }: Bench, address: number): number | "fault" {
  const { iommu } = world.fabric;
  return iommu.translate(nvme.node, address, world.clock.now) < 0 ? "fault" : iommu.physical;
}

describe.each(["off", "passthrough"] as const)("Without translation (%s)", (iommu) => {
  test("a mapping is the physical address, unchanged and unchecked", () => {
    const bench = new Bench({ iommu });
    const pages = bench.memory(3);
    const mapping = map(bench, pages, 100, 5000);
    expect(mapping).toMatchObject({
      segments: [{ address: pages.first * PAGE_BYTES + 100, length: 5000 }],
      iova: undefined,
      pages,
    });
    const nowhere = map(bench, { ...pages, first: (2 ** 35) as PageRange["first"] });
    expect(addressOf(nowhere)).toBe(2 ** 47);
    expect(bench.world.fabric.iommu.domainOf(bench.nvme.node)).toBeUndefined();
  });

  test("it costs an entry to map and an entry to unmap, whatever its length", () => {
    const bench = new Bench({ iommu });
    const before = bench.count("cpu.dma_map_entry");
    bench.done(bench.kernel.dma.unmap(map(bench, bench.memory(512))));
    expect([bench.count("cpu.dma_map_entry") - before, bench.count("cpu.dma_unmap_entry")]).toEqual([1, 1]);
    expect(bench.count("iommu.map_fixed")).toBe(0);
  });
});

describe.each(["lazy", "strict"] as const)("With translation (%s)", (iommu) => {
  test("a mapping is an address of the device's own domain, and leads to the pages", () => {
    const bench = new Bench({ iommu });
    const pages = bench.memory(3);
    const mapping = map(bench, pages, 100, 5000);
    const physical = pages.first * PAGE_BYTES + 100;
    expect(addressOf(mapping)).not.toBe(physical);
    expect(addressOf(mapping) % PAGE_BYTES).toBe(100);
    for (const at of [0, 4000, 4999]) expect(translated(bench, addressOf(mapping) + at)).toBe(physical + at);
    const forGpu = bench.world.fabric.iommu.domainOf(bench.gpu.node);
    expect(forGpu?.lookup(addressOf(mapping))).toBe(-1);
  });

  test("addresses stay below 4 GiB and below every BAR, aligned to their size, and never overlap", () => {
    const bench = new Bench({ iommu });
    const sizes = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 20, size: "max" });
    fc.assert(
      fc.property(sizes, (counts) => {
        const mappings = counts.map((count) => map(bench, bench.memory(count)));
        const spans = mappings.map((each) => [addressOf(each), addressOf(each) + each.length] as const);
        for (const [place, [from, to]] of spans.entries()) {
          expect([from >= 16 * MIB, to <= 3 * GIB]).toEqual([true, true]);
          expect(from % 2 ** Math.ceil(Math.log2(to - from))).toBe(0);
          for (const [other, end] of spans.slice(place + 1)) expect(other >= to || end <= from).toBe(true);
        }
        for (const each of mappings) bench.done(bench.kernel.dma.unmap(each));
      }),
      { seed: 12, numRuns: 30 },
    );
  });

  test("cost is an amount a range and an amount a page", () => {
    const bench = new Bench({ iommu });
    const names = ["iommu.map_fixed", "iommu.map_page", "iommu.unmap_fixed", "iommu.unmap_page"];
    const before = names.map((name) => bench.count(name));
    bench.done(bench.kernel.dma.unmap(map(bench, bench.memory(33))));
    expect(names.map((name, place) => bench.count(name) - (before[place] ?? 0))).toEqual([1, 33, 1, 33]);
  });

  test("what does not fit into 32 bits any more gets an address above them, clear of every BAR", () => {
    const bench = new Bench({ iommu });
    const big = bench.memory(GIB / PAGE_BYTES);
    const addresses = [1, 2, 3].map(() => addressOf(map(bench, big)));
    expect(addresses[0]).toBeLessThan(2 ** 32);
    expect(addresses.slice(1)).toEqual([2 ** 48 - GIB, 2 ** 48 - 2 * GIB]);
    bench.done(bench.kernel.dma.unmap(map(bench, big)));
  });

  test("what fits nowhere is refused, in full, and holds nothing", () => {
    const bench = new Bench({ iommu });
    const { live } = bench.kernel.dma;
    const huge = { ...bench.memory(1), count: 2 ** 36 };
    const refusal = refused(bench.done(bench.kernel.dma.mapPages(bench.nvme, huge, 0, 2 ** 48)));
    expect(refusal).toEqual({
      errno: "ENOMEM",
      who: "intel-iommu",
      whom: bench.nvme.name,
      why: "no IO virtual address range is free",
      remedy: "lower the queue depth, or unmap sooner",
    });
    expect(bench.kernel.dma.live).toBe(live);
  });
});

describe("Strict mode", () => {
  test("invalidates at once: the address faults as soon as it is unmapped, and may be used again", () => {
    const bench = new Bench({ iommu: "strict" });
    const mapping = map(bench, bench.memory(2));
    translated(bench, addressOf(mapping));
    const before = bench.count("iommu.invalidate");
    bench.done(bench.kernel.dma.unmap(mapping));
    expect(translated(bench, addressOf(mapping))).toBe("fault");
    expect(bench.count("iommu.invalidate") - before).toBe(1);
    expect(addressOf(map(bench, bench.memory(2)))).toBe(addressOf(mapping));
  });
});

const TIMEOUT = ticksOfNs(10e6);

/** Maps and unmaps one page, `times` times; tells after each how many invalidations there have been. */
function* churn(bench: Bench, times: number): Task<readonly number[]> {
  const { dma } = bench.kernel;
  const pages = bench.memory(1);
  const counts: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const mapping = granted(yield* dma.mapPages(bench.nvme, pages, 0, PAGE_BYTES));
    yield* dma.unmap(mapping);
    counts.push(bench.count("iommu.invalidate"));
  }
  return counts;
}

describe("Lazy mode", () => {
  test("leaves an unmapped address usable by the device until the flush, and reuses it only then", () => {
    const bench = new Bench({ iommu: "lazy" });
    const { dma } = bench.kernel;
    const pages = bench.memory(2);
    const seen: (number | "fault")[] = [];
    const addresses: number[] = [];
    bench.done(
      (function* (): Task<void> {
        const first = granted(yield* dma.mapPages(bench.nvme, pages, 0, 4096));
        seen.push(translated(bench, addressOf(first)));
        yield* dma.unmap(first);
        seen.push(translated(bench, addressOf(first)));
        const second = granted(yield* dma.mapPages(bench.nvme, pages, 0, 4096));
        addresses.push(addressOf(first), addressOf(second));
        bench.kernel.cpu.leave();
        yield TIMEOUT + ticksOfNs(1e5);
        seen.push(translated(bench, addressOf(first)));
        addresses.push(addressOf(granted(yield* dma.mapPages(bench.nvme, pages, 0, 4096))));
      })(),
    );
    const physical = pages.first * PAGE_BYTES;
    expect(seen).toEqual([physical, physical, "fault"]);
    expect(addresses[1]).not.toBe(addresses[0]);
    expect(addresses[2]).toBe(addresses[0]);
  });
});

describe("Lazy mode's flush", () => {
  test("comes once 250 unmaps have gathered, each time anew", () => {
    const counts = new Bench({ iommu: "lazy" });
    const told = counts.done(churn(counts, 760));
    expect([told[248], told[249], told[250], told[498], told[499], told[748], told[749]]).toEqual([
      0, 1, 1, 1, 2, 2, 3,
    ]);
  });

  test("comes 10 ms after the first unmap otherwise, and once", () => {
    const bench = new Bench({ iommu: "lazy" });
    let unmapped = -1;
    bench.done(
      (function* (): Task<void> {
        yield* churn(bench, 1);
        unmapped = bench.now;
        bench.kernel.cpu.leave();
        yield ticksOfNs(5e6);
        yield* churn(bench, 30);
      })(),
    );
    expect(bench.count("iommu.invalidate")).toBe(1);
    expect(bench.now - unmapped).toBe(TIMEOUT + bench.parameters.span("iommu.invalidate"));
  });

  test("by count arms the timer again, from the next unmap on", () => {
    const bench = new Bench({ iommu: "lazy" });
    let flushed = -1;
    let unmapped = -1;
    bench.done(
      (function* (): Task<void> {
        yield* churn(bench, 250);
        flushed = bench.count("iommu.invalidate");
        bench.kernel.cpu.leave();
        yield ticksOfNs(7e6);
        yield* churn(bench, 1);
        unmapped = bench.now;
      })(),
    );
    expect([flushed, bench.count("iommu.invalidate")]).toEqual([1, 2]);
    expect(bench.now - unmapped).toBe(TIMEOUT + bench.parameters.span("iommu.invalidate"));
  });

  test("by count leaves no timer behind", () => {
    const bench = new Bench({ iommu: "lazy" });
    const began = bench.now;
    bench.done(churn(bench, 250));
    expect(bench.count("iommu.invalidate")).toBe(1);
    expect(bench.now - began).toBeLessThan(TIMEOUT);
  });
});

describe("The head of a mapping", () => {
  test("is its first bytes, and the mapping itself where it is all of them", () => {
    const bench = new Bench();
    const mapping = map(bench, bench.memory(4));
    const { dma } = bench.kernel;
    expect(dma.head(mapping, 16 * KIB)).toBe(mapping);
    expect(dma.head(mapping, 100)).toEqual({
      ...mapping,
      length: 100,
      segments: [{ address: addressOf(mapping), length: 100 }],
    });
    expect(() => dma.head(mapping, 16 * KIB + 1)).toThrow("16385 bytes are more than a mapping of 16384");
  });

  test.each([0, -1, Number.NaN, 0.5, Number.POSITIVE_INFINITY])("cannot be %d bytes long", (length) => {
    const bench = new Bench();
    const mapping = map(bench, bench.memory(1));
    expect(() => bench.kernel.dma.head(mapping, length)).toThrow(RangeError);
  });
});

test("Every mapping and its end are told to the history, once each", () => {
  for (const iommu of ["off", "strict"] as const) {
    const bench = new Bench({ iommu });
    const mapping = map(bench, bench.memory(2));
    bench.done(bench.kernel.dma.unmap(mapping));
    expect(bench.events).toMatchObject([
      { kind: "mapped", mapping: mapping.id, initiator: bench.nvme.name, spans: mapping.segments },
      { kind: "unmapped", mapping: mapping.id },
    ]);
  }
});

describe("An address that is handed over behind the back of the DMA API", () => {
  const handedOver = (machine: string) => {
    const bench = new Bench({ machine, iommu: "strict" });
    const { kernel, driver, nvme, world } = bench;
    const live = kernel.dma.live;
    const began = bench.now;
    const chunk = granted(driver.memory.alloc(bytes(4 * KIB)));
    const mapping = kernel.dma.handOver(nvme, driver.memory.onTheBus(chunk), chunk.length, "dma-buf");
    const domain = world.fabric.iommu.domainOf(nvme.node);
    expect([domain?.lookup(addressOf(mapping)), bench.now, mapping.iova]).toEqual([-1, began, undefined]);
    const write = { initiator: nvme.node, reads: false, address: busAddr(addressOf(mapping)), length: 4 * KIB };
    bench.done(() => world.fabric.transfer({ ...write, payload: true }, "landed"));
    kernel.dma.takeBack(mapping);
    expect([kernel.dma.live, bench.eventsOf("mapped").length, bench.eventsOf("unmapped").length]).toEqual([live, 1, 1]);
    const [landed] = bench.eventsOf("dma-landed");
    return landed;
  };

  test("is unknown to the IOMMU, which is not asked where a switch turns the packets", () => {
    expect(handedOver("one-switch")).toMatchObject({ told: "ok", delivered: 4 * KIB, fault: "" });
  });

  test("faults where they have to pass the root complex, and nobody is told", () => {
    expect(handedOver("acs-redirect")).toMatchObject({ told: "ok", delivered: 0, fault: "IOMMU fault" });
  });
});
