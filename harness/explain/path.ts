import { linkTicksPerByte } from "../../calibration/link-rate.ts";
import type { Endpoint, Link, PciFunction, Topology } from "../../fabric/topology.ts";
import { IommuGroups } from "../../kernel/iommu-groups.ts";
import { endpointsByOrdinal } from "../../machines/endpoints.ts";
import type { ExplainedDevice, ExplainedLink, PathStep } from "../../record/explanation.ts";
import { TICKS_PER_NS } from "../../sim/units.ts";
import type { AcsInEffect } from "../acs-in-effect.ts";
import { bitsSet } from "./acs-words.ts";

const NS_PER_SECOND = 1e9;

/** Everything on the way from the sockets down to the two devices: the common part once, then each device's own. */
export function pathOf(inEffect: AcsInEffect, from: Endpoint, to: Endpoint): readonly PathStep[] {
  const drawn = new Drawing(inEffect);
  const left = drawn.stepsTo(from, "from");
  const right = drawn.stepsTo(to, "to");
  const fork = left.findIndex(({ id, kind }, place) => right[place]?.id !== id || right[place]?.kind !== kind);
  const common = left.slice(0, fork).map((step): PathStep => ({ ...step, leads_to: "both" }));
  return [...common, ...left.slice(fork), ...right.slice(fork)];
}

/** A function and what is above it, the nearest first; the host bridge is not among them. */
export function ancestry({ functions }: Topology, id: string): readonly PciFunction[] {
  const byId = new Map(functions.map((each) => [each.id, each]));
  const chain: PciFunction[] = [];
  for (let at = byId.get(id); at !== undefined; at = byId.get(at.parent)) chain.push(at);
  return chain;
}

/** The first port that is above both, if there is one. */
export function meetingPort(topology: Topology, one: string, other: string): PciFunction | undefined {
  const above = new Set(ancestry(topology, other).map(({ id }) => id));
  return ancestry(topology, one).find(({ id, kind }) => kind !== "endpoint" && above.has(id));
}

export const linkOf = ({ generation, width }: Link): ExplainedLink => ({
  generation,
  width,
  raw_bytes_per_s: (NS_PER_SECOND * TICKS_PER_NS) / linkTicksPerByte(generation, width),
});

/** A device as the command line calls it. */
export function deviceOf(topology: Topology, { id, role, label }: Endpoint): ExplainedDevice {
  const name = [...endpointsByOrdinal(topology)].find(([, each]) => each.id === id)?.[0] ?? id;
  return { id, name, role, label };
}

type OwnStep = Omit<PathStep, "kind" | "id" | "depth" | "leads_to">;

const NOTHING: OwnStep = {
  name: null,
  label: null,
  link: null,
  max_payload_bytes: null,
  acs: null,
  isolates: null,
};

class Drawing {
  readonly #inEffect: AcsInEffect;
  readonly #groups: IommuGroups;

  constructor(inEffect: AcsInEffect) {
    this.#inEffect = inEffect;
    this.#groups = new IommuGroups(inEffect.topology);
  }

  /** From the socket down to a device. */
  stepsTo(device: Endpoint, side: "from" | "to"): readonly PathStep[] {
    const { topology } = this.#inEffect;
    const chain = [...ancestry(topology, device.id)].reverse();
    const bridge = topology.hostBridges.find(({ id }) => id === chain[0]?.parent);
    if (bridge === undefined) throw new RangeError(`${device.id} is below no host bridge`);
    const above: readonly PathStep[] = [
      { ...NOTHING, kind: "socket", id: String(bridge.socket), depth: 0, leads_to: side },
      { ...NOTHING, kind: "host-bridge", id: bridge.id, depth: 1, leads_to: side, name: bridge.identity ?? null },
    ];
    const below = chain.map(
      (each, place): PathStep => ({
        ...this.#own(each),
        kind: each.kind,
        id: each.id,
        depth: above.length + place,
        leads_to: side,
      }),
    );
    return [...above, ...below];
  }

  #own(each: PciFunction): OwnStep {
    const { topology, originOf } = this.#inEffect;
    return {
      name: each.kind === "endpoint" ? deviceOf(topology, each).name : null,
      label: each.label,
      link: each.link ? linkOf(each.link) : null,
      max_payload_bytes: each.maxPayload,
      acs: each.acs ? { set: bitsSet(each.acs), origin: originOf(each.id) } : null,
      isolates: this.#groups.isolates(each.id),
    };
  }
}
