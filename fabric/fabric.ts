import type { Parameters } from "../calibration/parameters.ts";
import type { Event } from "../record/event.ts";
import type { PathClass } from "../record/outcome.ts";
import { type Activity, PARKED, type Task } from "../sim/activity.ts";
import type { Clock } from "../sim/clock.ts";
import type { Cumulative, Repeat } from "../sim/cumulative.ts";
import { exact } from "../sim/overflow.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import type { Stream } from "../sim/stream.ts";
import { type BusAddr, busAddr, type Iova, iova, type Ticks, ticks } from "../sim/units.ts";
import { AddressMap } from "./address-map.ts";
import { type Graph, graphOf } from "./graph.ts";
import { Iommu } from "./iommu.ts";
import { routing } from "./route.ts";
import { FAULTS, STATUS_TIMEOUT, TlpEngine } from "./tlp/engine.ts";
import { PASSES_POSTED } from "./tlp/ordering.ts";
import type { LinkError } from "./tlp/retry.ts";
import { dataPlaneState } from "./tlp/state.ts";
import { MESSAGE, TRANSLATION_REQUEST } from "./tlp/wiring.ts";
import type { Topology } from "./topology.ts";
import { TranslationService } from "./translation-service.ts";
import { type Below, type Root, rootOf, treeOf } from "./tree.ts";

/** An address as a device puts it into its packets: a bus address, or an IOVA where the device is behind a translating IOMMU. */
export type DmaAddress = BusAddr | Iova;

/** What an initiator is told. A posted write that was lost tells nobody. */
export type DmaStatus = "ok" | "unsupported-request" | "completion-timeout";

/** One contiguous transfer by one initiator. */
export interface Transfer {
  readonly initiator: number;
  readonly reads: boolean;
  readonly address: DmaAddress;
  readonly length: number;
  /** Its bytes are what the workload asked to move; everything else is control traffic. */
  readonly payload: boolean;
  /** Its initiator has translated the address itself (address type 10b): a device cache's answer, which nobody looks up again. */
  readonly translated?: boolean;
  /** The node whose requester id it bears, where its initiator pretends to be another. */
  readonly as?: number;
}

/** Transfers that are awaited together; `until` says which of their two moments counts. */
export class Flight {
  readonly until: "told" | "landed";
  left: number = 0;
  worst: number = 0;
  waiter: Activity | undefined;
  constructor(until: "told" | "landed") {
    this.until = until;
  }
}

/** What one translation has (PCIe 10.2.3), and what an Invalidate Request says (PCIe 10.3.1). */
const TRANSLATION_BYTES = 8;
const INVALIDATION_BYTES = 8;

const STATUSES: readonly DmaStatus[] = ["ok", "unsupported-request", "completion-timeout"];

/**
 * The machine's fabric as devices and drivers use it: begin a transfer, wait for it. Every byte then travels packet by packet through
 * the engine, and what became of it is told to the history.
 */
export class Fabric implements Recurrent, Cumulative {
  readonly graph: Graph;
  readonly addresses: AddressMap;
  readonly iommu: Iommu;
  readonly engine: TlpEngine;
  /** What devices with ATS have been told of their addresses. */
  readonly translations: TranslationService;
  readonly #clock: Clock;
  readonly #history: Stream<Event>;
  /** The flight of each transfer under way, by its slot. */
  readonly #flights: (Flight | undefined)[] = [];
  readonly #completionTimeout: Ticks;
  readonly #planeState: Recurrent;
  /** By node: what the CPU stores and loads is no DMA, and the history does not speak of it. */
  readonly #isDevice: Uint8Array;
  readonly #isMemory: Uint8Array;
  /** By initiator: payload to or from system memory, and payload that came up to a root complex. */
  readonly #toMemory: Float64Array;
  readonly #climbed: Float64Array;
  readonly #streamPeriod: Ticks;
  #begun = 0;
  #services = 0;

  constructor(
    clock: Clock,
    history: Stream<Event>,
    topology: Topology,
    devices: readonly string[],
    parameters: Parameters,
  ) {
    this.#clock = clock;
    this.#history = history;
    this.graph = graphOf(treeOf(topology, devices), parameters);
    this.addresses = new AddressMap(this.graph);
    this.iommu = new Iommu(parameters, this.addresses, () => clock.now);
    this.#completionTimeout = parameters.span("rc.completion_timeout");
    const { nodes, channels, maxPayload } = this.graph;
    this.engine = new TlpEngine(
      {
        nodes,
        channels,
        next: routing(this.graph),
        maxPayload,
        framing: parameters.amount("tlp.framing"),
        header3dw: parameters.amount("tlp.header_3dw"),
        header4dw: parameters.amount("tlp.header_4dw"),
        digest: this.graph.digest,
        passesPosted: PASSES_POSTED,
        cutThroughBytes: parameters.amount("link.cut_through_bytes"),
        dllp: parameters.amount("dllp.size"),
        dllpLimit: parameters.span("dllp.latency_limit"),
        ackEvery: parameters.amount("dllp.ack_every"),
        replayTimer: parameters.span("link.replay_timer"),
      },
      this.iommu,
      { told: (transfer, at) => this.#told(transfer, at), landed: (transfer, at) => this.#landed(transfer, at) },
      {
        translation: (transfer, address, at) => this.translations.translation(transfer, address, at),
        lookUp: (transfer, at) => this.translations.lookUp(transfer, at),
      },
    );
    this.translations = new TranslationService(
      this.graph,
      parameters,
      this.iommu,
      this.engine.transfers,
      (node, page, at) => this.#ask(node, page, at),
    );
    this.#isDevice = Uint8Array.from(nodes, ({ kind }) => (kind === "endpoint" ? 1 : 0));
    this.#isMemory = Uint8Array.from(nodes, ({ memory }) => (memory === undefined ? 0 : 1));
    this.#toMemory = new Float64Array(nodes.length);
    this.#climbed = new Float64Array(nodes.length);
    this.#streamPeriod = parameters.span("host.stream_period");
    this.#planeState = dataPlaneState(this.engine, () => clock.now);
    clock.drive(this.engine);
  }

  node(name: string): number {
    const found = this.graph.nodeOf.get(name);
    if (found === undefined) throw new RangeError(`${name} takes no part in this run`);
    return found;
  }

  nameOf(node: number): string {
    return this.graph.nodes[node]?.name ?? "nobody";
  }

  /** Socket of the root complex above a device. */
  socketOf(device: string): number {
    const leaf = this.graph.tree.devices.find(({ endpoint }) => endpoint.id === device);
    return leaf ? rootOf(leaf.above).socket : 0;
  }

  /** Lets CPUs use the memory of a socket beside the devices, at this rate from now on. */
  loadMemory(socket: number, bytesPerSecond: number): void {
    this.graph.memories.get(socket)?.load(bytesPerSecond, this.#streamPeriod, this.#clock.now);
  }

  /** From now on the last-level cache of a socket holds whatever is asked for of its memory: CPUs have just written it. */
  keepInCache(socket: number): void {
    this.graph.memories.get(socket)?.cache.holdAll();
  }

  /** Devices have written this part of a socket's memory before, as `initiator` addresses it, and nothing since. */
  writtenBefore(socket: number, initiator: number, address: DmaAddress, length: number): void {
    const physical = this.iommu.domainOf(initiator)?.lookup(address) ?? address;
    this.graph.memories.get(socket)?.cache.writtenBefore(physical, length);
  }

  /** The caches' own states, to be asked for last: they have thousands of lines, and what differs elsewhere is found sooner. */
  get caches(): readonly Recurrent[] {
    return [...this.graph.memories.values()].map(({ cache }) => cache);
  }

  /** Bytes that devices have had read from DRAM, and that have gone to DRAM for them, on all sockets. */
  get dram(): { readonly fetched: number; readonly stored: number } {
    let [fetched, stored] = [0, 0];
    for (const memory of this.graph.memories.values()) {
      fetched += memory.fetched;
      stored += memory.stored;
    }
    return { fetched, stored };
  }

  /** Bytes that CPUs have read and written so, on all sockets. */
  get streamedBytes(): number {
    let sum = 0;
    for (const memory of this.graph.memories.values()) sum += memory.streamed(this.#clock.now);
    return sum;
  }

  /** Payload that an initiator has moved to or from system memory, and payload of its transfers that came up to a root complex. */
  payloadOf(initiator: string): { readonly toMemory: number; readonly climbed: number } {
    const node = this.node(initiator);
    return { toMemory: this.#toMemory[node] ?? 0, climbed: this.#climbed[node] ?? 0 };
  }

  /** Starts a transfer as part of a flight. */
  begin(transfer: Transfer, flight: Flight): void {
    const { initiator, address, length, payload, as = initiator } = transfer;
    const table = this.engine.transfers;
    const slot = this.#enter(transfer);
    const claimed = this.addresses.claim(address);
    const domain = transfer.translated ? undefined : this.iommu.domainOf(as);
    const translated = domain !== undefined && !this.addresses.isInterrupt(address);
    const looked = translated ? domain.lookup(address) : address;
    // A bus address that no domain knows is meant for who claims it. A switch turns it without asking the IOMMU; at the root it faults.
    const physical = looked < 0 && claimed >= 0 ? address : looked;
    this.#begun += 1;
    table.identity[slot] = this.#begun;
    table.physical[slot] = physical;
    table.target[slot] = physical === address ? claimed : physical < 0 ? -1 : this.addresses.claim(physical);
    table.route[slot] = claimed < 0 ? this.engine.nodeCount : claimed;
    table.maxPayload[slot] = this.#maxPayload(initiator, claimed, table.target[slot] ?? -1);
    // What somebody claims on the bus is no IO virtual address: whoever handed it over told the device not to ask.
    const asks = translated && claimed < 0 && as === initiator && this.translations.cacheOf(initiator) !== undefined;
    if (asks) this.#translateAtDevice(slot);
    this.#flights[slot] = flight;
    flight.left += 1;
    if (this.#isDevice[initiator] === 1)
      this.#history.note({
        kind: "dma-began",
        at: this.#clock.now,
        transfer: this.#begun,
        initiator: this.nameOf(initiator),
        address,
        length,
        payload,
      });
    if (asks) this.translations.askAhead(slot, address, this.#clock.now);
    this.engine.begin(slot, this.#clock.now);
  }

  /** A row of the engine's table for a transfer, complete but for where it goes. */
  #enter({ initiator, reads, address, length, payload, as = initiator, translated }: Transfer): number {
    const table = this.engine.transfers;
    const slot = table.take();
    table.initiator[slot] = initiator;
    table.requester[slot] = as;
    table.translated[slot] = translated ? 1 : 0;
    table.reads[slot] = reads ? 1 : 0;
    table.data[slot] = payload ? 1 : 0;
    table.payload[slot] = payload ? 1 : 0;
    table.address[slot] = address;
    table.length[slot] = length;
    table.cursor[slot] = address;
    table.low[slot] = address % 4096;
    table.uncut[slot] = length;
    table.unlanded[slot] = length;
    return slot;
  }

  /** What is no memory request counts apart: the history speaks of transfers alone. */
  #enterService(transfer: Transfer, service: number): number {
    const slot = this.#enter(transfer);
    this.#services += 1;
    this.engine.transfers.identity[slot] = -this.#services;
    this.engine.transfers.service[slot] = service;
    return slot;
  }

  /** Its packets will bear physical addresses, and may go straight to their target, or up: the smaller payload holds. */
  #translateAtDevice(slot: number): void {
    const table = this.engine.transfers;
    const [initiator, target] = [table.initiator[slot] ?? 0, table.target[slot] ?? -1];
    table.cached[slot] = 1;
    if (target >= 0)
      table.maxPayload[slot] = Math.min(table.maxPayload[slot] ?? 0, this.engine.maxPayload(initiator, target));
  }

  /** Sends a Translation Request (PCIe 10.2.2): as a read of the eight bytes that one translation has. */
  #ask(node: number, page: number, at: number): number {
    const table = this.engine.transfers;
    const asking = { initiator: node, reads: true, address: iova(page), length: TRANSLATION_BYTES, payload: false };
    const slot = this.#enterService(asking, TRANSLATION_REQUEST);
    table.physical[slot] = page;
    table.target[slot] = this.#rootComplexOf(node, "ingress");
    table.route[slot] = this.engine.nodeCount;
    this.engine.beginFirst(slot, at);
    return slot;
  }

  /** Has a device drop what it caches of a range, and waits until it says that it has (PCIe 10.3). */
  *invalidateAtDevice(node: number, from: Iova, length: number): Task<void> {
    const cache = this.translations.cacheOf(node);
    if (cache === undefined) return;
    yield* this.#message(this.#rootComplexOf(node, "egress"), node, INVALIDATION_BYTES);
    cache.invalidate(from, length);
    yield* this.#message(node, this.#rootComplexOf(node, "interrupts"), 0);
  }

  /** A message that is routed by id (PCIe 2.2.8): four double words of header, and its data. */
  #message(from: number, to: number, length: number): Task<DmaStatus> {
    const table = this.engine.transfers;
    const address = busAddr(this.addresses.interrupts(0));
    const sent = { initiator: from, reads: false, address, length, payload: false };
    const slot = this.#enterService(sent, MESSAGE);
    table.physical[slot] = address;
    table.target[slot] = table.route[slot] = to;
    table.maxPayload[slot] = this.engine.maxPayload(from, to);
    const flight = new Flight("landed");
    flight.left += 1;
    this.#flights[slot] = flight;
    this.engine.begin(slot, this.#clock.now);
    return this.settled(flight);
  }

  #rootComplexOf(node: number, part: "ingress" | "egress" | "interrupts"): number {
    return this.node(`${part} ${this.socketOf(this.nameOf(node))}`);
  }

  /** What no window claims goes up to the root complex, and from there down to its target where an IOMMU knows one. */
  #maxPayload(initiator: number, claimed: number, target: number): number {
    const { engine } = this;
    if (claimed >= 0) return engine.maxPayload(initiator, claimed);
    const up = engine.maxPayload(initiator, initiator);
    return target < 0 ? up : Math.min(up, engine.maxPayload(target, target));
  }

  /** Waits for all transfers of a flight, and says how the worst of them ended. A lost completion costs the completion timeout. */
  *settled(flight: Flight): Task<DmaStatus> {
    const activity = this.#clock.current;
    if (flight.left > 0 && activity) {
      flight.waiter = activity;
      activity.waitsFor = "a transfer on the fabric";
      yield PARKED;
    }
    this.#clock.observe(flight.worst);
    if (flight.worst === STATUS_TIMEOUT) yield this.#completionTimeout;
    return STATUSES[flight.worst] ?? "ok";
  }

  /** Something will go wrong on one direction of a link ("0000:1a:00.0 up"), with the next packet from that time on. Decided before time 0. */
  disturb(link: string, at: Ticks, error: LinkError): void {
    const { engine } = this;
    const channel = this.graph.channels.findIndex(({ label }) => label === link);
    if (channel < 0) throw new RangeError(`there is no link ${link}`);
    this.#clock.spawnAt(
      at,
      "an error on a link",
      (function* () {
        engine.disturb(channel, error);
        yield 0;
      })(),
    );
  }

  /** One transfer and the wait for it. */
  transfer(transfer: Transfer, until: "told" | "landed"): Task<DmaStatus> {
    const flight = new Flight(until);
    this.begin(transfer, flight);
    return this.settled(flight);
  }

  /** A doorbell, a command, a list, an entry, an interrupt: everything that is not payload. */
  control(
    initiator: number,
    reads: boolean,
    address: DmaAddress,
    length: number,
    until: Flight["until"],
  ): Task<DmaStatus> {
    return this.transfer({ initiator, reads, address, length, payload: false }, until);
  }

  #told(transfer: number, at: number): boolean {
    const flight = this.#flights[transfer];
    return flight?.until === "told" ? this.#finish(transfer, flight, at) : false;
  }

  #landed(transfer: number, at: number): boolean {
    const table = this.engine.transfers;
    const flight = this.#flights[transfer];
    const initiator = table.initiator[transfer] ?? 0;
    const service = table.service[transfer] ?? 0;
    if (service === TRANSLATION_REQUEST) this.translations.came(transfer, (node) => this.engine.goOn(node, at));
    if (table.payload[transfer] === 1) this.#countWays(transfer, initiator);
    if (this.#isDevice[initiator] === 1 && service === 0)
      this.#history.note({
        kind: "dma-landed",
        at: ticks(at),
        transfer: table.identity[transfer] ?? 0,
        initiator: this.nameOf(initiator),
        address: table.address[transfer] ?? 0,
        length: table.length[transfer] ?? 0,
        delivered: table.delivered[transfer] ?? 0,
        told: STATUSES[table.status[transfer] ?? 0] ?? "ok",
        fault: FAULTS[table.fault[transfer] ?? 0] ?? "",
        payload: table.payload[transfer] === 1,
      });
    this.#flights[transfer] = undefined;
    return flight?.until === "landed" ? this.#finish(transfer, flight, at) : false;
  }

  #countWays(transfer: number, initiator: number): void {
    const { target, climbed, length } = this.engine.transfers;
    const moved = length[transfer] ?? 0;
    if (this.#isMemory[target[transfer] ?? -1] === 1)
      this.#toMemory[initiator] = (this.#toMemory[initiator] ?? 0) + moved;
    if (climbed[transfer] === 1) this.#climbed[initiator] = (this.#climbed[initiator] ?? 0) + moved;
  }

  mark(): Repeat {
    const sums = [this.#toMemory, this.#climbed].map((sum) => ({ sum, marked: Float64Array.from(sum) }));
    const repeatTranslations = this.translations.mark();
    return (times) => {
      repeatTranslations(times);
      for (const { sum, marked } of sums)
        for (const [node, before] of marked.entries()) {
          const now = sum[node] ?? 0;
          sum[node] = exact(now + times * (now - before), "payload of a device");
        }
    };
  }

  #finish(transfer: number, flight: Flight, at: number): boolean {
    flight.worst = Math.max(flight.worst, this.engine.transfers.status[transfer] ?? 0);
    flight.left -= 1;
    if (flight.left > 0 || flight.waiter === undefined) return false;
    this.#clock.wake(flight.waiter, at);
    return true;
  }

  /** Credits that never came back, by link: 0 everywhere once nothing is in flight. */
  *missingCredits(): Generator<{ readonly link: string; readonly missing: number }> {
    for (const [index, { label }] of this.graph.channels.entries())
      yield { link: label, missing: this.engine.missingCredits(index) };
  }

  /** How far apart two devices are, as the topology has it. */
  pathClass(from: string, to: string): PathClass {
    const [a, b] = [from, to].map((id) => this.graph.tree.devices.find(({ endpoint }) => endpoint.id === id));
    if (a === undefined || b === undefined) return "none";
    const [rootA, rootB] = [rootOf(a.above), rootOf(b.above)];
    if (rootA.id === rootB.id) return shareSwitch(a.above, b.above) ? "same-switch" : "same-root-port";
    if (rootA.hostBridge === rootB.hostBridge) return "same-host-bridge";
    return rootA.socket === rootB.socket ? "same-socket" : "cross-socket";
  }

  /** In the order in which they began: slots are reused, so their numbers mean nothing. */
  #underWay(): readonly { readonly transfer: number; readonly flight: Flight }[] {
    const { identity } = this.engine.transfers;
    return this.#flights
      .flatMap((flight, transfer) => (flight ? [{ transfer, flight }] : []))
      .sort((a, b) => (identity[a.transfer] ?? 0) - (identity[b.transfer] ?? 0));
  }

  writeState(out: StateWriter): void {
    this.#planeState.writeState(out);
    this.translations.writeState(out);
    for (const memory of this.graph.memories.values()) memory.writeState(out, this.#clock.now);
    const table = this.engine.transfers;
    for (const { transfer, flight } of this.#underWay()) {
      out.put(table.initiator[transfer] ?? 0);
      out.put(table.address[transfer] ?? 0);
      out.put(table.physical[transfer] ?? 0);
      out.put(table.unlanded[transfer] ?? 0);
      out.put(table.delivered[transfer] ?? 0);
      out.put((table.status[transfer] ?? 0) * 16 + (table.fault[transfer] ?? 0));
      out.put(flight.waiter?.slot ?? -1);
      out.put(flight.left);
      out.put(flight.worst);
    }
  }
}

function shareSwitch(a: Root | Below, b: Root | Below): boolean {
  const above = new Set<string>();
  for (let at = a; at.kind === "below"; at = at.switch.above) above.add(at.switch.id);
  for (let at = b; at.kind === "below"; at = at.switch.above) if (above.has(at.switch.id)) return true;
  return false;
}
