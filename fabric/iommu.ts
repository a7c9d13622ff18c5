import type { Parameters } from "../calibration/parameters.ts";
import type { Cumulative, Repeat } from "../sim/cumulative.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Iova, PAGE_BYTES, type PhysAddr } from "../sim/units.ts";
import type { AddressMap } from "./address-map.ts";
import { type IoPage, type IoRange, largePart } from "./io-range.ts";
import type { Translator } from "./tlp/engine.ts";
import type { Translation } from "./translation-cache.ts";

/** What one device may reach: its page table, kept as ranges. */
export class Domain {
  readonly id: number;
  /** The kernel maps with pages up to this size, the largest that fit. */
  readonly largestPage: IoPage;
  readonly #ranges: IoRange[] = [];
  constructor(id: number, largestPage: IoPage = PAGE_BYTES) {
    this.id = id;
    this.largestPage = largestPage;
  }

  map(from: Iova, to: PhysAddr, length: number): void {
    const at = this.#ranges.findIndex(({ iova }) => iova > from);
    this.#ranges.splice(at < 0 ? this.#ranges.length : at, 0, { iova: from, physical: to, length });
  }

  unmap(from: Iova): void {
    const at = this.#ranges.findIndex(({ iova }) => iova === from);
    if (at >= 0) this.#ranges.splice(at, 1);
  }

  /** Physical address of an IO virtual address; -1 where it is not mapped. */
  lookup(address: number): number {
    const range = this.#rangeOf(address);
    return range ? range.physical + (address - range.iova) : -1;
  }

  /** Size of the page that maps an address; the smallest where none does. */
  pageAt(address: number): IoPage {
    const range = this.largestPage === PAGE_BYTES ? undefined : this.#rangeOf(address);
    if (range === undefined) return PAGE_BYTES;
    const [from, to] = largePart(range, this.largestPage);
    return address >= from && address < to ? this.largestPage : PAGE_BYTES;
  }

  #rangeOf(address: number): IoRange | undefined {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.iova ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low - 1];
    return range && address < range.iova + range.length ? range : undefined;
  }

  get mapped(): number {
    return this.#ranges.length;
  }

  writeState(out: StateWriter): void {
    out.put(this.#ranges.length);
    for (const { iova, physical, length } of this.#ranges) {
      out.put(iova);
      out.put(physical);
      out.put(length);
    }
  }
}

interface TlbEntry extends Translation {
  readonly key: number;
  readonly domain: number;
}

/** What the root complex answers a Translation Request, and how long it takes to know. */
interface Answer {
  readonly delay: number;
  readonly translation: Translation | undefined;
}

/** Keeps (domain, page, level) in one number: IO virtual addresses have 36 bits of page here. */
const DOMAIN_STRIDE = 2 ** 36;

/** Large pages have keys of their own, below 0. */
const keyOf = (domain: number, address: number, size: IoPage): number => {
  const key = domain * DOMAIN_STRIDE + Math.floor(address / size);
  return size === PAGE_BYTES ? key : -key;
};

/**
 * The IOMMU of all root complexes: a fully associative, least-recently-used IOTLB in front of page walks, of which a few run at once.
 * The fitted capacity and miss cost behave so for streams (calibration: iommu.iotlb_entries). What is cached stays valid until it is
 * invalidated, also after the mapping is gone: that is what lazy mode risks.
 */
export class Iommu implements Translator, Recurrent, Cumulative {
  physical: number = 0;
  target: number = 0;
  /** The largest page of the domains that are made from now on: what the hardware has, and the kernel was told to use. */
  largestPage: IoPage = PAGE_BYTES;
  readonly #addresses: AddressMap;
  readonly #domains = new Map<number, Domain>();
  readonly #cache = new Map<number, TlbEntry>();
  readonly #capacity: number;
  readonly #missCost: number;
  readonly #walkers: Float64Array;
  readonly #now: () => number;
  #recent: TlbEntry | undefined;
  #misses = 0;
  #lookups = 0;
  #faults = 0;

  constructor(parameters: Parameters, addresses: AddressMap, now: () => number) {
    this.#addresses = addresses;
    this.#capacity = parameters.amount("iommu.iotlb_entries");
    this.#missCost = parameters.span("iommu.iotlb_miss");
    this.#walkers = new Float64Array(parameters.amount("iommu.walkers"));
    this.#now = now;
  }

  /** Puts a device behind translation; its domain starts empty. */
  attach(node: number): Domain {
    const domain = new Domain(this.#domains.size + 1, this.largestPage);
    this.#domains.set(node, domain);
    return domain;
  }

  domainOf(node: number): Domain | undefined {
    return this.#domains.get(node);
  }

  get misses(): number {
    return this.#misses;
  }
  get lookups(): number {
    return this.#lookups;
  }
  get faults(): number {
    return this.#faults;
  }

  translates(requester: number): boolean {
    return this.#domains.has(requester);
  }

  translate(requester: number, address: number, at: number): number {
    const domain = this.#domains.get(requester);
    if (domain === undefined) return -1;
    if (this.#addresses.isInterrupt(address)) return this.#answer(address, this.#addresses.claim(address), 0);
    this.#lookups += 1;
    const recent = this.#recent;
    if (recent && recent.domain === domain.id && address >= recent.from && address < recent.from + recent.size)
      return this.#answer(recent.physical + (address - recent.from), recent.target, 0);
    const entry = this.#cached(domain, address);
    if (entry === undefined) return this.#walk(domain, address, at);
    this.#cache.delete(entry.key);
    this.#cache.set(entry.key, entry);
    this.#recent = entry;
    return this.#answer(entry.physical + (address - entry.from), entry.target, 0);
  }

  /** Answers a Translation Request (PCIe 10.2): with what a packet would be translated by. That nothing is mapped is no fault. */
  answer(requester: number, address: number, at: number): Answer {
    const faults = this.#faults;
    const delay = this.translate(requester, address, at);
    this.#faults = faults;
    return delay < 0 ? { delay: 0, translation: undefined } : { delay, translation: this.#recent };
  }

  /** What is cached for an address, whatever the size of its page. */
  #cached({ id, largestPage }: Domain, address: number): TlbEntry | undefined {
    const entry = this.#cache.get(keyOf(id, address, PAGE_BYTES));
    if (entry || largestPage === PAGE_BYTES) return entry;
    return this.#cache.get(keyOf(id, address, largestPage));
  }

  #walk(domain: Domain, address: number, at: number): number {
    const size = domain.pageAt(address);
    const from = Math.floor(address / size) * size;
    const physical = domain.lookup(from);
    if (physical < 0) {
      this.#faults += 1;
      return -1;
    }
    this.#misses += 1;
    const key = keyOf(domain.id, address, size);
    const filled = { key, domain: domain.id, from, size, physical, target: this.#addresses.claim(physical) };
    this.#cache.set(key, filled);
    this.#recent = filled;
    if (this.#cache.size > this.#capacity)
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    let walker = 0;
    for (let each = 1; each < this.#walkers.length; each += 1)
      if ((this.#walkers[each] ?? 0) < (this.#walkers[walker] ?? 0)) walker = each;
    const done = Math.max(at, this.#walkers[walker] ?? 0) + this.#missCost;
    this.#walkers[walker] = done;
    return this.#answer(physical + (address - from), filled.target, done - at);
  }

  #answer(physical: number, target: number, delay: number): number {
    this.physical = physical;
    this.target = target;
    return delay;
  }

  /** Drops what is cached of a range, and what is larger than it and holds a part of it. */
  invalidate(domain: Domain, from: Iova, length: number): void {
    const pages = Math.floor((from + length - 1) / PAGE_BYTES) - Math.floor(from / PAGE_BYTES) + 1;
    if (pages > this.#cache.size) this.#dropWithin(domain, from, from + length);
    else
      for (let page = 0; page < pages; page += 1) {
        const address = from + page * PAGE_BYTES;
        this.#cache.delete(keyOf(domain.id, address, PAGE_BYTES));
        this.#cache.delete(keyOf(domain.id, address, domain.largestPage));
      }
    this.#recent = undefined;
  }

  #dropWithin({ id }: Domain, from: number, to: number): void {
    for (const entry of this.#cache.values())
      if (entry.domain === id && entry.from < to && entry.from + entry.size > from) this.#cache.delete(entry.key);
  }

  invalidateAll(): void {
    this.#cache.clear();
    this.#recent = undefined;
  }

  mark(): Repeat {
    const then = [this.#misses, this.#lookups, this.#faults] as const;
    return (times) => {
      this.#misses += times * (this.#misses - then[0]);
      this.#lookups += times * (this.#lookups - then[1]);
      this.#faults += times * (this.#faults - then[2]);
    };
  }

  writeState(out: StateWriter): void {
    const now = this.#now();
    for (const walker of this.#walkers.slice().sort()) out.put(Math.max(0, walker - now));
    out.put(this.#recent ? this.#recent.key : 0);
    out.put(this.#cache.size);
    for (const [key, { physical }] of this.#cache) {
      out.put(key);
      out.put(physical);
    }
    for (const domain of this.#domains.values()) domain.writeState(out);
  }
}
