import type { Endpoint, PciFunction, Topology } from "../../fabric/topology.ts";
import { endpoints } from "../../machines/endpoints.ts";
import type { Candidate } from "./candidate.ts";
import { ancestry, deviceOf, meetingPort } from "./path.ts";
import type { Scenario } from "./scenario.ts";

/** Another device of the same role that is below one switch with the other end. */
export function usingAnother(scenario: Scenario): readonly Candidate[] {
  return (["to", "from"] as const).flatMap((side) => {
    const other = scenario[side === "to" ? "from" : "to"];
    const [found] = alternatives(scenario, side, other);
    return found ? [found] : [];
  });
}

function alternatives(scenario: Scenario, side: "from" | "to", other: string): readonly Candidate[] {
  const { topology } = scenario;
  const present = endpointOf(topology, scenario[side]);
  if (present === undefined || isBelowSwitch(topology, present.id, other)) return [];
  const alike = endpoints(topology).filter(
    ({ id, role }) => role === present.role && id !== present.id && isBelowSwitch(topology, id, other),
  );
  return alike.map((each) => ({
    what: `use ${named(topology, each)} instead of ${named(topology, present)}: it is below switch ${meetingPort(topology, each.id, other)?.id} with ${other}`,
    how: [`--${side} ${deviceOf(topology, each).name}`],
    scenario: { ...scenario, [side]: each.id },
    gives_up: [],
  }));
}

/** One card to a slot of the switch that is nearest above the other. A module on a baseboard (a GPU with NVLink) is no card. */
export function movingCards(scenario: Scenario): readonly Candidate[] {
  const { topology, from, to } = scenario;
  if (isBelowSwitch(topology, from, to)) return [];
  return [
    [to, from],
    [from, to],
  ].flatMap(([id = "", other = ""]) => {
    const mover = endpointOf(topology, id);
    const slot = slotBeside(topology, other);
    if (!mover || mover.nvlink || !mover.link || slot === undefined) return [];
    const exchange = slot.occupants[0];
    const where = exchange ? `, in exchange for ${exchange.id}` : `, which is free`;
    return [
      {
        what: `move ${named(topology, mover)} to a slot of switch ${slot.switchId} (below port ${slot.port.id}${where})`,
        how: ["check that the slot has the lanes and the form"],
        scenario: { ...scenario, topology: exchanged(topology, mover.parent, slot.port.id) },
        gives_up: [],
      },
    ];
  });
}

interface Slot {
  readonly switchId: string;
  readonly port: PciFunction;
  readonly occupants: readonly PciFunction[];
}

/** Another downstream port of the switch right above a device: a free one if there is, else one with a card below. */
function slotBeside(topology: Topology, device: string): Slot | undefined {
  const [, above] = ancestry(topology, device);
  if (above?.kind !== "downstream-port") return undefined;
  const slots = topology.functions
    .filter(({ kind, parent, id }) => kind === "downstream-port" && parent === above.parent && id !== above.id)
    .map((port) => ({
      switchId: above.parent,
      port,
      occupants: topology.functions.filter(({ parent }) => parent === port.id),
    }))
    .filter(({ occupants }) => occupants.every((each) => each.kind === "endpoint" && !each.nvlink));
  return slots.find(({ occupants }) => occupants.length === 0) ?? slots[0];
}

/** The machine with what is below two ports exchanged. */
const exchanged = (topology: Topology, one: string, other: string): Topology => ({
  ...topology,
  functions: topology.functions.map((each) => {
    if (each.parent === one) return { ...each, parent: other };
    return each.parent === other ? { ...each, parent: one } : each;
  }),
});

const isBelowSwitch = (topology: Topology, one: string, other: string): boolean => {
  const meeting = meetingPort(topology, one, other);
  return meeting !== undefined && meeting.kind !== "root-port";
};

const endpointOf = (topology: Topology, id: string): Endpoint | undefined =>
  endpoints(topology).find((each) => each.id === id);

const named = (topology: Topology, endpoint: Endpoint): string =>
  `${deviceOf(topology, endpoint).name} (${endpoint.id})`;
