import type { Parameters } from "../calibration/parameters.ts";
import type { Cumulative, Repeat } from "../sim/cumulative.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { PAGE_BYTES } from "../sim/units.ts";
import type { Graph } from "./graph.ts";
import type { Iommu } from "./iommu.ts";
import type { TransferTable } from "./tlp/tables.ts";
import { type AskedPage, type Translation, TranslationCache } from "./translation-cache.ts";

/** Sends a Translation Request for a page, ahead of what the device has queued, and says which transfer it is. */
export type SendRequest = (node: number, page: number, at: number) => number;

/**
 * Address Translation Services (PCIe chapter 10), the devices' side: before a device behind a translating IOMMU sends data, it asks the
 * root complex where the page is, one request a page, a few pages ahead, and its packets bear what it was told.
 *
 *   device ── Translation Request (AT 01b) ──> root complex: IOTLB, or a walk
 *          <── Translation Completion ────────
 *          ── data (AT 10b, physical address) ──> wherever; nobody looks it up again
 *          <── Invalidate Request ──────────── before an address is given to something else
 *          ── Invalidate Completion ─────────>
 */
export class TranslationService implements Recurrent, Cumulative {
  readonly #iommu: Iommu;
  readonly #transfers: TransferTable;
  readonly #send: SendRequest;
  readonly #caches = new Map<number, TranslationCache>();
  readonly #ahead: number;
  /** Translation Requests under way, by their transfer. */
  readonly #asked = new Map<number, { readonly cache: TranslationCache; readonly asked: AskedPage }>();

  constructor(graph: Graph, parameters: Parameters, iommu: Iommu, transfers: TransferTable, send: SendRequest) {
    this.#iommu = iommu;
    this.#transfers = transfers;
    this.#send = send;
    this.#ahead = parameters.amount("ats.requests");
    for (const { endpoint } of graph.tree.devices)
      if (endpoint.ats)
        this.#caches.set(
          graph.nodeOf.get(endpoint.id) ?? -1,
          new TranslationCache(parameters.amount("ats.cache_entries")),
        );
  }

  /** The cache of a device that translates for itself: one that has ATS, and is behind translation. */
  cacheOf(node: number): TranslationCache | undefined {
    return this.#iommu.translates(node) ? this.#caches.get(node) : undefined;
  }

  /**
   * Where a transfer that its device translates goes on; undefined while the device waits for an answer. A transfer that may not go
   * there translated goes on as it is, and whatever is in its way has its say.
   */
  translation(transfer: number, address: number, at: number): Translation | undefined {
    const node = this.#transfers.initiator[transfer] ?? -1;
    const cache = this.#caches.get(node);
    if (cache === undefined || cache.askedFor(address)?.refused) {
      this.#transfers.cached[transfer] = 0;
      return undefined;
    }
    const found = cache.use(address);
    if (found === undefined) this.#ask(cache, node, address, at);
    if (address % cache.step === 0 || found === undefined) this.askAhead(transfer, address, at);
    return found;
  }

  /** Asks for the next pages of a transfer, as far ahead as the device does. */
  askAhead(transfer: number, address: number, at: number): void {
    const node = this.#transfers.initiator[transfer] ?? -1;
    const cache = this.#caches.get(node);
    if (cache === undefined) return;
    const end = (this.#transfers.address[transfer] ?? 0) + (this.#transfers.length[transfer] ?? 0);
    const first = address - (address % cache.step);
    for (let next = 0; next < this.#ahead && cache.waiting < this.#ahead; next += 1) {
      const from = Math.max(address, first + next * cache.step);
      if (from >= end) return;
      if (!cache.holds(from)) this.#ask(cache, node, from, at);
    }
  }

  #ask(cache: TranslationCache, node: number, address: number, at: number): void {
    if (cache.askedFor(address)) return;
    const asked = cache.ask(address - (address % PAGE_BYTES));
    this.#asked.set(this.#send(node, asked.page, at), { cache, asked });
  }

  /** A Translation Request has come to the root complex, which looks the page up: ticks until it knows. */
  lookUp(transfer: number, at: number): number {
    const under = this.#asked.get(transfer);
    if (under === undefined) return 0;
    const { delay, translation } = this.#iommu.answer(this.#transfers.requester[transfer] ?? -1, under.asked.page, at);
    under.asked.answer = translation;
    return delay;
  }

  /** A Translation Request has ended: keeps the answer, lets the device go on, and forgets a refusal. */
  came(transfer: number, goOn: (node: number) => void): void {
    const under = this.#asked.get(transfer);
    this.#asked.delete(transfer);
    if (under === undefined) return;
    const { cache, asked } = under;
    const node = this.#transfers.initiator[transfer] ?? -1;
    asked.refused = asked.answer === undefined || this.#transfers.status[transfer] !== 0;
    if (!asked.refused) cache.settle(asked);
    goOn(node);
    // What is not there may be mapped the next moment, and nobody would tell the device (PCIe 10.2.3.5).
    if (asked.refused) cache.settle({ ...asked, answer: undefined });
  }

  mark(): Repeat {
    const then = [...this.#caches.values()].map((cache) => ({
      cache,
      requests: cache.requests,
      dropped: cache.dropped,
    }));
    return (times) => {
      for (const { cache, requests, dropped } of then) {
        cache.requests += times * (cache.requests - requests);
        cache.dropped += times * (cache.dropped - dropped);
      }
    };
  }

  writeState(out: StateWriter): void {
    for (const cache of this.#caches.values()) cache.writeState(out);
  }
}
