import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Domain } from "../../fabric/iommu.ts";
import type { Acs, Topology } from "../../fabric/topology.ts";
import type { TranslationCache } from "../../fabric/translation-cache.ts";
import { iova, PAGE_BYTES, physAddr, ticksOfNs } from "../../sim/units.ts";
import {
  amend,
  apertureOf,
  boot,
  GROVE,
  grove,
  KIB,
  leftBehind,
  type Move,
  type Moved,
  type Packet,
  type Rig,
  runMove,
  runMoves,
  withBits,
} from "./machines.ts";

/** Where every device's IO virtual addresses begin here. */
const BASE = 2 ** 24;
const MISS = ticksOfNs(288);
/** A three double word header and what frames it, and one with four. */
const ASKED = 8 + 12;
const MESSAGE = 8 + 16;
const LATER = ticksOfNs(20_000);

interface Asking {
  readonly rig: Rig;
  readonly domain: Domain;
  readonly node: number;
  readonly cache: TranslationCache | undefined;
  /** Translation Requests as they leave the device. */
  readonly requests: () => readonly Packet[];
}

interface Words {
  readonly device?: string;
  readonly topology?: Topology;
  /** Where its pages lead to; memory unless said. */
  readonly to?: number;
  readonly pages?: number;
  readonly constants?: Readonly<Record<string, number>>;
}

const withAts = (topology: Topology, device: string): Topology => amend(topology, { [device]: { ats: true } });

/** A device behind translation that has ATS, with pages mapped from BASE on. */
function asking({ device = "E", topology = grove(), to, pages = 16, constants = {} }: Words = {}): Asking {
  const rig = boot(withAts(topology, device), GROVE, constants);
  const { iommu, addresses, translations, engine } = rig.fabric;
  const node = rig.fabric.node(device);
  const domain = iommu.attach(node);
  domain.map(iova(BASE), physAddr(to ?? addresses.memory(0).base), pages * PAGE_BYTES);
  const asked = new Set<number>();
  const { trace } = engine;
  engine.trace = (at, channel, kind, length, wire, transfer, slot) => {
    if (engine.transfers.service[transfer] === 1) asked.add(engine.transfers.identity[transfer] ?? 0);
    trace?.(at, channel, kind, length, wire, transfer, slot);
  };
  const requests = (): readonly Packet[] =>
    rig.packets.filter(({ transfer, link, kind }) => asked.has(transfer) && link === `${device} up` && kind === "MRd");
  return { rig, domain, node, cache: translations.cacheOf(node), requests };
}

const read = (page: number, at = 0): Move => ({
  initiator: "E",
  reads: true,
  address: BASE + page * PAGE_BYTES,
  length: 64,
  at,
});

/** How long it took, from when it began until its initiator knew. */
const lasted = ({ told, began }: Moved): number => told - began;

/** How long the same read takes that bears the physical address, nothing asked and nothing looked up. */
function physical(page: number): number {
  const rig = boot(grove(), GROVE);
  const address = rig.fabric.addresses.memory(0).base + page * PAGE_BYTES;
  return lasted(runMove(rig, { ...read(page), address, translated: true }));
}

/** From one packet's first bit on a channel to its last at the end of it. */
function hop(rig: Rig, label: string, wire: number): number {
  const channel = rig.fabric.graph.channels.find((each) => each.label === label);
  if (channel === undefined) throw new Error(`no ${label}`);
  return wire * channel.ticksPerByte[2] + channel.flight + channel.residence;
}

describe("A device with ATS asks the root complex where a page is", () => {
  test("once a page, and never for what it has been told", () => {
    const { rig, requests, cache } = asking();
    runMoves(rig, [read(0), read(0, LATER), read(1, 2 * LATER), read(0, 3 * LATER), read(1, 3 * LATER)]);
    expect(requests().map(({ length, wire }) => [length, wire])).toEqual([
      [0, ASKED],
      [0, ASKED],
    ]);
    expect([cache?.requests, cache?.size, rig.fabric.iommu.lookups]).toEqual([2, 2, 2]);
    expect(leftBehind(rig)).toEqual([]);
  });

  test("once a page of a long transfer, too, however many of its packets a page has", () => {
    const { rig, requests } = asking();
    const { landed } = runMove(rig, { initiator: "E", reads: false, address: BASE + 100, length: 40 * KIB });
    expect(requests()).toHaveLength(11);
    expect([rig.fabric.iommu.lookups, rig.fabric.iommu.misses]).toEqual([11, 11]);
    expect([landed?.delivered, landed?.fault, leftBehind(rig)]).toEqual([40 * KIB, "", []]);
  });

  test("and loses on a miss the way there and back and a walk; on a hit nothing", () => {
    const { rig } = asking();
    const [miss, hit] = runMoves(rig, [read(3), read(3, LATER)]);
    const inside = rig.packets.filter(({ at, kind }) => kind === "Cpl" && at < LATER).map(({ link }) => link);
    const trip = hop(rig, "E up", ASKED) + MISS + hop(rig, inside[0] ?? "", 8) + hop(rig, "E down", ASKED + 8);
    expect(miss && lasted(miss)).toBe(Math.round(trip) + physical(3));
    expect(hit && lasted(hit)).toBe(physical(3));
  });

  test("and its translation costs the IOTLB nothing where that has the page", () => {
    const { rig, domain, cache } = asking();
    runMove(rig, read(0));
    cache?.invalidate(BASE, PAGE_BYTES);
    const again = runMove(rig, { ...read(0), at: LATER });
    expect([domain.mapped, rig.fabric.iommu.misses, rig.fabric.iommu.lookups]).toEqual([1, 1, 2]);
    expect(lasted(again)).toBeLessThan(2 * physical(0) + MISS);
  });

  test("a few pages ahead, and no farther than the transfer goes", () => {
    const { rig, requests } = asking({ constants: { "ats.requests": 4 } });
    runMove(rig, { initiator: "E", reads: false, address: BASE, length: 3 * PAGE_BYTES });
    expect(requests().map(({ at }) => at < MISS)).toEqual([true, true, true]);
    const one = asking({ constants: { "ats.requests": 1 } });
    runMove(one.rig, { initiator: "E", reads: false, address: BASE, length: 3 * PAGE_BYTES });
    expect(one.requests().map(({ at }) => at < MISS)).toEqual([true, false, false]);
  });

  test("again for what no longer fits, and gets all across however little fits", () => {
    for (const entries of [1, 2, 5]) {
      const { rig, cache } = asking({ constants: { "ats.cache_entries": entries } });
      const moves = [false, true, false, true].map((reads, place) => ({
        initiator: "E",
        reads,
        address: BASE + place * PAGE_BYTES,
        length: 9 * PAGE_BYTES,
      }));
      for (const { landed } of runMoves(rig, moves)) expect(landed?.delivered).toBe(9 * PAGE_BYTES);
      expect([cache?.size, leftBehind(rig)]).toEqual([entries, []]);
    }
  });

  test("and what it sends lies where the page table says, whatever it moves", () => {
    const moves = fc.array(
      fc.record({
        reads: fc.boolean(),
        control: fc.boolean(),
        offset: fc.nat(60 * KIB),
        length: fc.integer({ min: 1, max: 16 * KIB }),
        at: fc.nat(ticksOfNs(3000)),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 9 }), (all, entries) => {
        const { rig } = asking({ pages: 32, constants: { "ats.cache_entries": entries } });
        const ended = runMoves(
          rig,
          all.map(({ offset, ...rest }) => ({ initiator: "E", address: BASE + offset, ...rest })),
        );
        for (const { move, landed, status } of ended)
          expect([status, landed?.delivered, landed?.fault]).toEqual(["ok", move.length, ""]);
        expect([rig.fabric.iommu.faults, leftBehind(rig)]).toEqual([0, []]);
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  test("keeps the order of its queue: an interrupt does not pass the entry that it announces", () => {
    const { rig } = asking();
    const interrupt = rig.fabric.addresses.interrupts(0);
    const [entry, told] = runMoves(rig, [
      { initiator: "E", reads: false, address: BASE, length: 16, control: true },
      { initiator: "E", reads: false, address: interrupt, length: 4, control: true },
    ]);
    expect(told?.landed?.at).toBeGreaterThan(entry?.landed?.at ?? Number.POSITIVE_INFINITY);
  });

  test("a large page once, when it has seen that pages are large", () => {
    const LARGE = 2 ** 21;
    const rig = boot(withAts(grove(), "E"), GROVE);
    const { iommu, translations, addresses } = rig.fabric;
    iommu.largestPage = LARGE;
    const node = rig.fabric.node("E");
    iommu.attach(node).map(iova(BASE), physAddr(addresses.memory(0).base), 4 * LARGE);
    const cache = translations.cacheOf(node);
    const [, long] = runMoves(rig, [read(0), { ...read(0, LATER), reads: false, length: 3 * LARGE }]);
    expect([cache?.requests, cache?.size, long?.landed?.delivered]).toEqual([3, 3, 3 * LARGE]);
  });
});

describe("A device with ATS does not ask", () => {
  test("where nothing translates", () => {
    const rig = boot(withAts(grove(), "E"), GROVE);
    const plain = boot(grove(), GROVE);
    const move = { ...read(0), address: rig.fabric.addresses.memory(0).base };
    expect(lasted(runMove(rig, move))).toBe(lasted(runMove(plain, move)));
    expect([rig.packets, rig.fabric.translations.cacheOf(rig.fabric.node("E"))]).toEqual([plain.packets, undefined]);
  });

  test("for a bus address that was handed to it, nor for interrupts", () => {
    const topology = grove();
    const { rig, cache } = asking({ device: "A", topology });
    const moves = [apertureOf(topology, "B"), rig.fabric.addresses.interrupts(0)].map((address) => ({
      initiator: "A",
      reads: false,
      address,
      length: 4,
    }));
    expect(runMoves(rig, moves).map(({ landed }) => landed?.delivered)).toEqual([4, 4]);
    expect(cache?.requests).toBe(0);
  });
});

describe("Where a page is not mapped for it", () => {
  test.each([false, true])("its data go untranslated, and fault at the root complex (reads: %s)", (reads) => {
    const { rig, cache } = asking({ pages: 1 });
    const { landed, status } = runMove(rig, { initiator: "E", reads, address: BASE, length: 2 * PAGE_BYTES });
    expect([landed?.fault, status]).toEqual(["IOMMU fault", reads ? "unsupported-request" : "ok"]);
    expect([rig.fabric.iommu.faults > 0, cache?.size, cache?.waiting, leftBehind(rig)]).toEqual([true, 1, 0, []]);
  });

  test("it asks again the next time, for by then it may be", () => {
    const { rig, domain, cache } = asking({ pages: 1 });
    const memory = rig.fabric.addresses.memory(0).base;
    rig.clock.spawn(
      "map",
      (function* () {
        yield LATER;
        domain.map(iova(BASE + PAGE_BYTES), physAddr(memory), PAGE_BYTES);
      })(),
    );
    const [first, second] = runMoves(rig, [read(1), read(1, 2 * LATER)]);
    expect([first?.landed?.fault, second?.landed?.fault, second?.landed?.delivered]).toEqual(["IOMMU fault", "", 64]);
    expect(cache?.requests).toBe(2);
  });
});

describe("A write to a neighbour behind the same switch, under an IOMMU, with Request Redirect", () => {
  const LENGTH = 8 * KIB;
  const RR = { requestRedirect: true, completionRedirect: true };
  const written = (bits: Partial<Acs>, ats: boolean) => {
    const topology = withBits(grove(), { "root 0": { upstreamForwarding: true }, "above A": bits });
    const to = apertureOf(topology, "B");
    const { rig, cache } = asking({ device: "A", topology: topology, to });
    if (!ats) return { ...moved(boundOnly(topology, to)), requests: 0 };
    return { ...moved(rig), requests: cache?.requests };
  };
  const boundOnly = (topology: Topology, to: number): Rig => {
    const rig = boot(topology, GROVE);
    rig.fabric.iommu.attach(rig.fabric.node("A")).map(iova(BASE), physAddr(to), 16 * PAGE_BYTES);
    return rig;
  };
  const moved = (rig: Rig) => {
    const { landed } = runMove(rig, { initiator: "A", reads: false, address: BASE, length: LENGTH });
    const up = rig.packets
      .filter(({ link, kind }) => link === "upper up" && kind === "MWr")
      .reduce((sum, { length }) => sum + length, 0);
    const { climbed } = rig.fabric.payloadOf("A");
    return { delivered: landed?.delivered, fault: landed?.fault, up, climbed, rest: leftBehind(rig) };
  };
  const ARRIVED = { delivered: LENGTH, fault: "", rest: [] };

  test("goes up to the root complex without ATS, Direct Translated or not", () => {
    for (const bits of [RR, { ...RR, directTranslated: true }])
      expect(written(bits, false)).toEqual({ ...ARRIVED, up: LENGTH, climbed: LENGTH, requests: 0 });
  });

  test("turns at the switch with ATS and Direct Translated, and the root complex sees no byte of it", () => {
    expect(written({ ...RR, directTranslated: true }, true)).toEqual({ ...ARRIVED, up: 0, climbed: 0, requests: 2 });
  });

  test("goes up with ATS alone", () => {
    expect(written(RR, true)).toEqual({ ...ARRIVED, up: LENGTH, climbed: LENGTH, requests: 2 });
  });

  test("turns with ATS where nothing redirects", () => {
    expect(written({}, true)).toMatchObject({ ...ARRIVED, up: 0 });
  });

  test("goes up untranslated where Translation Blocking lets the device not even ask", () => {
    const bits = { ...RR, directTranslated: true, translationBlocking: true };
    expect(written(bits, true)).toMatchObject({ ...ARRIVED, up: LENGTH, climbed: LENGTH });
  });
});

describe("Invalidation", () => {
  /** Uses a page, has it invalidated, uses it again; and how long the invalidation took. */
  function around(before: (asked: Asking) => void = () => {}): Asking & { readonly spans: number[]; second?: Moved } {
    const asked = asking();
    before(asked);
    const { rig, node } = asked;
    const spans: number[] = [];
    rig.clock.spawn(
      "invalidating",
      (function* () {
        yield LATER;
        yield* rig.fabric.invalidateAtDevice(node, iova(BASE), PAGE_BYTES);
        spans.push(rig.clock.now - LATER);
      })(),
    );
    const [, second] = runMoves(rig, [read(0), read(0, 2 * LATER)]);
    return { ...asked, spans, ...(second && { second }) };
  }

  test("goes to the device and waits for its answer, and the device asks again", () => {
    const { rig, spans, requests, cache, second } = around();
    const messages = rig.packets.filter(({ at, link }) => at >= LATER && at < 2 * LATER && link.startsWith("E "));
    expect(messages.map(({ link, length, wire }) => [link, length, wire])).toEqual([
      ["E down", 8, MESSAGE + 8],
      ["E up", 0, MESSAGE],
    ]);
    const way = hop(rig, "E down", MESSAGE + 8) + hop(rig, "E up", MESSAGE);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toBeGreaterThanOrEqual(Math.round(way));
    expect(spans[0]).toBeLessThan(Math.round(way) + ticksOfNs(400));
    expect([requests().length, cache?.dropped, second?.landed?.delivered]).toEqual([2, 1, 64]);
    expect(leftBehind(rig)).toEqual([]);
  });

  test("tells the history nothing, for it is no DMA", () => {
    const events: string[] = [];
    around(({ rig }) => rig.history.onAny(({ kind }) => events.push(kind)));
    expect(events).toEqual(["dma-began", "dma-landed", "dma-began", "dma-landed"]);
  });

  test("drops a range and nothing else, and what is on its way", () => {
    const { rig, cache } = asking();
    runMove(rig, { initiator: "E", reads: false, address: BASE, length: 4 * PAGE_BYTES });
    cache?.invalidate(BASE + PAGE_BYTES, 2 * PAGE_BYTES);
    expect([0, 1, 2, 3].map((page) => cache?.holds(BASE + page * PAGE_BYTES))).toEqual([true, false, false, true]);

    const crossing = asking();
    crossing.rig.clock.spawn(
      "crossing",
      (function* () {
        yield ticksOfNs(10);
        crossing.cache?.invalidate(BASE, PAGE_BYTES);
      })(),
    );
    expect(runMove(crossing.rig, read(0)).landed?.delivered).toBe(64);
    expect(crossing.requests()).toHaveLength(2);
  });

  test("that is left out lets the device write to where the page was: nobody on the way checks", () => {
    const { rig, domain } = asking();
    const { iommu, engine } = rig.fabric;
    rig.clock.spawn(
      "unmap",
      (function* () {
        yield LATER;
        domain.unmap(iova(BASE));
        iommu.invalidateAll();
      })(),
    );
    const write = { initiator: "E", reads: false, address: BASE, length: 64 };
    const [, second] = runMoves(rig, [write, { ...write, at: 2 * LATER }]);
    expect(second?.landed).toMatchObject({ delivered: 0, fault: "", told: "ok" });
    expect([iommu.faults, engine.bytesWritten[rig.fabric.node("memory 0")]]).toEqual([0, 128]);
  });
});
