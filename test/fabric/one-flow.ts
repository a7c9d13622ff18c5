import { TlpEngine, type Translator } from "../../fabric/tlp/engine.ts";
import { PASSES_POSTED } from "../../fabric/tlp/ordering.ts";
import { type Channel, CONSUME, type Node, type Wiring } from "../../fabric/tlp/wiring.ts";

/** One of the two links that a single flow crosses. */
export interface Hop {
  readonly ticksPerByte: number;
  /** From the last bit sent to the last bit received. */
  readonly flight: number;
}

/** Everything that decides how long a single flow takes from an initiator through a switch to a target. */
export interface OneFlow {
  readonly first: Hop;
  readonly second: Hop;
  /** Inside the switch, from a packet's head until it may leave. */
  readonly residence: number;
  readonly cutThroughBytes: number;
  /** What the switch's receive buffer takes of posted packets: headers, and data in units of 16 B. */
  readonly postedHeaders: number;
  readonly postedData: number;
  /** From a packet leaving that buffer until its sender may use the room again. */
  readonly creditLatency: number;
  readonly maxPayload: number;
  readonly maxReadRequest: number;
  readonly tags: number;
  readonly readLatency: number;
  /** Ticks per byte at which the target serves reads; 0: never the limit. */
  readonly readTicksPerByte: number;
  /** Where the flow goes, which decides between a header of 12 B and one of 16 B. */
  readonly address: number;
}

export const FRAMING = 8;
export const HEADER_3DW = 12;
export const HEADER_4DW = 16;

const INITIATOR = 0;
const SWITCH = 1;
const TARGET = 2;

/** The other direction of each link, and credits that no formula of a single flow speaks of, never are the limit. */
const ENDLESS: Channel["credits"] = [Infinity, Infinity, Infinity, Infinity, Infinity];

/** Nothing is ever translated. */
const NO_IOMMU: Translator = { translates: () => false, translate: () => -1, physical: 0, target: 0 };

function node(name: string, kind: Node["kind"], more: Partial<Node>): Node {
  return {
    name,
    kind,
    readLatency: 0,
    readTicksPerByte: 0,
    writeTicksPerByte: 0,
    readCompletionBoundary: 64,
    tags: 0,
    maxReadRequest: 4096,
    relaxedOrdering: false,
    idOrderedRequests: false,
    idOrderedCompletions: false,
    ...more,
  };
}

/** Wires initiator, switch and target by hand: nothing of the product's graph, routing or constants takes part. */
function wiringOf(flow: OneFlow): Wiring {
  const channel = (label: string, from: number, to: number, { ticksPerByte, flight }: Hop): Channel => ({
    label,
    from,
    to,
    ticksPerByte: [ticksPerByte, ticksPerByte, ticksPerByte],
    stretch: 1,
    flight,
    residence: to === SWITCH ? flow.residence : 0,
    framed: true,
    rootPort: false,
    translated: false,
    credits: label === "up" ? [flow.postedHeaders, flow.postedData, Infinity, Infinity, Infinity] : ENDLESS,
    creditLatency: flow.creditLatency,
    reverse: -1,
    updateEvery: [0, 0, 0],
  });
  return {
    nodes: [
      node("initiator", "endpoint", { tags: flow.tags, maxReadRequest: flow.maxReadRequest }),
      node("switch", "switch", {}),
      node("target", "endpoint", { readLatency: flow.readLatency, readTicksPerByte: flow.readTicksPerByte }),
    ],
    channels: [
      channel("up", INITIATOR, SWITCH, flow.first),
      channel("down", SWITCH, TARGET, flow.second),
      channel("back up", TARGET, SWITCH, flow.second),
      channel("back down", SWITCH, INITIATOR, flow.first),
    ],
    next: (at, _input, _translated, target) => {
      if (at === target) return CONSUME;
      if (at === INITIATOR) return 0;
      if (at === TARGET) return 2;
      return target === TARGET ? 1 : 3;
    },
    maxPayload: () => flow.maxPayload,
    framing: FRAMING,
    digest: () => 0,
    passesPosted: PASSES_POSTED,
    replayTimer: 0,
    header3dw: HEADER_3DW,
    header4dw: HEADER_4DW,
    cutThroughBytes: flow.cutThroughBytes,
    dllp: 0,
    ackEvery: 0,
    dllpLimit: 0,
  };
}

/** When the last byte of one transfer that begins at 0 has landed, packet by packet. */
export function simulated(flow: OneFlow, reads: boolean, length: number): number {
  let landed = Number.NaN;
  const listener = {
    told: () => false,
    landed: (_transfer: number, at: number) => {
      landed = at;
      return false;
    },
  };
  const engine = new TlpEngine(wiringOf(flow), NO_IOMMU, listener);
  const { transfers } = engine;
  const slot = transfers.take();
  transfers.initiator[slot] = INITIATOR;
  transfers.reads[slot] = reads ? 1 : 0;
  transfers.data[slot] = 1;
  transfers.payload[slot] = 1;
  transfers.route[slot] = transfers.target[slot] = TARGET;
  transfers.address[slot] = transfers.physical[slot] = transfers.cursor[slot] = flow.address;
  transfers.low[slot] = flow.address % 4096;
  transfers.length[slot] = transfers.uncut[slot] = transfers.unlanded[slot] = length;
  transfers.maxPayload[slot] = flow.maxPayload;
  engine.begin(slot, 0);
  engine.runUntil(Infinity);
  if (transfers.delivered[slot] !== length) throw new Error(`${transfers.delivered[slot]} of ${length} B arrived`);
  return landed;
}
