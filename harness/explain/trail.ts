import type { Parameters } from "../../calibration/parameters.ts";
import { type Graph, graphOf } from "../../fabric/graph.ts";
import { routing } from "../../fabric/route.ts";
import {
  ACS_VIOLATION,
  COMPLETER,
  COMPLETION,
  CONSUME,
  INJECT_DATA,
  NONPOSTED,
  OWN_INPUTS,
  POSTED,
  type Wiring,
} from "../../fabric/tlp/wiring.ts";
import type { Topology } from "../../fabric/topology.ts";
import { type Tree, treeOf, upwards } from "../../fabric/tree.ts";
import type { Addressing } from "../../record/explanation.ts";

/** One packet to be followed: who makes it, whom it is for, and by which address. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly kind: "write" | "read" | "completion";
  readonly addressing: Addressing;
}

/** Where it went, and how that ended. */
export interface Trail {
  readonly steps: readonly string[];
  readonly end: "arrived" | "unsupported" | "acs-violation" | "iommu-fault";
}

const CLASS = { write: POSTED, read: NONPOSTED, completion: COMPLETION } as const;

/** Longer than any way in a tree of buses: 256 of them, up and down. */
const LOST = 600;

/** The wire between some devices: what the simulation's own routing says of single packets, without running it. */
export class Wire {
  readonly graph: Graph;
  readonly tree: Tree;
  readonly #next: Wiring["next"];
  readonly #translating: boolean;

  /** `translating`: an IOMMU gives each device addresses of its own, and knows no others. */
  constructor(topology: Topology, devices: readonly string[], parameters: Parameters, translating: boolean) {
    this.tree = treeOf(topology, devices);
    this.graph = graphOf(this.tree, parameters);
    this.#next = routing(this.graph);
    this.#translating = translating;
  }

  /** Follows a packet hop by hop, as fabric/tlp/engine.ts would carry it. */
  follow(packet: Packet): Trail {
    const { graph } = this;
    const steps = [packet.from];
    // Completions go by requester id, so theirs is no address that wants translation.
    const isRequest = packet.kind !== "completion";
    const isIova = isRequest && packet.addressing === "IOVA";
    const faults = this.#translating && isRequest && !isIova;
    const own = this.translatesItself(packet);
    const meant = this.#node(packet.to);
    let target = isIova && !own ? graph.nodes.length : meant;
    let translated = own;
    let at = this.#node(packet.from);
    let input = isRequest ? INJECT_DATA : COMPLETER;
    for (let step = 0; step < LOST; step += 1) {
      const answer = this.#next(at, input, translated, target, CLASS[packet.kind]);
      const channel = graph.channels[answer];
      if (channel === undefined) return { steps, end: ENDS.get(answer) ?? "unsupported" };
      input = inputOf(graph, answer);
      at = channel.to;
      steps.push(graph.nodes[at]?.name ?? "");
      if (!channel.translated) continue;
      if (faults) return { steps, end: "iommu-fault" };
      target = meant;
      translated = isIova && !own;
    }
    throw new RangeError(`a packet from ${packet.from} to ${packet.to} goes round in circles`);
  }

  /**
   * Whether the maker of a packet has translated the address itself (ATS): then it is made out for whom it is for, and the root complex
   * takes it at its word. Translation Blocking stops the question, and then it is sent untranslated.
   */
  translatesItself({ from, kind, addressing }: Packet): boolean {
    const leaf = this.tree.devices.find(({ endpoint }) => endpoint.id === from);
    if (leaf?.endpoint.ats !== true || !this.#translating || kind === "completion" || addressing !== "IOVA")
      return false;
    return [...upwards(leaf.above)].every(({ port }) => port?.acs?.translationBlocking !== true);
  }

  #node(name: string): number {
    const node = this.graph.nodeOf.get(name);
    if (node === undefined) throw new RangeError(`the graph has no ${name}`);
    return node;
  }
}

const ENDS: ReadonlyMap<number, Trail["end"]> = new Map([
  [CONSUME, "arrived"],
  [ACS_VIOLATION, "acs-violation"],
]);

/** A node's inputs are its own queues, then the channels that lead to it, in their order. */
function inputOf(graph: Graph, channel: number): number {
  const to = graph.channels[channel]?.to;
  return OWN_INPUTS + graph.channels.slice(0, channel).filter((each) => each.to === to).length;
}
