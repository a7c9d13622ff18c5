import type { PassingPosted } from "./ordering.ts";

/** Packet classes of PCIe's ordering rules; a completion may carry the Relaxed Ordering attribute. */
export const POSTED = 0;
export const NONPOSTED = 1;
export const COMPLETION = 2;
export const RELAXED_COMPLETION = 3;
export const CLASSES = 4;

/** Transfers that are no memory requests. */
export const TRANSLATION_REQUEST = 1;
export const MESSAGE = 2;

/** Answers of the routing table other than a channel. */
export const CONSUME = -1;
export const UNSUPPORTED = -2;
export const ACS_VIOLATION = -3;

/** Inputs of a node that are not links: its engines' control queue (0) and data queue, and the completions it makes. */
export const INJECT_DATA = 1;
export const COMPLETER = 2;
export const OWN_INPUTS = 3;

/** What a node does with a packet that is not for it, and whether it is a root complex's ingress, where the IOMMU sits. */
export type NodeKind = "endpoint" | "switch" | "ingress" | "egress" | "memory";

/** Memory that serves reads and writes in turn, together with whoever else uses it. Asked in the order of time. */
export interface MemoryPort {
  /** When the data of a read are there; physical addresses, as the others. */
  read(address: number, length: number, now: number): number;
  /** When a write is taken in. */
  write(address: number, length: number, now: number): number;
}

export interface Node {
  readonly name: string;
  readonly kind: NodeKind;
  /** From accepting a read to having its data, in ticks. */
  readonly readLatency: number;
  /** How fast it serves reads and takes writes, in ticks per byte; 0 = never the bottleneck. */
  readonly readTicksPerByte: number;
  readonly writeTicksPerByte: number;
  readonly readCompletionBoundary: number;
  readonly tags: number;
  readonly maxReadRequest: number;
  /** Its data requests carry Relaxed Ordering; a completion has the attribute of its request (PCIe 2.2.9). */
  readonly relaxedOrdering: boolean;
  /** Its data requests, and its completions, carry ID-Based Ordering (PCIe 2.2.6.4). */
  readonly idOrderedRequests: boolean;
  readonly idOrderedCompletions: boolean;
  /** What decides when it reads and writes, in place of rates. */
  readonly memory?: MemoryPort;
}

/** What ACS refuses at the port where a packet comes in, before anybody asks where it is going. */
export interface Guard {
  /** Source Validation: the requesters whose bus numbers lie below the port. */
  readonly sources?: ReadonlySet<number>;
  /** Translation Blocking: no request with an address type other than untranslated. */
  readonly blocksTranslated: boolean;
}

/** One direction of a link, or a way inside a root complex (`framed` false: no packet overhead there). */
export interface Channel {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Ticks per byte for posted packets, non-posted packets and completions. */
  readonly ticksPerByte: readonly [number, number, number];
  /** How much longer than its bytes a packet keeps the next one waiting, as a factor from 1 up; rounded to a tick for each. */
  readonly stretch: number;
  /** From the last bit sent to the last bit received. */
  readonly flight: number;
  /** Inside the receiver, until the packet may leave again. */
  readonly residence: number;
  readonly framed: boolean;
  /** One of the links of a root port: what crosses it crosses the root complex. */
  readonly rootPort: boolean;
  /** Leads from a root port into the root complex, where requests are translated. */
  readonly translated: boolean;
  /** Receive buffer: PH, PD, NPH, CPLH, CPLD; Infinity where never the limit. */
  readonly credits: readonly [number, number, number, number, number];
  /** From leaving the receive buffer until the sender may use the credit. */
  readonly creditLatency: number;
  /** The other direction of the link, where Acks and UpdateFCs for this one go; -1 where there are none. */
  readonly reverse: number;
  /** Packets of each class (posted, non-posted, completion) to an UpdateFC; 0 where its credits are endless. */
  readonly updateEvery: readonly [number, number, number];
  readonly guard?: Guard;
}

export interface Wiring {
  readonly nodes: readonly Node[];
  readonly channels: readonly Channel[];
  /**
   * Next step for (node, input, translated, target, class): a channel or one of the answers above. Target nodes.length: nobody.
   * Translated: on the way up by the device itself (address type 10b), from a root complex's ingress on by the IOMMU.
   */
  readonly next: (node: number, input: number, translated: boolean, target: number, kind: number) => number;
  /** Max_Payload_Size that holds between two nodes. */
  readonly maxPayload: (from: number, to: number) => number;
  /** Bytes that the maker of a packet adds to it for its target, as an end-to-end CRC; the target nodes.length is nobody. */
  readonly digest: (from: number, to: number) => number;
  readonly passesPosted: PassingPosted;
  /** Constants of the link layer, in bytes. */
  readonly framing: number;
  readonly header3dw: number;
  readonly header4dw: number;
  readonly cutThroughBytes: number;
  /** An Ack or an UpdateFC on the wire, in bytes, and packets to an Ack. */
  readonly dllp: number;
  readonly ackEvery: number;
  /** For how long a receiver may keep an Ack or an UpdateFC back, in ticks. */
  readonly dllpLimit: number;
  /** For how long a sender waits for an Ack before it sends again, in ticks. */
  readonly replayTimer: number;
}
