import type { Parameters } from "../calibration/parameters.ts";
import type { Cumulative, Repeat } from "../sim/cumulative.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Iova, PAGE_BYTES, type PhysAddr } from "../sim/units.ts";
import type { AddressMap } from "./address-map.ts";
import type { Translator } from "./tlp/engine.ts";

interface IoRange {
  readonly iova: number;
  readonly physical: number;
  readonly length: number;
}

/** What one device may reach: its page table, kept as ranges. */
export class Domain {
  readonly id: number;
  readonly #ranges: IoRange[] = [];
  constructor(id: number) {
    this.id = id;
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
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.iova ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low - 1];
    return range && address < range.iova + range.length ? range.physical + (address - range.iova) : -1;
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

interface TlbEntry {
  readonly domain: number;
  readonly page: number;
  readonly physical: number;
  readonly target: number;
}

/** Keeps (domain, page) in one number: IO virtual addresses have 36 bits of page here. */
const DOMAIN_STRIDE = 2 ** 36;

/**
 * The IOMMU of all root complexes: a fully associative, least-recently-used IOTLB in front of page walks, of which a few run at once.
 * The fitted capacity and miss cost behave so for streams (calibration: iommu.iotlb_entries). What is cached stays valid until it is
 * invalidated, also after the mapping is gone: that is what lazy mode risks.
 */
export class Iommu implements Translator, Recurrent, Cumulative {
  physical: number = 0;
  target: number = 0;
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
    const domain = new Domain(this.#domains.size + 1);
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
    const page = Math.floor(address / PAGE_BYTES);
    const offset = address - page * PAGE_BYTES;
    const recent = this.#recent;
    if (recent && recent.page === page && recent.domain === domain.id)
      return this.#answer(recent.physical + offset, recent.target, 0);
    const key = domain.id * DOMAIN_STRIDE + page;
    const entry = this.#cache.get(key);
    if (entry) {
      this.#cache.delete(key);
      this.#cache.set(key, entry);
      this.#recent = entry;
      return this.#answer(entry.physical + offset, entry.target, 0);
    }
    return this.#walk(domain, key, page, offset, at);
  }

  #walk(domain: Domain, key: number, page: number, offset: number, at: number): number {
    const physical = domain.lookup(page * PAGE_BYTES);
    if (physical < 0) {
      this.#faults += 1;
      return -1;
    }
    this.#misses += 1;
    const filled = { domain: domain.id, page, physical, target: this.#addresses.claim(physical) };
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
    return this.#answer(physical + offset, filled.target, done - at);
  }

  #answer(physical: number, target: number, delay: number): number {
    this.physical = physical;
    this.target = target;
    return delay;
  }

  /** Drops what is cached of a range. */
  invalidate(domain: Domain, from: Iova, length: number): void {
    const first = Math.floor(from / PAGE_BYTES);
    const last = Math.floor((from + length - 1) / PAGE_BYTES);
    if (last - first > this.#cache.size) {
      for (const [key, { domain: id, page }] of this.#cache)
        if (id === domain.id && page >= first && page <= last) this.#cache.delete(key);
    } else for (let page = first; page <= last; page += 1) this.#cache.delete(domain.id * DOMAIN_STRIDE + page);
    this.#recent = undefined;
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
    out.put(this.#recent ? this.#recent.domain * DOMAIN_STRIDE + this.#recent.page : -1);
    out.put(this.#cache.size);
    for (const [key, { physical }] of this.#cache) {
      out.put(key);
      out.put(physical);
    }
    for (const domain of this.#domains.values()) domain.writeState(out);
  }
}
