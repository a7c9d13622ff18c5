import type { Parameters } from "../calibration/parameters.ts";
import type { DmaAddress, Fabric } from "../fabric/fabric.ts";
import { entriesOf } from "../fabric/io-range.ts";
import type { Domain } from "../fabric/iommu.ts";
import type { DmaSegment } from "../fabric/nvme.ts";
import type { IommuMode } from "../record/cell.ts";
import type { Event } from "../record/event.ts";
import type { Activity, Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Stream } from "../sim/stream.ts";
import {
  addressOf,
  type BusAddr,
  busAddr,
  type Iova,
  iova,
  PAGE_BYTES,
  type PhysAddr,
  physAddr,
} from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Backing } from "./backing.ts";
import type { BarWindows } from "./bar-windows.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";
import { IovaSpace } from "./iova-space.ts";
import type { PageRange } from "./pages.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";

/** Addresses that a device may put into its packets, until they are unmapped. */
export interface DmaMapping {
  readonly id: number;
  readonly device: Device;
  readonly segments: readonly DmaSegment[];
  /** The struct pages behind it, where it was made from pages: what a bio can carry. */
  readonly pages: PageRange | undefined;
  readonly backing: Backing;
  readonly iova: Iova | undefined;
  readonly length: number;
}

interface Deferred {
  readonly device: Device;
  readonly domain: Domain;
  readonly iova: Iova;
  readonly length: number;
}

/**
 * The DMA API of Linux 4.9. Without a translating IOMMU a mapping is the physical address, unchanged and unchecked: nothing asks
 * whether the fabric can route it. With one, pages get an IOVA; unmapping invalidates the IOTLB at once (strict) or defers it until
 * 250 unmaps have gathered or 10 ms have passed (lazy). A device that caches translations itself (ATS) is told, too, and waited for.
 */
export class DmaApi implements Recurrent {
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #cpu: Cpu;
  readonly #fabric: Fabric;
  readonly #history: Stream<Event>;
  readonly #mode: IommuMode;
  readonly #domains = new Map<string, Domain>();
  readonly #iovas: IovaSpace;
  readonly #flushEntries: number;
  readonly #flushTimeout: number;
  readonly #deferred: Deferred[] = [];
  readonly #windows: BarWindows;
  readonly #live = new Map<number, DmaMapping>();
  /** Mapping that stands for the right to write interrupts, per device. */
  readonly #interrupts = new Map<string, number>();
  #timer: Activity | undefined;
  #mapped = 0;

  constructor(
    awaited: Awaited,
    clock: Clock,
    cpu: Cpu,
    fabric: Fabric,
    history: Stream<Event>,
    parameters: Parameters,
    mode: IommuMode,
    windows: BarWindows,
  ) {
    this.#windows = windows;
    this.#awaited = awaited;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#fabric = fabric;
    this.#history = history;
    this.#mode = mode;
    this.#flushEntries = parameters.amount("iommu.flush_queue_entries");
    this.#flushTimeout = parameters.span("iommu.flush_timeout");
    const bars = fabric.graph.tree.topology.functions.flatMap((each) => (each.kind === "endpoint" ? each.bars : []));
    this.#iovas = new IovaSpace(bars);
  }

  /** Whether devices see IOVAs instead of physical addresses. */
  get translating(): boolean {
    return this.#mode === "lazy" || this.#mode === "strict";
  }

  /** Puts a device behind the IOMMU, when its driver is bound. */
  attach(device: Device): void {
    if (this.translating && !this.#domains.has(device.name))
      this.#domains.set(device.name, this.#fabric.iommu.attach(device.node));
    const id = this.#note(device, [
      { address: busAddr(this.#fabric.addresses.interrupts(device.socket)), length: PAGE_BYTES },
    ]);
    this.#interrupts.set(device.name, id);
  }

  /** Its driver is gone: the device may not even interrupt any more. */
  detach(device: Device): void {
    const id = this.#interrupts.get(device.name);
    if (id !== undefined) this.#history.note({ kind: "unmapped", at: this.#clock.now, mapping: id });
    this.#interrupts.delete(device.name);
  }

  /** dma_map_sg on one run of pages. */
  mapPages(device: Device, pages: PageRange, offset: number, length: number): Task<DmaMapping | Refusal> {
    const physical = physAddr(addressOf(pages.first) + offset);
    return this.#awaited.call(this.#map(device, physical, length, pages, "pages"));
  }

  /**
   * A range of physical addresses without struct pages: what intel_map_page does with a frame number, applied to a BAR. Nothing asks
   * whether the fabric can route it. 4.9 itself has dma_map_resource for slave DMA only; the x86 half is what a patch adds.
   */
  mapPhysical(
    device: Device,
    physical: PhysAddr,
    length: number,
    backing: "dma-buf" | "resource",
  ): Task<DmaMapping | Refusal> {
    return this.#awaited.call(this.#map(device, physical, length, undefined, backing));
  }

  /** An address handed over as it is, behind the back of the DMA API: no IOMMU learns of it. */
  handOver(device: Device, address: BusAddr, length: number, backing: "dma-buf" | "resource"): DmaMapping {
    const mapping = this.#noted(device, address, length, undefined, backing, undefined);
    this.#windows.map(mapping, address, address + length);
    return mapping;
  }

  /** Ends what handOver began. Nothing is undone, for nothing was done: whoever still has the address goes on reaching the memory. */
  takeBack(mapping: DmaMapping): void {
    this.#forget(mapping);
  }

  /** dma_alloc_coherent: queues and rings, mapped for as long as the driver is bound. */
  mapCoherent(device: Device, pages: PageRange): Task<DmaMapping | Refusal> {
    return this.mapPages(device, pages, 0, pages.count * PAGE_BYTES);
  }

  *#map(
    device: Device,
    physical: PhysAddr,
    length: number,
    pages: PageRange | undefined,
    backing: Backing,
  ): Task<DmaMapping | Refusal> {
    const mapping = yield* this.#addressed(device, physical, length, pages, backing);
    if (!isRefusal(mapping)) this.#windows.map(mapping, physical, physical + length);
    return mapping;
  }

  *#addressed(
    device: Device,
    physical: PhysAddr,
    length: number,
    pages: PageRange | undefined,
    backing: Backing,
  ): Task<DmaMapping | Refusal> {
    this.#awaited.begin();
    const domain = this.#domains.get(device.name);
    if (domain === undefined) {
      yield* this.#cpu.run("cpu.dma_map_entry", 1);
      return this.#noted(device, busAddr(physical), length, pages, backing, undefined);
    }
    const count = Math.ceil((physical + length) / PAGE_BYTES) - Math.floor(physical / PAGE_BYTES);
    yield* this.#cpu.run("iommu.map_fixed", 1);
    const address = this.#iovas.take(count * PAGE_BYTES);
    if (address === undefined)
      return refuse({
        errno: "ENOMEM",
        who: "intel-iommu",
        whom: device.name,
        why: "no IO virtual address range is free",
        remedy: "lower the queue depth, or unmap sooner",
      });
    this.#clock.observe(address);
    const base = physAddr(Math.floor(physical / PAGE_BYTES) * PAGE_BYTES);
    const range = { iova: address, physical: base, length: count * PAGE_BYTES };
    yield* this.#cpu.run("iommu.map_page", entriesOf(range, domain.largestPage));
    domain.map(iova(address), base, count * PAGE_BYTES);
    return this.#noted(device, iova(address + (physical - base)), length, pages, backing, iova(address));
  }

  #noted(
    device: Device,
    address: DmaAddress,
    length: number,
    pages: PageRange | undefined,
    backing: Backing,
    from: Iova | undefined,
  ): DmaMapping {
    const segments = [{ address, length }];
    const mapping: DmaMapping = {
      id: this.#note(device, segments),
      device,
      segments,
      pages,
      backing,
      iova: from,
      length,
    };
    this.#live.set(mapping.id, mapping);
    return mapping;
  }

  #note(device: Device, spans: readonly DmaSegment[]): number {
    this.#mapped += 1;
    this.#history.note({ kind: "mapped", at: this.#clock.now, mapping: this.#mapped, initiator: device.name, spans });
    return this.#mapped;
  }

  /** The first `length` bytes of a mapping: what one I/O uses of a longer buffer. */
  head(mapping: DmaMapping, length: number): DmaMapping {
    const [first] = mapping.segments;
    if (first === undefined || length > mapping.length)
      throw new RangeError(`${length} bytes are more than a mapping of ${mapping.length}`);
    if (length <= 0 || !Number.isSafeInteger(length))
      throw new RangeError(`dma.head(mapping, ${length}): a length is a whole number from 1 up`);
    return length === mapping.length ? mapping : { ...mapping, segments: [{ address: first.address, length }], length };
  }

  /** dma_unmap_sg. */
  unmap(mapping: DmaMapping): Task<void> {
    return this.#awaited.call(this.#unmap(mapping));
  }

  *#unmap(mapping: DmaMapping): Task<void> {
    this.#awaited.begin();
    const domain = this.#domains.get(mapping.device.name);
    if (domain === undefined || mapping.iova === undefined) yield* this.#cpu.run("cpu.dma_unmap_entry", 1);
    else yield* this.#unmapTranslated(domain, mapping.iova, mapping);
    this.#forget(mapping);
  }

  #forget({ id }: DmaMapping): void {
    const mapping = this.#live.get(id);
    if (mapping) this.#windows.release(mapping, "mapped");
    this.#live.delete(id);
    this.#history.note({ kind: "unmapped", at: this.#clock.now, mapping: id });
  }

  *#unmapTranslated(domain: Domain, from: Iova, mapping: DmaMapping): Task<void> {
    const end = (mapping.segments[0]?.address ?? from) + mapping.length;
    const length = Math.ceil((end - from) / PAGE_BYTES) * PAGE_BYTES;
    yield* this.#cpu.run("iommu.unmap_fixed", 1);
    const physical = domain.lookup(from);
    yield* this.#cpu.run("iommu.unmap_page", entriesOf({ iova: from, physical, length }, domain.largestPage));
    domain.unmap(from);
    if (this.#mode === "strict") {
      yield* this.#cpu.run("iommu.invalidate", 1);
      this.#fabric.iommu.invalidate(domain, from, length);
      yield* this.#invalidateAt(mapping.device, from, length);
      this.#iovas.give(from, length);
      return;
    }
    this.#deferred.push({ device: mapping.device, domain, iova: from, length });
    if (this.#deferred.length >= this.#flushEntries) yield* this.#flush();
    else if (this.#timer === undefined) this.#timer = this.#clock.spawn("IOTLB flush timer", this.#flushLater());
  }

  *#flushLater(): Task<void> {
    yield this.#flushTimeout;
    this.#timer = undefined;
    yield* this.#flush();
    this.#cpu.leave();
  }

  /** One invalidation of everything, then the addresses may be used again. */
  *#flush(): Task<void> {
    if (this.#timer) this.#clock.cancel(this.#timer);
    this.#timer = undefined;
    const flushed = this.#deferred.splice(0);
    yield* this.#cpu.run("iommu.invalidate", 1);
    this.#fabric.iommu.invalidateAll();
    for (const { device, iova: from, length } of flushed) yield* this.#invalidateAt(device, from, length);
    for (const { iova: from, length } of flushed) this.#iovas.give(from, length);
  }

  /**
   * The device's own cache, range by range even where the IOTLB is flushed at once, and after it, or the device could ask for what is
   * still there (iommu_flush_dev_iotlb in intel-iommu.c). The CPU spins until the device has answered (qi_submit_sync).
   */
  *#invalidateAt({ node }: Device, from: Iova, length: number): Task<void> {
    if (this.#fabric.translations.cacheOf(node) === undefined) return;
    yield* this.#cpu.run("iommu.invalidate_device", 1);
    yield* this.#fabric.invalidateAtDevice(node, from, length);
  }

  /** Mappings that were made and not unmapped. */
  get live(): number {
    return this.#live.size;
  }

  writeState(out: StateWriter): void {
    this.#iovas.writeState(out);
    out.put(this.#deferred.length);
    for (const { iova: from } of this.#deferred) out.put(from);
    out.put(this.#timer?.slot ?? -1);
    out.put(this.#live.size);
    for (const { segments } of this.#live.values()) for (const { address } of segments) out.put(address);
  }
}
