import { type Endpoint, type HostBridge, type Link, type Port, type Topology, withAcs } from "../fabric/topology.ts";
import { bytes } from "../sim/units.ts";
import { build, type Card, downstreamPort, gpu, nic, nvme, rootPort, upstreamPort } from "./presets/build.ts";

/** What a device or a switch hangs below: a root port of its own, or a downstream port of a switch. */
export type SketchPlace =
  | { readonly socket: number; readonly bridge?: number | undefined }
  | { readonly switch: string };

interface Hung {
  readonly link: Link;
  readonly below: SketchPlace;
}

/** A machine in a few words, as validation cases have it: devices and switches by name. Ports are made as needed. */
export interface Sketch {
  readonly devices: Readonly<
    Record<
      string,
      Hung & {
        readonly role: "nvme" | "gpu" | "nic" | "other";
        readonly fpga?: boolean | undefined;
        readonly ats?: boolean | undefined;
      }
    >
  >;
  readonly switches?: Readonly<Record<string, Hung>> | undefined;
  readonly sockets?: number | undefined;
  /** Bytes of each socket's; a preset's where nothing is said. */
  readonly memory?: number | undefined;
  readonly max_payload?: number | undefined;
  readonly max_read_request?: number | undefined;
  readonly tags?: number | undefined;
  readonly ecrc?: boolean | undefined;
  readonly relaxed_ordering?: boolean | undefined;
  readonly id_ordering?: boolean | undefined;
}

const APERTURE = 16 * 2 ** 30;

/** Everything in a sketch that is no machine, one sentence each, with the place in it. */
export function sketchFaults(sketch: Sketch): readonly { readonly path: readonly string[]; readonly what: string }[] {
  const switches = sketch.switches ?? {};
  const lost = (kind: "devices" | "switches", name: string, { below }: Hung) =>
    "switch" in below && switches[below.switch] === undefined
      ? [{ path: [kind, name, "below", "switch"], what: `there is no switch "${below.switch}"` }]
      : [];
  return [
    ...Object.entries(sketch.devices).flatMap(([name, hung]) => lost("devices", name, hung)),
    ...Object.entries(switches).flatMap(([name, hung]) => [
      ...lost("switches", name, hung),
      ...(climbs(switches, name) ? [] : [{ path: ["switches", name], what: `switch "${name}" hangs below itself` }]),
    ]),
  ];
}

/** Whether the way up from a switch comes to an end. */
function climbs(switches: Readonly<Record<string, Hung>>, name: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined; ) {
    if (seen.has(at)) return false;
    seen.add(at);
    const below: SketchPlace | undefined = switches[at]?.below;
    at = below && "switch" in below ? below.switch : undefined;
  }
  return true;
}

/** The machine that a sketch stands for. */
export function topologyOf(
  sketch: Sketch,
  name: string,
  platform: Topology["platform"],
  acs: "off" | "on" = "off",
): Topology {
  const drawn = new Drawing(sketch);
  const topology = build({
    name,
    platform,
    sockets: Math.max(sketch.sockets ?? 1, ...[...drawn.bridges.values()].map(({ socket }) => socket + 1)),
    hostBridges: [...drawn.bridges.values()],
    functions: drawn.functions,
  });
  const { memory } = sketch;
  const sockets = topology.sockets.map((each) => (memory === undefined ? each : { ...each, memory: bytes(memory) }));
  return withAcs({ ...topology, sockets }, acs);
}

class Drawing {
  readonly bridges: Map<string, HostBridge> = new Map();
  readonly functions: (Port | Card)[] = [];
  readonly #sketch: Sketch;

  constructor(sketch: Sketch) {
    this.#sketch = sketch;
    for (const [name, { link, below }] of Object.entries(sketch.switches ?? {}))
      this.functions.push(this.#sized(upstreamPort(name, this.#portFor(name, below), link, "switch, upstream")));
    for (const name of Object.keys(sketch.devices)) this.functions.push(this.#card(name));
  }

  /** A port of its own for what hangs there. */
  #portFor(name: string, below: SketchPlace): string {
    const port = `port of ${name}`;
    if ("switch" in below) this.functions.push(this.#sized(downstreamPort(port, below.switch, port)));
    else this.functions.push(this.#sized(rootPort(port, this.#bridge(below.socket, below.bridge ?? 0), port)));
    return port;
  }

  #bridge(socket: number, number: number): string {
    const id = `bridge ${socket}.${number}`;
    this.bridges.set(id, { id, socket });
    return id;
  }

  #sized(port: Port): Port {
    const { max_payload, ecrc } = this.#sketch;
    return { ...port, maxPayload: bytes(max_payload ?? port.maxPayload), ...(ecrc && { ecrc }) };
  }

  #card(name: string): Card {
    const hung = this.#sketch.devices[name];
    if (hung === undefined) throw new RangeError(`the sketch has no ${name}`);
    const card = cardOf(name, this.#portFor(name, hung.below), hung.link, hung.role);
    const { max_payload, max_read_request, tags, ecrc, relaxed_ordering, id_ordering } = this.#sketch;
    return {
      ...card,
      ...(hung.fpga ? { fpga: true } : {}),
      ...(hung.ats && { ats: true }),
      maxPayload: bytes(max_payload ?? card.maxPayload),
      maxReadRequest: bytes(max_read_request ?? card.maxReadRequest),
      tags: tags ?? card.tags,
      ...(ecrc && { ecrc }),
      ...(relaxed_ordering && { relaxedOrdering: true }),
      ...(id_ordering && { idOrderedRequests: true, idOrderedCompletions: true }),
    };
  }
}

function cardOf(name: string, port: string, link: Link, role: Endpoint["role"]): Card {
  if (role === "nvme") return nvme(name, port, link);
  if (role === "gpu") return gpu(name, port, link, APERTURE);
  return { ...nic(name, port, link), role };
}
