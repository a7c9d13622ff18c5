import type { Cumulative, Repeat } from "../../sim/cumulative.ts";
import { exact } from "../../sim/overflow.ts";
import { type LinkError, Retry } from "./retry.ts";
import { Schedule } from "./schedule.ts";
import { PacketPool, TransferTable } from "./tables.ts";
import {
  ACS_VIOLATION,
  CLASSES,
  COMPLETER,
  COMPLETION,
  CONSUME,
  INJECT_DATA,
  MESSAGE,
  type MemoryPort,
  NONPOSTED,
  OWN_INPUTS,
  POSTED,
  RELAXED_COMPLETION,
  TRANSLATION_REQUEST,
  type Wiring,
} from "./wiring.ts";

/* ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 * The inner loop: every packet of every transfer, as integers in typed arrays. It is fenced off here and written for speed (no
 * object and no closure per packet); everything outside may be read without it. What it does, per packet and hop:
 *
 *   wait in the receive buffer's queue (one per input, output and class: no head-of-line blocking between outputs)
 *   -> the output's round robin picks it, if PCIe's ordering rules and the next buffer's credits allow      (pick)
 *   -> it occupies the link for its bytes; its old buffer space is returned to the sender before            (send)
 *   -> it may leave the next node once its head is in (cut-through) or all of it is (store and forward)     (arrive)
 *   -> it is forwarded, translated, consumed, answered or rejected.
 *
 * What is rare is asked for by one flag or one byte a packet and dealt with below under "What is rare": attributes of ordering,
 * translated addresses and forged ids, errors on a link.
 *
 * Time per event is ordered by (time, source); there are no events for "transmission ended" or "credit returned": a link knows when
 * it is free and when credits come back, and is woken only if something waits.
 * ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── */

/** What the engine needs of the IOMMU. `physical` and `target` hold the answer of the last translation that did not fault. */
export interface Translator {
  translates(requester: number): boolean;
  /** Extra ticks that the lookup takes; -1 where the address is not mapped for that requester. */
  translate(requester: number, address: number, at: number): number;
  readonly physical: number;
  readonly target: number;
}

/** What the engine needs of the devices that translate for themselves. */
export interface DeviceTranslator {
  /** Where a transfer goes on from an address; undefined while its device waits, or once the transfer is no longer to be translated. */
  translation(transfer: number, address: number, at: number): DeviceTranslation | undefined;
  /** A Translation Request has come to the root complex: ticks until it has the answer. */
  lookUp(transfer: number, at: number): number;
}

interface DeviceTranslation {
  readonly from: number;
  readonly physical: number;
  /** The node that answers there; -1 for nobody. */
  readonly target: number;
}

/** No device does. */
const NO_DEVICE: DeviceTranslator = { translation: () => undefined, lookUp: () => 0 };

/** Told of a transfer's two moments; each answers whether a task was woken by it. */
export interface TransferListener {
  /** The initiator considers it done: the last write left, or the last completion came. */
  told(transfer: number, at: number): boolean;
  /** Every byte of it has landed or was lost. */
  landed(transfer: number, at: number): boolean;
}

/** For ledgers: every packet as it starts onto a channel. */
export type PacketTrace = (
  at: number,
  channel: number,
  kind: number,
  length: number,
  wire: number,
  transfer: number,
  packet: number,
) => void;

export const FAULTS: readonly string[] = [
  "",
  "no route",
  "IOMMU fault",
  "not forwarded by the root complex",
  "ACS violation",
];
const FAULT_NO_ROUTE = 1;
const FAULT_IOMMU = 2;
const FAULT_REFUSED = 3;
const FAULT_ACS = 4;

const STATUS_UNSUPPORTED = 1;
export const STATUS_TIMEOUT = 2;

const FLAG_LAST = 1;
const FLAG_UNSUPPORTED = 2;
const FLAG_TRANSLATED = 4;
const FLAG_RELAXED = 8;
const FLAG_BY_ID = 16;
/** Address type 10b: its maker has translated the address. */
const FLAG_PHYSICAL = 32;
/** It bears another's requester id. */
const FLAG_FORGED = 64;
/** Address type 01b: a Translation Request. */
const FLAG_ASKS = 128;
/** What ACS looks at where a request comes in. */
const SUSPICIOUS = FLAG_PHYSICAL | FLAG_FORGED | FLAG_ASKS;

/** What of ordering a packet has: a column of PASSES_POSTED. */
const PLAIN = 0;
const RELAXED = 1;
const BY_ID = 2;
const NEVER = Number.POSITIVE_INFINITY;
const FOUR_GIB = 2 ** 32;
/** In place of a rate: a memory controller says when. */
const ASK_MEMORY = -1;

export class TlpEngine implements Cumulative {
  readonly wiring: Wiring;
  readonly packets: PacketPool = new PacketPool();
  readonly transfers: TransferTable = new TransferTable();
  trace: PacketTrace | undefined;

  /** Time of the last event that ran. */
  time = 0;
  woke = false;
  readonly #schedule = new Schedule();
  readonly #translator: Translator;
  readonly #listener: TransferListener;
  readonly #devices: DeviceTranslator;

  // Nodes.
  readonly nodeCount: number;
  readonly tags: Int32Array;
  readonly readFreeAt: Float64Array;
  readonly writeFreeAt: Float64Array;
  readonly answerHead: Int32Array;
  readonly answerTail: Int32Array;
  /** Transfers waiting to be cut into packets, per (node, control or data, posted or not). */
  readonly jobHead: Int32Array;
  readonly jobTail: Int32Array;
  readonly #readLatency: Float64Array;
  readonly #readRate: Float64Array;
  readonly #writeRate: Float64Array;
  readonly #boundary: Int32Array;
  readonly #maxRead: Int32Array;
  readonly #requestFlags: Uint8Array;
  readonly #completionFlags: Uint8Array;
  readonly #digest: Int32Array;
  readonly #ingress: Uint8Array;
  readonly #memory: readonly (MemoryPort | undefined)[];

  // Channels.
  readonly channelCount: number;
  readonly freeAt: Float64Array;
  readonly wakeAt: Float64Array;
  readonly queued: Int32Array;
  readonly robin: Int32Array;
  readonly sequence: Float64Array;
  readonly flyHead: Int32Array;
  readonly flyTail: Int32Array;
  readonly heldHead: Int32Array;
  readonly heldTail: Int32Array;
  /** PH, PD, NPH, CPLH, CPLD per channel. */
  readonly credit: Float64Array;
  readonly returnHead: Int32Array;
  readonly returnCount: Int32Array;
  readonly #returnTime: Float64Array[] = [];
  readonly #returnData: Float64Array[] = [];
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #rate: Float64Array;
  readonly #lag: Float64Array;
  readonly #flight: Float64Array;
  readonly #framed: Uint8Array;
  readonly #cuts: Uint8Array;
  readonly #rootPort: Uint8Array;
  readonly #translated: Uint8Array;
  readonly #creditLatency: Float64Array;
  readonly #stretch: Float64Array;
  readonly #reverse: Int32Array;
  /** What one Ack or UpdateFC takes of a channel. */
  readonly #dllp: Float64Array;
  /** Packets of a channel that its receiver has not acknowledged yet; packets per class whose credits no UpdateFC has told of yet. */
  readonly unacknowledged: Int32Array;
  /** When a packet last came in; whatever waited for more is told of when none came for the latency limit. */
  readonly cameAt: Float64Array;
  readonly untold: Int32Array;
  readonly #tellEvery: Int32Array;
  readonly #ackEvery: number;
  readonly #dllpLimit: number;
  readonly inputOf: Int32Array;
  readonly queueBase: Int32Array;
  readonly inputCount: Int32Array;
  readonly queueHead: Int32Array;
  readonly queueTail: Int32Array;
  readonly #route: Int32Array;
  readonly #routeBase: Int32Array;
  readonly #payload: Int32Array;
  /** PASSES_POSTED by class and column. */
  readonly passing: Uint8Array;
  /** Where the packet before the one that was picked stands in its queue; -1 for the queue's head. */
  #before = -1;
  readonly #attributed: boolean;
  /** 1 while an error on a channel is armed or under way; those after it wait. */
  readonly upset: Uint8Array;
  readonly retries: (Retry | undefined)[];
  readonly errors: LinkError[][];
  /** How many errors there have been: a period with one in it is never taken for one without. */
  disturbed = 0;

  // Sums that only grow.
  readonly payloadBytes: Float64Array;
  readonly wireBytes: Float64Array;
  readonly controlBytes: Float64Array;
  readonly packetCount: Float64Array;
  /** Packets that were sent again; their bytes are in wireBytes and nowhere else. */
  readonly replayed: Float64Array;
  readonly bytesRead: Float64Array;
  readonly bytesWritten: Float64Array;

  constructor(
    wiring: Wiring,
    translator: Translator,
    listener: TransferListener,
    devices: DeviceTranslator = NO_DEVICE,
  ) {
    this.wiring = wiring;
    this.#devices = devices;
    this.#translator = translator;
    this.#listener = listener;
    const { nodes, channels } = wiring;
    const n = nodes.length;
    const c = channels.length;
    this.nodeCount = n;
    this.channelCount = c;
    this.tags = Int32Array.from(nodes, (node) => node.tags);
    this.readFreeAt = new Float64Array(n);
    this.writeFreeAt = new Float64Array(n);
    this.answerHead = new Int32Array(n).fill(-1);
    this.answerTail = new Int32Array(n).fill(-1);
    this.jobHead = new Int32Array(n * 4).fill(-1);
    this.jobTail = new Int32Array(n * 4).fill(-1);
    this.#readLatency = Float64Array.from(nodes, (node) => node.readLatency);
    this.#readRate = Float64Array.from(nodes, (node) => (node.memory ? ASK_MEMORY : node.readTicksPerByte));
    this.#writeRate = Float64Array.from(nodes, (node) => (node.memory ? ASK_MEMORY : node.writeTicksPerByte));
    this.#boundary = Int32Array.from(nodes, (node) => node.readCompletionBoundary);
    this.#maxRead = Int32Array.from(nodes, (node) => node.maxReadRequest);
    this.#requestFlags = Uint8Array.from(
      nodes,
      (node) => (node.relaxedOrdering ? FLAG_RELAXED : 0) | (node.idOrderedRequests ? FLAG_BY_ID : 0),
    );
    this.#completionFlags = Uint8Array.from(nodes, (node) => (node.idOrderedCompletions ? FLAG_BY_ID : 0));
    this.#attributed = [...this.#requestFlags, ...this.#completionFlags].some((flags) => flags !== 0);
    this.passing = Uint8Array.from(wiring.passesPosted.flat(), (may) => (may ? 1 : 0));
    this.#ingress = Uint8Array.from(nodes, (node) => (node.kind === "ingress" ? 1 : 0));
    this.#memory = nodes.map((node) => node.memory);

    this.freeAt = new Float64Array(c);
    this.wakeAt = new Float64Array(c).fill(NEVER);
    this.queued = new Int32Array(c);
    this.robin = new Int32Array(c);
    this.sequence = new Float64Array(c);
    this.flyHead = new Int32Array(c).fill(-1);
    this.flyTail = new Int32Array(c).fill(-1);
    this.heldHead = new Int32Array(c).fill(-1);
    this.heldTail = new Int32Array(c).fill(-1);
    this.credit = Float64Array.from(channels.flatMap((channel) => channel.credits));
    this.returnHead = new Int32Array(c * 3);
    this.returnCount = new Int32Array(c * 3);
    this.#from = Int32Array.from(channels, (channel) => channel.from);
    this.#to = Int32Array.from(channels, (channel) => channel.to);
    this.#rate = Float64Array.from(channels.flatMap((channel) => channel.ticksPerByte));
    this.#lag = Float64Array.from(channels, (channel) => channel.flight + channel.residence);
    this.#flight = Float64Array.from(channels, (channel) => channel.flight);
    this.#framed = Uint8Array.from(channels, (channel) => (channel.framed ? 1 : 0));
    this.#cuts = Uint8Array.from(channels, (channel) => (nodes[channel.to]!.kind === "switch" ? 1 : 0));
    this.#rootPort = Uint8Array.from(channels, (channel) => (channel.rootPort ? 1 : 0));
    this.#translated = Uint8Array.from(channels, (channel) => (channel.translated ? 1 : 0));
    this.#creditLatency = Float64Array.from(channels, (channel) => channel.creditLatency);
    this.#stretch = Float64Array.from(channels, (channel) => channel.stretch);
    this.#reverse = Int32Array.from(channels, (channel) => channel.reverse);
    this.#dllp = Float64Array.from(channels, (channel) => wiring.dllp * channel.ticksPerByte[0]);
    this.#ackEvery = wiring.ackEvery;
    this.#dllpLimit = wiring.dllpLimit;
    this.upset = new Uint8Array(c);
    this.retries = channels.map(() => undefined);
    this.errors = channels.map(() => []);
    this.unacknowledged = new Int32Array(c);
    this.cameAt = new Float64Array(c).fill(-NEVER);
    this.untold = new Int32Array(c * 3);
    this.#tellEvery = Int32Array.from(channels.flatMap((channel) => [...channel.updateEvery]));
    for (const channel of channels)
      for (const headers of [channel.credits[0], channel.credits[2], channel.credits[3]]) {
        const room = headers === NEVER ? 1 : headers + 1;
        this.#returnTime.push(new Float64Array(room));
        this.#returnData.push(new Float64Array(room));
      }

    this.inputOf = new Int32Array(c);
    const inputs = new Int32Array(n).fill(OWN_INPUTS);
    for (let i = 0; i < c; i += 1) this.inputOf[i] = inputs[this.#to[i]!]!++;
    this.inputCount = new Int32Array(c);
    this.queueBase = new Int32Array(c);
    let queues = 0;
    for (let i = 0; i < c; i += 1) {
      this.queueBase[i] = queues;
      this.inputCount[i] = inputs[this.#from[i]!]!;
      queues += this.inputCount[i]!;
    }
    this.queueHead = new Int32Array(queues * 3).fill(-1);
    this.queueTail = new Int32Array(queues * 3).fill(-1);

    const targets = n + 1;
    this.#routeBase = new Int32Array(n);
    let rows = 0;
    for (let node = 0; node < n; node += 1) {
      this.#routeBase[node] = rows;
      rows += inputs[node]! * 2 * targets * CLASSES;
    }
    this.#route = new Int32Array(rows);
    for (let node = 0; node < n; node += 1)
      for (let input = 0; input < inputs[node]!; input += 1)
        for (let translated = 0; translated < 2; translated += 1)
          for (let target = 0; target < targets; target += 1)
            for (let kind = 0; kind < CLASSES; kind += 1)
              this.#route[this.#row(node, input, translated, target, kind)] = wiring.next(
                node,
                input,
                translated === 1,
                target,
                kind,
              );
    this.#payload = new Int32Array(n * n);
    for (let from = 0; from < n; from += 1)
      for (let to = 0; to < n; to += 1) this.#payload[from * n + to] = wiring.maxPayload(from, to);
    this.#digest = new Int32Array(n * targets);
    for (let from = 0; from < n; from += 1)
      for (let to = 0; to < targets; to += 1) this.#digest[from * targets + to] = wiring.digest(from, to);

    this.payloadBytes = new Float64Array(c);
    this.wireBytes = new Float64Array(c);
    this.controlBytes = new Float64Array(c);
    this.packetCount = new Float64Array(c);
    this.replayed = new Float64Array(c);
    this.bytesRead = new Float64Array(n);
    this.bytesWritten = new Float64Array(n);
  }

  #row(node: number, input: number, translated: number, target: number, kind: number): number {
    return this.#routeBase[node]! + ((input * 2 + translated) * (this.nodeCount + 1) + target) * CLASSES + kind;
  }

  /** Max_Payload_Size between two nodes. */
  maxPayload(from: number, to: number): number {
    return this.#payload[from * this.nodeCount + to]!;
  }

  // ── Transfers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Queues a transfer at its initiator; its packets leave in the order of the queue. */
  begin(transfer: number, at: number): void {
    const { transfers } = this;
    transfers.marks[transfer] = this.#marks(transfers.initiator[transfer]!, transfer);
    const key = (transfers.initiator[transfer]! * 2 + transfers.data[transfer]!) * 2 + transfers.reads[transfer]!;
    const tail = this.jobTail[key]!;
    transfers.next[transfer] = -1;
    if (tail < 0) this.jobHead[key] = transfer;
    else transfers.next[tail] = transfer;
    this.jobTail[key] = transfer;
    if (tail < 0) this.#cut(transfers.initiator[transfer]!, transfers.data[transfer]!, transfers.reads[transfer]!, at);
  }

  /** Queues a Translation Request before whatever waits for its answer, behind those of its kind. */
  beginFirst(transfer: number, at: number): void {
    const { transfers } = this;
    const node = transfers.initiator[transfer]!;
    transfers.marks[transfer] = this.#marks(node, transfer);
    const key = node * 4 + NONPOSTED;
    let before = -1;
    let after = this.jobHead[key]!;
    while (after >= 0 && transfers.service[after] === TRANSLATION_REQUEST) {
      before = after;
      after = transfers.next[after]!;
    }
    transfers.next[transfer] = after;
    if (before < 0) this.jobHead[key] = transfer;
    else transfers.next[before] = transfer;
    if (after < 0) this.jobTail[key] = transfer;
    if (before < 0) this.#cut(node, 0, NONPOSTED, at);
  }

  /** Whatever a device has queued goes on, as far as it can. */
  goOn(node: number, at: number): void {
    for (let input = 0; input <= INJECT_DATA; input += 1) {
      this.#cut(node, input, POSTED, at);
      this.#cut(node, input, NONPOSTED, at);
    }
  }

  /** Cuts the next packet off the first transfer in a queue, where its slot at the transmitter is empty and a tag is free. */
  #cut(node: number, input: number, kind: number, at: number): void {
    const { transfers, packets } = this;
    const key = (node * 2 + input) * 2 + kind;
    for (;;) {
      const transfer = this.jobHead[key]!;
      if (transfer < 0) return;
      let own: DeviceTranslation | undefined;
      if (transfers.cached[transfer] === 1) {
        own = this.#devices.translation(transfer, transfers.cursor[transfer]!, at);
        if (this.jobHead[key] !== transfer) continue;
        if (own === undefined && transfers.cached[transfer] === 1) return;
      }
      if (kind === NONPOSTED && this.tags[node] === 0) return;
      const target = own === undefined ? transfers.route[transfer]! : own.target < 0 ? this.nodeCount : own.target;
      const bears = own === undefined ? transfers.translated[transfer]! : 1;
      const channel = this.#route[this.#row(node, input, bears, target, kind)]!;
      if (channel >= 0 && this.queueHead[(this.queueBase[channel]! + input) * 3 + kind]! >= 0) return;

      const low = transfers.low[transfer]!;
      const limit = kind === POSTED ? transfers.maxPayload[transfer]! : this.#maxRead[node]!;
      let length = limit - (low & (limit - 1));
      const left = transfers.uncut[transfer]!;
      if (length > left) length = left;
      if (length > 4096 - low) length = 4096 - low;
      const address = transfers.cursor[transfer]!;
      const packet = packets.take();
      packets.kind[packet] = kind;
      packets.length[packet] = length;
      packets.address[packet] = address;
      const physical = own === undefined ? address : own.physical + (address - own.from);
      packets.physical[packet] = physical;
      packets.low[packet] = low;
      packets.target[packet] = target;
      packets.transfer[packet] = transfer;
      packets.sender[packet] = node;
      packets.input[packet] = -1;
      const header =
        this.wiring.framing +
        (physical < FOUR_GIB && transfers.service[transfer] !== MESSAGE
          ? this.wiring.header3dw
          : this.wiring.header4dw) +
        this.#digest[node * (this.nodeCount + 1) + target]!;
      packets.wire[packet] = kind === POSTED ? header + ((length + 3) & ~3) : header;
      transfers.cursor[transfer] = address + length;
      transfers.low[transfer] = (low + length) & 4095;
      transfers.uncut[transfer] = left - length;
      const last = left === length;
      packets.flags[packet] =
        (last ? FLAG_LAST : 0) | (own === undefined ? 0 : FLAG_PHYSICAL) | transfers.marks[transfer]!;
      if (last) {
        this.jobHead[key] = transfers.next[transfer]!;
        if (this.jobHead[key]! < 0) this.jobTail[key] = -1;
      }
      if (kind === NONPOSTED) this.tags[node]!--;
      if (channel >= 0) {
        return this.#offer(channel, input, packet, at);
      }
      if (kind === POSTED) this.#sent(packet, at);
      this.#reject(packet, node, -1, channel, at);
    }
  }

  /** Attributes are for data alone: an entry or an interrupt may not pass what it announces. */
  #marks(node: number, transfer: number): number {
    const { transfers } = this;
    const requester = transfers.requester[transfer]!;
    return (
      (transfers.data[transfer] === 1 ? this.#requestFlags[node]! : 0) |
      (transfers.translated[transfer] === 1 ? FLAG_PHYSICAL : 0) |
      (transfers.service[transfer] === TRANSLATION_REQUEST ? FLAG_ASKS : 0) |
      (requester === node ? 0 : FLAG_FORGED)
    );
  }

  #sent(packet: number, at: number): void {
    if ((this.packets.flags[packet]! & FLAG_LAST) !== 0 && this.#listener.told(this.packets.transfer[packet]!, at))
      this.woke = true;
  }

  // ── The loop ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  runUntil(limit: number): boolean {
    const schedule = this.#schedule;
    const channels = this.channelCount;
    this.woke = false;
    while (schedule.length > 0) {
      const now = schedule.time[0]!;
      if (now > limit) break;
      const source = schedule.source[0]!;
      schedule.dropFirst();
      this.time = now;
      if (source < channels) this.#arrive(source, now);
      else if (source < 2 * channels) {
        const channel = source - channels;
        if (this.wakeAt[channel] === now) {
          this.wakeAt[channel] = NEVER;
          this.#transmit(channel, now);
        }
      } else if (source < 3 * channels) this.#release(source - 2 * channels, now);
      else if (source < 3 * channels + this.nodeCount) this.#answer(source - 3 * channels, now);
      else this.#retry(source - 3 * channels - this.nodeCount, now);
      if (this.woke) return true;
    }
    return false;
  }

  #wake(channel: number, at: number): void {
    if (at < this.wakeAt[channel]!) {
      this.wakeAt[channel] = at;
      this.#schedule.push(at, this.channelCount + channel);
    }
  }

  #enqueue(channel: number, input: number, packet: number): void {
    const queue = (this.queueBase[channel]! + input) * 3 + this.packets.kind[packet]!;
    const tail = this.queueTail[queue]!;
    this.packets.next[packet] = -1;
    this.packets.sequence[packet] = this.sequence[channel]!++;
    if (tail < 0) this.queueHead[queue] = packet;
    else this.packets.next[tail] = packet;
    this.queueTail[queue] = packet;
    this.queued[channel]!++;
  }

  /** Queues a packet at a channel, or sends it at once where nothing waits and nothing hinders: the same, without the detour. */
  #offer(channel: number, input: number, packet: number, now: number): void {
    const { packets } = this;
    const kind = packets.kind[packet]!;
    if (
      this.queued[channel] === 0 &&
      this.freeAt[channel]! <= now &&
      this.#affords(channel, kind, this.#carried(packet), now)
    ) {
      this.robin[channel] = input + 1 === this.inputCount[channel] ? 0 : input + 1;
      this.#send(channel, packet, now);
      if (input <= INJECT_DATA) {
        if (kind === POSTED) this.#sent(packet, now);
        this.#cut(this.#from[channel]!, input, kind, now);
      }
      return;
    }
    this.#enqueue(channel, input, packet);
    if (this.freeAt[channel]! > now) this.#wake(channel, this.freeAt[channel]!);
    else this.#transmit(channel, now);
  }

  #transmit(channel: number, now: number): void {
    while (this.queued[channel]! > 0) {
      if (this.freeAt[channel]! > now) return this.#wake(channel, this.freeAt[channel]!);
      const queue = this.#pick(channel, now);
      if (queue < 0) {
        const next = this.#nextReturn(channel);
        if (next !== NEVER) this.#wake(channel, next);
        return;
      }
      const packet = this.#dequeue(queue);
      this.queued[channel]!--;
      const kind = this.packets.kind[packet]!;
      this.#send(channel, packet, now);
      const input = ((queue / 3) | 0) - this.queueBase[channel]!;
      if (input <= INJECT_DATA) {
        if (kind === POSTED) this.#sent(packet, now);
        this.#cut(this.#from[channel]!, input, kind, now);
      }
    }
  }

  /** Takes out what was picked: the head, or what passes it. */
  #dequeue(queue: number): number {
    const { packets } = this;
    const before = this.#before;
    const packet = before < 0 ? this.queueHead[queue]! : packets.next[before]!;
    const rest = packets.next[packet]!;
    if (before < 0) this.queueHead[queue] = rest;
    else packets.next[before] = rest;
    if (rest < 0) this.queueTail[queue] = before;
    return packet;
  }

  /** Round robin over the inputs; within one, the oldest packet that PCIe's ordering table (model A.7) and the credits let go. */
  #pick(channel: number, now: number): number {
    const { packets, queueHead } = this;
    const inputs = this.inputCount[channel]!;
    const base = this.queueBase[channel]!;
    this.#before = -1;
    let input = this.robin[channel]!;
    for (let tried = 0; tried < inputs; tried += 1) {
      if (input >= inputs) input = 0;
      const queue = (base + input) * 3;
      const posted = queueHead[queue]!;
      const nonposted = queueHead[queue + 1]!;
      const completion = queueHead[queue + 2]!;
      let best = -1;
      let oldest = NEVER;
      const barrier = posted < 0 ? NEVER : packets.sequence[posted]!;
      if (posted >= 0 && this.#affords(channel, POSTED, packets.length[posted]!, now)) {
        best = queue;
        oldest = barrier;
      }
      if (nonposted >= 0) {
        const sequence = packets.sequence[nonposted]!;
        const free = sequence < barrier || this.#mayPass(nonposted, posted);
        if (sequence < oldest && free && this.#affords(channel, NONPOSTED, 0, now)) {
          best = queue + 1;
          oldest = sequence;
        }
      }
      if (completion >= 0) {
        const sequence = packets.sequence[completion]!;
        const free = sequence < barrier || this.#mayPass(completion, posted);
        if (sequence < oldest && free && this.#affords(channel, COMPLETION, this.#carried(completion), now))
          best = queue + 2;
      }
      if (best < 0 && this.#attributed) best = this.#overtaker(channel, queue, now);
      if (best >= 0) {
        this.robin[channel] = input + 1 === inputs ? 0 : input + 1;
        return best;
      }
      input += 1;
    }
    return -1;
  }

  /** Payload on the wire: a read request has none, nor has the answer Unsupported Request, whatever the length that it speaks of. */
  #carried(packet: number): number {
    const { packets } = this;
    const none = packets.kind[packet] === NONPOSTED || (packets.flags[packet]! & FLAG_UNSUPPORTED) !== 0;
    return none ? 0 : packets.length[packet]!;
  }

  /** Credits that have come back are counted only when they are needed: when they were counted changes nothing. */
  #affords(channel: number, kind: number, length: number, now: number): boolean {
    const at = channel * 5 + (kind === POSTED ? 0 : kind === NONPOSTED ? 2 : 3);
    const units = kind === NONPOSTED ? 0 : (length + 15) >> 4;
    if (this.credit[at]! >= 1 && (units === 0 || this.credit[at + 1]! >= units)) return true;
    this.applyReturns(channel, now);
    return this.credit[at]! >= 1 && (units === 0 || this.credit[at + 1]! >= units);
  }

  #send(channel: number, packet: number, now: number): void {
    const { packets } = this;
    const kind = packets.kind[packet]!;
    const carries = this.#carried(packet);
    const wire = this.#framed[channel] === 1 ? packets.wire[packet]! : carries;
    const rate = this.#rate[channel * 3 + kind]!;
    const busy = wire * rate;
    this.freeAt[channel] = now + Math.round(busy * this.#stretch[channel]!);

    const at = channel * 5 + (kind === POSTED ? 0 : kind === NONPOSTED ? 2 : 3);
    this.credit[at]!--;
    if (kind !== NONPOSTED) this.credit[at + 1]! -= (carries + 15) >> 4;
    const before = packets.input[packet]!;
    if (before >= 0) this.#returnCredit(before, kind, carries, now);
    packets.input[packet] = channel;

    const transfer = packets.transfer[packet]!;
    this.packetCount[channel]!++;
    this.wireBytes[channel]! += wire;
    if (this.transfers.payload[transfer] === 1 && carries > 0) this.payloadBytes[channel]! += carries;
    else this.controlBytes[channel]! += wire;
    if (this.trace !== undefined) this.trace(now, channel, kind, carries, wire, transfer, packet);

    let head = busy;
    if (this.#cuts[channel] === 1) {
      const output = this.#next(this.#to[channel]!, channel, packet);
      if (output >= 0) {
        const least = this.wiring.cutThroughBytes * rate;
        const slower = busy - wire * this.#rate[output * 3 + kind]!;
        const need = slower > least ? slower : least;
        if (need < head) head = need;
      }
    }
    packets.time[packet] = now + this.#lag[channel]! + head;
    if (this.upset[channel] === 0) this.#fly(channel, packet);
    else this.#sendUpset(channel, packet, now);
  }

  #fly(channel: number, packet: number): void {
    const { packets } = this;
    const tail = this.flyTail[channel]!;
    packets.next[packet] = -1;
    this.flyTail[channel] = packet;
    if (tail < 0) {
      this.flyHead[channel] = packet;
      this.#schedule.push(packets.time[packet]!, channel);
    } else packets.next[tail] = packet;
  }

  #next(node: number, channel: number, packet: number): number {
    const { packets } = this;
    const flags = packets.flags[packet]!;
    const kind =
      packets.kind[packet] === COMPLETION && (flags & FLAG_RELAXED) !== 0 ? RELAXED_COMPLETION : packets.kind[packet]!;
    return this.#route[
      this.#row(
        node,
        this.inputOf[channel]!,
        (flags & (FLAG_TRANSLATED | FLAG_PHYSICAL)) === 0 ? 0 : 1,
        packets.target[packet]!,
        kind,
      )
    ]!;
  }

  // ── Arriving ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #arrive(channel: number, now: number): void {
    const { packets } = this;
    const packet = this.flyHead[channel]!;
    const rest = packets.next[packet]!;
    this.flyHead[channel] = rest;
    if (rest < 0) this.flyTail[channel] = -1;
    else this.#schedule.push(packets.time[rest]!, channel);
    if (this.#reverse[channel]! >= 0) this.#acknowledge(channel, packets.kind[packet]!, now);
    if ((packets.flags[packet]! & SUSPICIOUS) === 0) this.#enter(channel, packet, now);
    else this.#inspect(channel, packet, now);
  }

  #enter(channel: number, packet: number, now: number): void {
    const { packets } = this;
    if (this.#translated[channel] === 1) {
      if (packets.kind[packet] !== NONPOSTED) this.transfers.climbed[packets.transfer[packet]!] = 1;
      const requester = this.transfers.requester[packets.transfer[packet]!]!;
      if (packets.kind[packet] !== COMPLETION && this.#translator.translates(requester))
        return this.#translate(channel, packet, requester, now);
      if (this.heldHead[channel]! >= 0) return this.#hold(channel, packet, now);
    }
    this.#forward(this.#to[channel]!, channel, packet, now);
  }

  /**
   * The receiver's data link layer answers on the other direction of the link, before any packet that waits there: an Ack for every few
   * packets, an UpdateFC for every few of a class that has credits. Both go by count in a stream, so that it recurs; after a pause of
   * the latency limit both have gone out already, when nobody else wanted the link.
   */
  #acknowledge(channel: number, kind: number, now: number): void {
    const { unacknowledged, untold } = this;
    const at = channel * 3;
    if (now - this.cameAt[channel]! >= this.#dllpLimit) {
      unacknowledged[channel] = untold[at] = untold[at + 1] = untold[at + 2] = 0;
    }
    this.cameAt[channel] = now;
    let dllps = 0;
    const waiting = unacknowledged[channel]! + 1;
    if (waiting < this.#ackEvery) unacknowledged[channel] = waiting;
    else {
      unacknowledged[channel] = 0;
      dllps = 1;
      if (this.upset[channel] !== 0) this.#acked(channel, now);
    }
    const every = this.#tellEvery[at + kind]!;
    if (every > 0) {
      const freed = untold[at + kind]! + 1;
      if (freed < every) untold[at + kind] = freed;
      else {
        untold[at + kind] = 0;
        dllps += 1;
      }
    }
    if (dllps === 0) return;
    const back = this.#reverse[channel]!;
    const free = this.freeAt[back]!;
    this.freeAt[back] = (free > now ? free : now) + dllps * this.#dllp[back]!;
  }

  /** At the root complex's ingress: order is kept, so whatever comes behind one that walks waits for it; walks overlap. */
  #translate(channel: number, packet: number, requester: number, now: number): void {
    const { packets } = this;
    const delay = this.#translator.translate(requester, packets.address[packet]!, now);
    if (delay < 0) return this.#reject(packet, this.#to[channel]!, channel, -FAULT_IOMMU - 100, now);
    packets.physical[packet] = this.#translator.physical;
    packets.target[packet] = this.#translator.target;
    packets.flags[packet]! |= FLAG_TRANSLATED;
    if (delay > 0 || this.heldHead[channel]! >= 0) this.#hold(channel, packet, now + delay);
    else this.#forward(this.#to[channel]!, channel, packet, now);
  }

  /** Keeps a packet until `until`, and never lets it overtake one held before on the same channel. */
  #hold(channel: number, packet: number, until: number): void {
    const { packets } = this;
    const tail = this.heldTail[channel]!;
    packets.next[packet] = -1;
    packets.time[packet] = tail >= 0 && packets.time[tail]! > until ? packets.time[tail]! : until;
    this.heldTail[channel] = packet;
    if (tail < 0) {
      this.heldHead[channel] = packet;
      this.#schedule.push(packets.time[packet]!, 2 * this.channelCount + channel);
    } else packets.next[tail] = packet;
  }

  #release(channel: number, now: number): void {
    const packet = this.heldHead[channel]!;
    const rest = this.packets.next[packet]!;
    this.heldHead[channel] = rest;
    if (rest < 0) this.heldTail[channel] = -1;
    else this.#schedule.push(this.packets.time[rest]!, 2 * this.channelCount + channel);
    const node = this.#to[channel]!;
    if (this.#ingress[node] === 1) this.#forward(node, channel, packet, now);
    else this.#deliver(node, channel, packet, now);
  }

  #forward(node: number, channel: number, packet: number, now: number): void {
    const output = this.#next(node, channel, packet);
    if (output >= 0) this.#offer(output, this.inputOf[channel]!, packet, now);
    else if (output !== CONSUME) this.#reject(packet, node, channel, output, now);
    else if (this.packets.kind[packet] === POSTED) this.#accept(node, channel, packet, now);
    else if (this.heldHead[channel]! >= 0) this.#hold(channel, packet, now);
    else this.#deliver(node, channel, packet, now);
  }

  /** A packet at its destination. A read comes here only after every write before it: that is how reads flush. */
  #deliver(node: number, channel: number, packet: number, now: number): void {
    const kind = this.packets.kind[packet]!;
    if (kind === POSTED) this.#write(node, packet, now);
    else if (kind === NONPOSTED) this.#serve(node, channel, packet, now);
    else this.#complete(node, channel, packet, now);
  }

  /** A posted write at its target: taken at the target's rate, its buffer space free once it is taken. */
  #accept(node: number, channel: number, packet: number, now: number): void {
    const rate = this.#writeRate[node]!;
    const length = this.packets.length[packet]!;
    let until = now;
    if (rate === ASK_MEMORY) until = this.#memory[node]!.write(this.packets.physical[packet]!, length, now);
    else if (rate > 0) {
      const start = this.writeFreeAt[node]! > now ? this.writeFreeAt[node]! : now;
      until = start + length * rate;
      this.writeFreeAt[node] = until;
    }
    this.#returnCredit(channel, POSTED, length, until);
    if (until > now || this.heldHead[channel]! >= 0) this.#hold(channel, packet, until);
    else this.#deliver(node, channel, packet, now);
  }

  #write(node: number, packet: number, now: number): void {
    const length = this.packets.length[packet]!;
    this.bytesWritten[node]! += length;
    this.#land(packet, this.#isMeant(node, packet), now);
  }

  /** A read at its completer: served at the completer's rate, answered after its latency. */
  #serve(node: number, channel: number, packet: number, now: number): void {
    const { packets } = this;
    const rate = this.#readRate[node]!;
    let start = this.readFreeAt[node]! > now ? this.readFreeAt[node]! : now;
    if (rate === ASK_MEMORY) start = this.#memory[node]!.read(packets.physical[packet]!, packets.length[packet]!, now);
    else this.readFreeAt[node] = start + packets.length[packet]! * rate;
    this.#returnCredit(channel, NONPOSTED, 0, start);
    this.bytesRead[node]! += packets.length[packet]!;
    packets.time[packet] = start + this.#readLatency[node]!;
    this.#queueAnswer(node, packet);
  }

  /** Answers leave as their data are there: what a cache has overtakes what DRAM is still asked for. */
  #queueAnswer(node: number, packet: number): void {
    const { packets } = this;
    packets.next[packet] = -1;
    const tail = this.answerTail[node]!;
    if (tail >= 0 && packets.time[tail]! > packets.time[packet]!) return this.#overtake(node, packet);
    this.answerTail[node] = packet;
    if (tail < 0) {
      this.answerHead[node] = packet;
      this.#schedule.push(packets.time[packet]!, 3 * this.channelCount + node);
    } else packets.next[tail] = packet;
  }

  /** Queues an answer before all that are later. */
  #overtake(node: number, packet: number): void {
    const { packets } = this;
    const at = packets.time[packet]!;
    let before = -1;
    let after = this.answerHead[node]!;
    while (packets.time[after]! <= at) {
      before = after;
      after = packets.next[after]!;
    }
    packets.next[packet] = after;
    if (before >= 0) packets.next[before] = packet;
    else {
      this.answerHead[node] = packet;
      this.#schedule.push(at, 3 * this.channelCount + node);
    }
  }

  /** Turns a served read into completions, whose headers have three double words: each ends on a read completion boundary, none exceeds Max_Payload_Size (model A.4). */
  #answer(node: number, now: number): void {
    const { packets } = this;
    const request = this.answerHead[node]!;
    // Whoever was overtaken at the head is announced twice.
    if (request < 0 || packets.time[request]! > now) return;
    const rest = packets.next[request]!;
    this.answerHead[node] = rest;
    if (rest < 0) this.answerTail[node] = -1;
    else this.#schedule.push(packets.time[rest]!, 3 * this.channelCount + node);
    const requester = this.transfers.requester[packets.transfer[request]!]!;
    const most = this.#payload[node * this.nodeCount + requester]!;
    const boundary = this.#boundary[node]!;
    const meant = this.#isMeant(node, request);
    let left = packets.length[request]!;
    let low = packets.low[request]!;
    while (left > 0) {
      const length = left > most ? most - (low & (boundary - 1)) : left;
      left -= length;
      this.#emitCompletion(
        node,
        request,
        requester,
        length,
        (left === 0 ? FLAG_LAST : 0) | (packets.flags[request]! & FLAG_RELAXED) | this.#completionFlags[node]!,
        meant,
        now,
      );
      low += length;
    }
    packets.give(request);
  }

  #emitCompletion(
    node: number,
    request: number,
    requester: number,
    length: number,
    flags: number,
    meant: boolean,
    now: number,
  ): void {
    const { packets } = this;
    const packet = packets.take();
    packets.kind[packet] = COMPLETION;
    packets.length[packet] = length;
    packets.wire[packet] =
      this.wiring.framing +
      this.wiring.header3dw +
      this.#digest[node * (this.nodeCount + 1) + requester]! +
      ((flags & FLAG_UNSUPPORTED) !== 0 ? 0 : (length + 3) & ~3);
    packets.target[packet] = requester;
    packets.transfer[packet] = packets.transfer[request]!;
    packets.sender[packet] = node;
    packets.flags[packet] = flags;
    packets.input[packet] = -1;
    packets.address[packet] = packets.physical[packet] = meant ? 1 : 0;
    const kind = (flags & FLAG_RELAXED) !== 0 ? RELAXED_COMPLETION : COMPLETION;
    const channel = this.#route[this.#row(node, COMPLETER, 0, requester, kind)]!;
    if (channel < 0) return this.#reject(packet, node, -1, channel, now);
    this.#offer(channel, COMPLETER, packet, now);
  }

  #complete(node: number, channel: number, packet: number, now: number): void {
    const { packets } = this;
    const flags = packets.flags[packet]!;
    const unsupported = (flags & FLAG_UNSUPPORTED) !== 0;
    this.#returnCredit(channel, COMPLETION, unsupported ? 0 : packets.length[packet]!, now);
    const transfer = packets.transfer[packet]!;
    if (node !== this.transfers.initiator[transfer]) return this.#unexpected(packet, now);
    if (unsupported) this.transfers.status[transfer] = STATUS_UNSUPPORTED;
    this.#land(packet, !unsupported && packets.address[packet] === 1, now);
    if ((flags & FLAG_LAST) !== 0) this.#freeTag(node, this.transfers.data[transfer]!, now);
  }

  #freeTag(node: number, input: number, now: number): void {
    this.tags[node]!++;
    this.#cut(node, input, NONPOSTED, now);
    this.#cut(node, 1 - input, NONPOSTED, now);
  }

  /** Whether a request reached the very bytes that it was meant for when its transfer began. */
  #isMeant(node: number, packet: number): boolean {
    const transfer = this.packets.transfer[packet]!;
    const { transfers, packets } = this;
    return (
      node === transfers.target[transfer] &&
      packets.physical[packet]! - transfers.physical[transfer]! ===
        packets.address[packet]! - transfers.address[transfer]!
    );
  }

  #land(packet: number, delivered: boolean, now: number): void {
    const { transfers, packets } = this;
    const transfer = packets.transfer[packet]!;
    const length = packets.length[packet]!;
    packets.give(packet);
    if (delivered) transfers.delivered[transfer]! += length;
    const left = transfers.unlanded[transfer]! - length;
    transfers.unlanded[transfer] = left;
    if (left > 0) return;
    if (transfers.reads[transfer] === 1 && this.#listener.told(transfer, now)) this.woke = true;
    if (this.#listener.landed(transfer, now)) this.woke = true;
    transfers.give(transfer);
  }

  /**
   * A packet that may not go on. A posted write vanishes and nobody is told; a read is answered Unsupported Request; a completion
   * vanishes and its requester times out.
   */
  #reject(packet: number, node: number, channel: number, answer: number, now: number): void {
    const { packets, transfers } = this;
    const transfer = packets.transfer[packet]!;
    const kind = packets.kind[packet]!;
    const length = packets.length[packet]!;
    if (channel >= 0) this.#returnCredit(channel, kind, this.#carried(packet), now);
    transfers.fault[transfer] =
      answer < -100
        ? FAULT_IOMMU
        : answer === -3
          ? FAULT_ACS
          : packets.target[packet] === this.nodeCount
            ? FAULT_NO_ROUTE
            : FAULT_REFUSED;
    if (kind === NONPOSTED) {
      this.#emitCompletion(
        node,
        packet,
        transfers.requester[transfer]!,
        length,
        FLAG_LAST | FLAG_UNSUPPORTED | (packets.flags[packet]! & FLAG_RELAXED) | this.#completionFlags[node]!,
        false,
        now,
      );
      packets.give(packet);
      return;
    }
    if (kind === COMPLETION) this.#unexpected(packet, now);
    else this.#land(packet, false, now);
  }

  /** A completion that its requester never sees: it times out, and takes its tag back. */
  #unexpected(packet: number, now: number): void {
    const { packets, transfers } = this;
    const transfer = packets.transfer[packet]!;
    const last = (packets.flags[packet]! & FLAG_LAST) !== 0;
    const initiator = transfers.initiator[transfer]!;
    const input = transfers.data[transfer]!;
    transfers.status[transfer] = STATUS_TIMEOUT;
    this.#land(packet, false, now);
    if (last) this.#freeTag(initiator, input, now);
  }

  // ── What is rare ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a packet may pass all posted ones of its queue that came before it, of which there are some. */
  #mayPass(packet: number, posted: number): boolean {
    const { packets, passing } = this;
    const flags = packets.flags[packet]!;
    const row = packets.kind[packet]! * 3;
    if (passing[row + PLAIN] === 1 || ((flags & FLAG_RELAXED) !== 0 && passing[row + RELAXED] === 1)) return true;
    if ((flags & FLAG_BY_ID) === 0 || passing[row + BY_ID] === 0) return false;
    const sequence = packets.sequence[packet]!;
    for (let earlier = posted; earlier >= 0 && packets.sequence[earlier]! < sequence; earlier = packets.next[earlier]!)
      if (packets.sender[earlier] === packets.sender[packet]) return false;
    return true;
  }

  /** The queue of an input's posted packets, where one that may pass those before it needs fewer credits than they; else -1. */
  #overtaker(channel: number, queue: number, now: number): number {
    const { packets } = this;
    const first = this.queueHead[queue]!;
    if (first < 0) return -1;
    for (let before = first; ; ) {
      const packet = packets.next[before]!;
      if (packet < 0) return -1;
      if (this.#mayPass(packet, first) && this.#affords(channel, POSTED, packets.length[packet]!, now)) {
        this.#before = before;
        return queue;
      }
      before = packet;
    }
  }

  /** What ACS says of a request that bears a translated address or another's id, at the port where it comes in (PCIe 6.12.1.1). */
  #inspect(channel: number, packet: number, now: number): void {
    const { packets } = this;
    const node = this.#to[channel]!;
    const guard = this.wiring.channels[channel]!.guard;
    const transfer = packets.transfer[packet]!;
    const physical = (packets.flags[packet]! & FLAG_PHYSICAL) !== 0;
    const asks = (packets.flags[packet]! & FLAG_ASKS) !== 0;
    const forged = guard?.sources !== undefined && !guard.sources.has(this.transfers.requester[transfer]!);
    if (forged || ((physical || asks) && guard?.blocksTranslated === true))
      return this.#reject(packet, node, channel, ACS_VIOLATION, now);
    if (asks && this.#translated[channel] === 1) return this.#answerQuestion(channel, packet, now);
    if (!physical || this.#translated[channel] === 0) return this.#enter(channel, packet, now);
    // The root complex takes it at its word, in its turn, and what it sends on bears an ordinary address.
    packets.flags[packet]! &= ~FLAG_PHYSICAL;
    if (packets.kind[packet] !== NONPOSTED) this.transfers.climbed[transfer] = 1;
    if (this.heldHead[channel]! >= 0) this.#hold(channel, packet, now);
    else this.#forward(node, channel, packet, now);
  }

  /** The root complex answers a Translation Request when it knows: behind its back, so that data do not wait for the walk. */
  #answerQuestion(channel: number, packet: number, now: number): void {
    this.#returnCredit(channel, NONPOSTED, 0, now);
    this.packets.time[packet] = now + this.#devices.lookUp(this.packets.transfer[packet]!, now);
    this.#queueAnswer(this.#to[channel]!, packet);
  }

  /** Something goes wrong with the next packet that starts onto a link; after what has gone wrong before is over. */
  disturb(channel: number, error: LinkError): void {
    if (this.#reverse[channel]! < 0) throw new RangeError(`${this.wiring.channels[channel]!.label} is no link`);
    this.disturbed += 1;
    if (this.upset[channel] === 0) this.#arm(channel, error);
    else this.errors[channel]!.push(error);
  }

  #arm(channel: number, error: LinkError | undefined): void {
    this.upset[channel] = error === undefined ? 0 : 1;
    this.retries[channel] = error === undefined ? undefined : new Retry(error);
  }

  #over(channel: number): void {
    this.#arm(channel, this.errors[channel]!.shift());
  }

  #sendUpset(channel: number, packet: number, now: number): void {
    const { packets } = this;
    const retry = this.retries[channel]!;
    const busy = this.#busy(channel, packet);
    if (retry.error === "lost Ack") {
      if (retry.phase === "armed") {
        retry.comes = packets.time[packet]!;
        this.#expect(channel, retry, "coming", now + busy + this.wiring.replayTimer);
      }
      if (retry.phase === "coming") retry.arrived.push({ wire: packets.wire[packet]!, busy });
      return this.#fly(channel, packet);
    }
    if (retry.phase === "armed") this.#expect(channel, retry, "coming", now + busy + this.#flight[channel]!);
    packets.time[packet]! -= now;
    retry.packets.push(packet);
  }

  #busy(channel: number, packet: number): number {
    const rate = this.#rate[channel * 3 + this.packets.kind[packet]!]!;
    return Math.round(this.packets.wire[packet]! * rate * this.#stretch[channel]!);
  }

  #expect(channel: number, retry: Retry, phase: Retry["phase"], at: number): void {
    retry.phase = phase;
    retry.at = at;
    this.#schedule.push(at, 3 * this.channelCount + this.nodeCount + channel);
  }

  /** An Ack goes out. The first that speaks for the packet is lost; with the next the sender knows more than with the first. */
  #acked(channel: number, now: number): void {
    const retry = this.retries[channel]!;
    if (retry.error === "bad LCRC" || retry.phase !== "coming" || now < retry.comes) return;
    retry.acks += 1;
    if (retry.acks === 2) this.#over(channel);
  }

  #retry(channel: number, now: number): void {
    const retry = this.retries[channel];
    // A timer that an Ack has stopped stays in the schedule.
    if (retry === undefined || retry.at !== now) return;
    if (retry.error === "bad LCRC") this.#refuse(channel, retry, now);
    else this.#repeat(channel, retry, now);
  }

  /** The receiver sends a Nak, and when that comes, the sender sends all from the damaged packet on again, before anything else. */
  #refuse(channel: number, retry: Retry, now: number): void {
    if (retry.phase === "coming") return this.#expect(channel, retry, "refused", this.#answerBack(channel, now));
    const { packets } = this;
    let start = Math.max(now, this.freeAt[channel]!);
    for (const packet of retry.packets) {
      const busy = this.#busy(channel, packet);
      packets.time[packet]! += start;
      this.#fly(channel, packet);
      this.#again(channel, packets.wire[packet]!);
      start += busy;
    }
    this.freeAt[channel] = start;
    this.#over(channel);
  }

  /** The replay timer has expired: what arrived goes over the link again, the receiver drops it and sends another Ack. */
  #repeat(channel: number, retry: Retry, now: number): void {
    if (retry.phase === "refused") {
      this.#answerBack(channel, now);
      return this.#over(channel);
    }
    let free = Math.max(now, this.freeAt[channel]!);
    for (const { wire, busy } of retry.arrived) {
      this.#again(channel, wire);
      free += busy;
    }
    this.freeAt[channel] = free;
    this.#expect(channel, retry, "refused", free + this.#flight[channel]!);
  }

  #again(channel: number, wire: number): void {
    this.wireBytes[channel]! += wire;
    this.replayed[channel]!++;
  }

  /** A data link layer packet on the other direction of a link, behind what is on it; when it comes in. */
  #answerBack(channel: number, now: number): number {
    const back = this.#reverse[channel]!;
    const sent = Math.max(now, this.freeAt[back]!) + this.#dllp[back]!;
    this.freeAt[back] = sent;
    return sent + this.#flight[back]!;
  }

  // ── Credits ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #returnCredit(channel: number, kind: number, length: number, left: number): void {
    const at = channel * 3 + kind;
    const times = this.#returnTime[at]!;
    if (times.length === 1) return;
    const until = left + this.#creditLatency[channel]!;
    let slot = this.returnHead[at]! + this.returnCount[at]!;
    if (slot >= times.length) slot -= times.length;
    times[slot] = until;
    this.#returnData[at]![slot] = (length + 15) >> 4;
    this.returnCount[at]!++;
    if (this.queued[channel]! > 0) this.#wake(channel, until > this.freeAt[channel]! ? until : this.freeAt[channel]!);
  }

  /** Counts the credits that have come back by now. */
  applyReturns(channel: number, now: number): void {
    for (let kind = 0; kind < 3; kind += 1) {
      const at = channel * 3 + kind;
      let count = this.returnCount[at]!;
      if (count === 0) continue;
      const times = this.#returnTime[at]!;
      const data = this.#returnData[at]!;
      let head = this.returnHead[at]!;
      const credit = channel * 5 + (kind === POSTED ? 0 : kind === NONPOSTED ? 2 : 3);
      while (count > 0 && times[head]! <= now) {
        this.credit[credit]!++;
        if (kind !== NONPOSTED) this.credit[credit + 1]! += data[head]!;
        head = head + 1 === times.length ? 0 : head + 1;
        count -= 1;
      }
      this.returnHead[at] = head;
      this.returnCount[at] = count;
    }
  }

  #nextReturn(channel: number): number {
    let next = NEVER;
    for (let kind = 0; kind < 3; kind += 1) {
      const at = channel * 3 + kind;
      if (this.returnCount[at]! > 0) next = Math.min(next, this.#returnTime[at]![this.returnHead[at]!]!);
    }
    return next;
  }

  /** The pending return at `place` of a channel and class: its time and data units. */
  pendingReturn(channel: number, kind: number, place: number): { readonly time: number; readonly units: number } {
    const at = channel * 3 + kind;
    const times = this.#returnTime[at]!;
    const slot = (this.returnHead[at]! + place) % times.length;
    return { time: times[slot]!, units: this.#returnData[at]![slot]! };
  }

  /** Credits (headers and data units) that a channel lacks of its full store once every return has come in. */
  missingCredits(channel: number): number {
    this.applyReturns(channel, NEVER);
    let missing = 0;
    this.wiring.channels[channel]!.credits.forEach((full, place) => {
      if (full !== NEVER) missing += full - this.credit[channel * 5 + place]!;
    });
    return missing;
  }

  // ── Sums ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a channel has ever carried a packet. */
  used(channel: number): boolean {
    return this.packetCount[channel]! > 0;
  }

  /** A sum over the links of all root ports. */
  acrossRootPorts(sums: Float64Array): number {
    let total = 0;
    for (let channel = 0; channel < this.channelCount; channel += 1)
      if (this.#rootPort[channel] === 1) total += sums[channel]!;
    return total;
  }

  mark(): Repeat {
    const sums = [
      this.payloadBytes,
      this.wireBytes,
      this.controlBytes,
      this.packetCount,
      this.replayed,
      this.bytesRead,
      this.bytesWritten,
    ];
    const then = sums.map((sum) => sum.slice());
    return (times) => {
      sums.forEach((sum, which) => {
        for (let i = 0; i < sum.length; i += 1)
          sum[i] = exact(sum[i]! + times * (sum[i]! - then[which]![i]!), "a sum of bytes");
      });
    };
  }
}
