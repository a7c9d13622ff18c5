import type { ConstantName } from "../calibration/constants.ts";
import { linkTicksPerByte } from "../calibration/link-rate.ts";
import type { Parameters } from "../calibration/parameters.ts";
import { platformConstant, type RootComplexQuantity } from "../calibration/platform-constant.ts";
import { PLATFORMS } from "../calibration/platforms.ts";
import { bytes } from "../sim/units.ts";
import { LastLevelCache } from "./last-level-cache.ts";
import { MemoryController } from "./memory-controller.ts";
import type { Channel, Guard, Node, NodeKind } from "./tlp/wiring.ts";
import type { Acs, Endpoint, HostBridge, Link } from "./topology.ts";
import { type Below, type Leaf, type Root, rootOf, type Switch, type Tree, upwards } from "./tree.ts";

/**
 * The tree as nodes and one-way channels, which is what packets see.
 *
 *   device ══> switch ══> ingress(socket) ──> memory(socket) ──> egress(socket) ══> switch ══> device
 *                             │  └──────────── forward ────────────^   ^ │
 *                             └── other sockets' ingress               │ └── other sockets' egress
 *                                                              CPU stores enter here
 *
 * A root complex is an ingress, where requests are translated and admitted, and an egress. Ways inside it (──) have latency and,
 * where a ceiling was measured, a rate, but no packet overhead.
 */
export interface Graph {
  readonly tree: Tree;
  readonly nodes: readonly Node[];
  readonly channels: readonly Channel[];
  /** Node of a device, a switch, or "ingress 0", "egress 0", "memory 0", "interrupts 0". */
  readonly nodeOf: ReadonlyMap<string, number>;
  /** The memory controller of each socket. */
  readonly memories: ReadonlyMap<number, MemoryController>;
  /** Channel from one node to another. */
  readonly channelBetween: (from: number, to: number) => number | undefined;
  /**
   * Max_Payload_Size between two nodes: the least in effect on the way, since a larger packet would be malformed there. From a node to
   * itself: on the way up to the root complex.
   */
  readonly maxPayload: (from: number, to: number) => number;
  /** Bytes of end-to-end CRC that a node adds to a packet for another; of nobody's address, too. */
  readonly digest: (from: number, to: number) => number;
}

/** The largest Max_Payload_Size that PCIe knows. */
const MOST_PAYLOAD = 4096;

/** A data credit stands for 16 bytes. */
const CREDIT_BYTES = 16;

type Rates = readonly [number, number, number];

export function graphOf(tree: Tree, parameters: Parameters): Graph {
  const drawn = new Drawing(tree, parameters);
  for (const leaf of tree.devices) drawn.device(leaf);
  for (const each of tree.switches) drawn.switch(each);
  for (const { id } of tree.topology.sockets) drawn.socket(id);
  for (const leaf of tree.devices) drawn.link(leaf.endpoint.id, leaf.endpoint.link, leaf.above);
  for (const each of tree.switches) drawn.link(each.id, each.upstream.link, each.above);
  for (const { id } of tree.topology.sockets) drawn.insideOf(id);
  for (const bridge of tree.topology.hostBridges) drawn.bridge(bridge);
  const between = new Map(drawn.channels.map(({ from, to }, index) => [from * drawn.nodes.length + to, index]));
  return {
    tree,
    nodes: drawn.nodes,
    channels: drawn.channels,
    nodeOf: drawn.nodeOf,
    memories: drawn.memories,
    channelBetween: (from, to) => between.get(from * drawn.nodes.length + to),
    maxPayload: (from, to) => drawn.maxPayload(from, to),
    digest: (from, to) => (drawn.addsDigest(from, to) ? parameters.amount("tlp.ecrc") : 0),
  };
}

class Drawing {
  readonly nodes: Node[] = [];
  readonly channels: Channel[] = [];
  readonly nodeOf: Map<string, number> = new Map();
  readonly memories: Map<number, MemoryController> = new Map();
  /** Max_Payload_Size in effect at a device or switch, and at the port right above it. */
  readonly #maxPayloadAt = new Map<number, number>();
  /** The device or switch right above a node; a node below a root port has none. */
  readonly #above = new Map<number, number>();
  /** ACS control bits of the port right above a device or a switch. */
  readonly #acsAbove = new Map<number, Acs>();
  /** Whether a device or a switch adds end-to-end CRCs; and whether the root port above a device does. */
  readonly #digests = new Map<number, boolean>();
  readonly #rootDigests = new Map<number, boolean>();
  readonly #tree: Tree;
  readonly #parameters: Parameters;
  /** The part of a link's time that is there for packets. */
  readonly #used: number;

  constructor(tree: Tree, parameters: Parameters) {
    this.#tree = tree;
    this.#parameters = parameters;
    this.#used = (1 - parameters.share("link.skp_share")) * parameters.share("link.efficiency");
  }

  #node(name: string, kind: NodeKind, more: Partial<Node>): number {
    const index = this.nodes.length;
    this.nodes.push({
      name,
      kind,
      readLatency: 0,
      readTicksPerByte: 0,
      writeTicksPerByte: 0,
      readCompletionBoundary: this.#parameters.amount("rcb.other"),
      tags: 0,
      maxReadRequest: bytes(512),
      relaxedOrdering: false,
      idOrderedRequests: false,
      idOrderedCompletions: false,
      ...more,
    });
    this.nodeOf.set(name, index);
    return index;
  }

  device({ endpoint, above }: Leaf): void {
    const node = this.#node(endpoint.id, "endpoint", {
      tags: endpoint.tags,
      maxReadRequest: endpoint.maxReadRequest,
      relaxedOrdering: endpoint.relaxedOrdering === true,
      idOrderedRequests: endpoint.idOrderedRequests === true,
      idOrderedCompletions: endpoint.idOrderedCompletions === true,
      ...this.#barOf(endpoint),
    });
    this.#digests.set(node, endpoint.ecrc === true);
    this.#rootDigests.set(node, rootOf(above).port?.ecrc === true);
    this.#maxPayloadAt.set(node, endpoint.maxPayload);
  }

  /** How the memory behind a device's BAR answers; only a GPU's and a capture card's frame store are more than registers. */
  #barOf(endpoint: Endpoint): Partial<Node> {
    const link = endpoint.link ? linkTicksPerByte(endpoint.link.generation, endpoint.link.width) : 0;
    const slower = (rate: number): number => (rate > link ? rate : 0);
    if (endpoint.role === "capture")
      return {
        readLatency: this.#parameters.span("capture.bar_read_latency"),
        readTicksPerByte: slower(this.#parameters.spanPerByte("capture.bar_read_rate")),
      };
    if (endpoint.role !== "gpu") return {};
    return {
      readLatency: this.#parameters.span("gpu.bar_read_latency"),
      readTicksPerByte: slower(
        this.#parameters.spanPerByte(endpoint.fpga ? "fpga.bar_read_rate" : "gpu.bar_read_rate"),
      ),
      writeTicksPerByte: slower(this.#parameters.spanPerByte("gpu.bar_write_rate")),
    };
  }

  switch({ id, upstream }: Switch): void {
    const node = this.#node(id, "switch", {});
    this.#maxPayloadAt.set(node, upstream.maxPayload);
    this.#digests.set(node, upstream.ecrc === true);
  }

  socket(id: number): void {
    const boundary = this.#parameters.amount("rcb.root");
    this.#node(`ingress ${id}`, "ingress", { readCompletionBoundary: boundary });
    // Loads of cores leave here, as their stores do: a cache line at most.
    this.#node(`egress ${id}`, "egress", {
      readCompletionBoundary: boundary,
      tags: this.#parameters.amount("rc.cpu_tags"),
      maxReadRequest: bytes(this.#parameters.amount("host.line")),
    });
    const memory = this.#memory();
    this.memories.set(id, memory);
    this.#node(`memory ${id}`, "memory", { readCompletionBoundary: boundary, memory });
    this.#node(`interrupts ${id}`, "memory", { readCompletionBoundary: boundary });
  }

  #memory(): MemoryController {
    const parameters = this.#parameters;
    const times = {
      ticksPerByte: parameters.spanPerByte("host.dram_rate"),
      writeQueueBytes: parameters.amount("host.write_queue"),
      dramLatency: parameters.span("host.dram_latency"),
      cacheLatency: () => parameters.span("host.llc_latency"),
    };
    return new MemoryController(times, new LastLevelCache(this.#deviceShare()));
  }

  /** Bytes of a socket's last-level cache that devices write to; none where the platform has no Data Direct I/O. */
  #deviceShare(): number {
    const { platform } = this.#tree.topology;
    if (!PLATFORMS[platform].ddio.present) return 0;
    const cache = this.#parameters.amount(platformConstant(platform, "llc") ?? "host.llc");
    return cache * this.#parameters.share(platformConstant(platform, "ddio_share") ?? "host.ddio_share");
  }

  /** Both directions of the link above a device or a switch. */
  link(id: string, link: Link | undefined, above: Root | Below): void {
    const socket = rootOf(above).socket;
    const lower = this.#at(id);
    const [up, down] =
      above.kind === "root"
        ? [this.#at(`ingress ${socket}`), this.#at(`egress ${socket}`)]
        : [this.#at(above.switch.id), this.#at(above.switch.id)];
    const root = above.kind === "root";
    const guard = this.#guardOf(lower, above);
    if (above.port) this.#narrow(lower, above.port.maxPayload);
    if (above.port?.acs) this.#acsAbove.set(lower, above.port.acs);
    if (above.kind === "below") this.#above.set(lower, up);
    const first = this.channels.length;
    this.channels.push(
      { ...this.#wire(`${id} up`, lower, up, link, root, first + 1), ...(guard && { guard }) },
      this.#wire(`${id} down`, down, lower, link, root, first),
    );
  }

  /** What the port above a device or a switch lets in. */
  #guardOf(lower: number, { port }: Root | Below): Guard | undefined {
    const acs = port?.acs;
    if (!acs?.sourceValidation && !acs?.translationBlocking) return undefined;
    return {
      blocksTranslated: acs.translationBlocking,
      ...(acs.sourceValidation && { sources: new Set(this.#below(lower)) }),
    };
  }

  /** A device; or a switch and every node below it. */
  #below(node: number): readonly number[] {
    const { devices, switches } = this.#tree;
    const places = [
      ...devices.map(({ endpoint, above }) => ({ id: endpoint.id, above })),
      ...switches.map(({ id, above }) => ({ id, above })),
    ];
    const passes = (place: Root | Below): boolean =>
      [...upwards(place)].some((step) => step.kind === "below" && this.#at(step.switch.id) === node);
    return [node, ...places.filter(({ above }) => passes(above)).map(({ id }) => this.#at(id))];
  }

  /** Whether the maker of a packet adds a digest to it; a root complex does what the root port on the way to the device says. */
  addsDigest(from: number, to: number): boolean {
    return this.#digests.get(from) ?? this.#rootDigests.get(to) ?? false;
  }

  /** A port's Max_Payload_Size bounds what passes it; kept at the node below. */
  #narrow(node: number, maxPayload: number): void {
    this.#maxPayloadAt.set(node, Math.min(maxPayload, this.#maxPayloadAt.get(node) ?? maxPayload));
  }

  maxPayload(from: number, to: number): number {
    const [up, down] = [this.#upwardsFrom(from), this.#upwardsFrom(to)];
    const turn = up.find(
      (node, place) => down.includes(node) && this.#turns(up[place - 1], down[down.indexOf(node) - 1]),
    );
    const onTheWay = turn === undefined ? [...up, ...down] : [...upTo(up, turn), turn, ...upTo(down, turn)];
    return Math.min(MOST_PAYLOAD, ...onTheWay.map((node) => this.#maxPayloadAt.get(node) ?? MOST_PAYLOAD));
  }

  /** Whether a switch may send on what comes from one node right below it to another; what is redirected climbs on. */
  #turns(from: number | undefined, to: number | undefined): boolean {
    const acs = from === undefined ? undefined : this.#acsAbove.get(from);
    return from !== to && !acs?.requestRedirect && !acs?.completionRedirect;
  }

  /** A node and what is above it, the nearest first. */
  #upwardsFrom(node: number): readonly number[] {
    const chain: number[] = [];
    for (let at: number | undefined = node; at !== undefined; at = this.#above.get(at)) chain.push(at);
    return chain;
  }

  #wire(label: string, from: number, to: number, link: Link | undefined, rootPort: boolean, reverse: number): Channel {
    const parameters = this.#parameters;
    const rate = link ? linkTicksPerByte(link.generation, link.width) : 1;
    const flight = link ? 2 * parameters.span("link.port_delay") : 0;
    const receiver = this.nodes[to]?.kind;
    const largest = this.#maxPayloadAt.get(from) ?? this.#maxPayloadAt.get(to) ?? MOST_PAYLOAD;
    const credits = this.#credits(receiver === "switch", largest);
    return {
      label,
      from,
      to,
      ticksPerByte: [rate, rate, rate],
      stretch: 1 / this.#used,
      flight,
      residence: receiver === "switch" ? parameters.span("switch.latency") : 0,
      framed: link !== undefined,
      rootPort,
      translated: receiver === "ingress",
      credits,
      reverse: link === undefined ? -1 : reverse,
      updateEvery: this.#updates(credits),
      creditLatency: parameters.span("link.credit_latency") + parameters.amount("dllp.size") * rate + flight,
    };
  }

  /**
   * Endpoints and root complexes advertise infinite completion credits: who asks must have room for the answer. Data credits hold at
   * least one packet of the largest size (PCIe 5.0, 2.6.1): with fewer the link would never carry it.
   */
  #credits(finiteCompletions: boolean, largest: number): Channel["credits"] {
    const headers = (kind: "posted" | "nonposted" | "completion"): number =>
      this.#parameters.amount(`credits.${kind}_header`);
    const data = (kind: "posted" | "completion"): number =>
      Math.max(this.#parameters.amount(`credits.${kind}_data`), largest / CREDIT_BYTES);
    const endless = Number.POSITIVE_INFINITY;
    return [
      headers("posted"),
      data("posted"),
      headers("nonposted"),
      finiteCompletions ? headers("completion") : endless,
      finiteCompletions ? data("completion") : endless,
    ];
  }

  /** A class without limit needs no UpdateFC (PCIe 5.0, 2.6.1.2). */
  #updates([posted, , nonposted, completion]: Channel["credits"]): Channel["updateEvery"] {
    const every = (headers: number, constant: ConstantName): number =>
      Number.isFinite(headers) ? this.#parameters.amount(constant) : 0;
    return [
      every(posted, "dllp.update_every"),
      every(nonposted, "dllp.update_every_request"),
      every(completion, "dllp.update_every"),
    ];
  }

  /** The ways inside one socket's root complex, and to the others. */
  insideOf(socket: number): void {
    const parameters = this.#parameters;
    const ingress = this.#at(`ingress ${socket}`);
    const egress = this.#at(`egress ${socket}`);
    const memory = this.#at(`memory ${socket}`);
    const interrupts = this.#at(`interrupts ${socket}`);
    const dram = parameters.spanPerByte("host.dram_rate");
    this.#way(`memory ${socket} in`, ingress, memory, [dram, 0, 0], parameters.span("rc.request_latency"));
    this.#way(`interrupts ${socket}`, ingress, interrupts, [0, 0, 0], parameters.span("rc.request_latency"));
    this.#way(`memory ${socket} out`, memory, egress, [0, 0, dram], parameters.span("rc.response_latency"));
    this.#forward(socket, ingress, egress);
    const interconnect = this.#ownTicks("socket_rate") || parameters.spanPerByte("rc.socket_rate");
    const rates: Rates = [interconnect, interconnect, interconnect];
    for (const { id: other } of this.#tree.topology.sockets) {
      if (other === socket) continue;
      this.#way(
        `socket ${socket} to ${other}, requests`,
        ingress,
        this.#at(`ingress ${other}`),
        rates,
        parameters.span("rc.socket_latency"),
      );
      this.#way(
        `socket ${socket} to ${other}, answers`,
        egress,
        this.#at(`egress ${other}`),
        rates,
        parameters.span("rc.socket_latency"),
      );
    }
  }

  /** From port to port. A ceiling, where one was published for the platform, is that of each port that data leave by. */
  #forward(socket: number, ingress: number, egress: number): void {
    const latency = this.#parameters.span("rc.forward_latency");
    const ceilings: Rates = [this.#ownTicks("posted_rate"), 0, this.#ownTicks("read_rate")];
    if (ceilings.every((ticks) => ticks === 0)) {
      this.#way(`forward ${socket}`, ingress, egress, ceilings, latency);
      return;
    }
    for (const port of this.#rootsOf(socket)) {
      const node = this.#node(`forward to ${port}`, "egress", {});
      this.#way(`forward ${socket} to ${port}`, ingress, node, ceilings, latency);
      this.#way(`forwarded to ${port}`, node, egress, [0, 0, 0], 0);
    }
  }

  /** The root ports of a socket, by name. */
  #rootsOf(socket: number): ReadonlySet<string> {
    const places = [...this.#tree.devices, ...this.#tree.switches].map(({ above }) => above);
    return new Set(places.flatMap((above) => (above.kind === "root" && above.socket === socket ? [above.id] : [])));
  }

  /** Of what a platform has its own constant for; 0, no ceiling, where it has none. */
  #ownTicks(quantity: RootComplexQuantity): number {
    const name = platformConstant(this.#tree.topology.platform, quantity);
    return name === undefined ? 0 : this.#parameters.spanPerByte(name);
  }

  /**
   * Where the ports of one host bridge bring more than it passes on, it stands between them and the memory of its socket: interrupts
   * take the same way, for they may not overtake what they announce.
   */
  bridge({ id, socket }: HostBridge): void {
    const ceiling = this.#ownTicks("bridge_rate");
    if (ceiling === 0 || !this.#exceeds(id, ceiling)) return;
    const [up, down] = [this.#node(`bridge ${id} up`, "egress", {}), this.#node(`bridge ${id} down`, "egress", {})];
    const memory = this.#at(`memory ${socket}`);
    const rates: Rates = [ceiling, 0, ceiling];
    this.#way(`bridge ${id} in`, this.#at(`ingress ${socket}`), up, rates, 0);
    this.#way(`bridge ${id} to memory`, up, memory, [0, 0, 0], this.#parameters.span("rc.request_latency"));
    this.#way(
      `bridge ${id} to interrupts`,
      up,
      this.#at(`interrupts ${socket}`),
      [0, 0, 0],
      this.#parameters.span("rc.request_latency"),
    );
    this.#way(`bridge ${id} from memory`, memory, down, rates, this.#parameters.span("rc.response_latency"));
    this.#way(`bridge ${id} out`, down, this.#at(`egress ${socket}`), [0, 0, 0], 0);
  }

  /** Whether the links right below a host bridge together are faster than so many ticks a byte. */
  #exceeds(bridge: string, ticksPerByte: number): boolean {
    const places = [
      ...this.#tree.devices.map(({ endpoint, above }) => ({ link: endpoint.link, above })),
      ...this.#tree.switches.map(({ upstream, above }) => ({ link: upstream.link, above })),
    ];
    const bytesPerTick = places.reduce(
      (sum, { link, above }) =>
        link && above.kind === "root" && above.hostBridge === bridge
          ? sum + 1 / linkTicksPerByte(link.generation, link.width)
          : sum,
      0,
    );
    return bytesPerTick * ticksPerByte > 1;
  }

  #way(label: string, from: number, to: number, ticksPerByte: Rates, flight: number): void {
    const endless = Number.POSITIVE_INFINITY;
    const [postedHeaders, postedData, ...others] = this.#depth(flight);
    const served = this.nodes[to]?.kind === "memory" ? ([endless, endless, endless] as const) : others;
    this.channels.push({
      label,
      from,
      to,
      ticksPerByte,
      stretch: 1,
      flight,
      residence: 0,
      framed: false,
      rootPort: false,
      translated: false,
      credits: [postedHeaders, postedData, ...served],
      creditLatency: flight,
      reverse: -1,
      updateEvery: [0, 0, 0],
    });
  }

  /**
   * A way inside is as deep as it is long: besides what a port's buffer holds, all that the root ports together bring until a credit
   * has come round. So it is never the limit by its depth, which nobody published, and never endless.
   */
  #depth(flight: number): Channel["credits"] {
    const links = this.channels.filter(({ translated, framed }) => translated && framed);
    const round = 2 * flight * links.reduce((sum, { ticksPerByte }) => sum + 1 / ticksPerByte[0], 0);
    const smallest = this.#parameters.amount("tlp.framing") + this.#parameters.amount("tlp.header_3dw");
    const headers = Math.ceil(round / smallest);
    const data = Math.ceil(round / CREDIT_BYTES);
    const [ph, pd, nph, cplh, cpld] = this.#credits(true, MOST_PAYLOAD);
    return [ph + headers, pd + data, nph + headers, cplh + headers, cpld + data];
  }

  #at(name: string): number {
    const node = this.nodeOf.get(name);
    if (node === undefined) throw new RangeError(`the graph has no ${name}`);
    return node;
  }
}

/** What comes before a node in a chain. */
const upTo = (chain: readonly number[], node: number): readonly number[] => chain.slice(0, chain.indexOf(node));
