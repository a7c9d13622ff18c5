import type { Endpoint, PciFunction, Port } from "../../fabric/topology.ts";
import { bytes } from "../../sim/units.ts";
import { readAcs } from "./acs.ts";
import { readAts } from "./ats.ts";
import { readBars } from "./bars.ts";
import { readEcrc } from "./ecrc.ts";
import { labelOf } from "./identity.ts";
import { readLink } from "./link.ts";
import { isNvidia, isSxm } from "./nvlink.ts";
import { note, type Remarks } from "./remarks.ts";
import { roleOf } from "./role.ts";
import type { Placed } from "./tree.ts";

/** What the whole machine says about each of its functions. */
export interface Surroundings {
  readonly nvSwitch: boolean;
  readonly remarks: Remarks;
}

/** The registers' reset values (PCIe 7.5.3.4), and what a conventional function behaves like. */
const LEAST_PAYLOAD = bytes(128);
const DEFAULT_READ_REQUEST = bytes(512);
const FEWEST_TAGS = 32;

/** A function in its place, every register read that a Topology has room for. */
export function readFunction(placed: Placed, surroundings: Surroundings): PciFunction {
  const { id, express } = placed.record;
  for (const size of express?.impossible ?? []) note(surroundings.remarks, "size-impossible", `${id} ${size}`);
  return placed.kind === "endpoint" ? readEndpoint(placed, surroundings) : readPort(placed, placed.kind, surroundings);
}

function readPort(placed: Placed, kind: Port["kind"], { remarks }: Surroundings): Port {
  const { record, parent, above } = placed;
  return {
    id: record.id,
    kind,
    parent,
    ...(kind === "upstream-port" && { link: readLink(above?.express, record.express, { id: record.id }, remarks) }),
    ...readAcs(record),
    ...readEcrc(record),
    maxPayload: record.express?.maxPayload ?? LEAST_PAYLOAD,
    label: labelOf(record),
  };
}

function readEndpoint({ record, parent, above }: Placed, { nvSwitch, remarks }: Surroundings): Endpoint {
  const { id, express } = record;
  const role = roleOf(record);
  const nvlink = role === "gpu" && isNvidia(record) && (nvSwitch || isSxm(record));
  if (nvlink) note(remarks, "nvlink", id);
  return {
    id,
    kind: "endpoint",
    parent,
    ...(above && { link: readLink(above.express, express, { id, role }, remarks) }),
    ...readAcs(record),
    ...readEcrc(record),
    ...readAts(record),
    maxPayload: express?.maxPayload ?? LEAST_PAYLOAD,
    maxReadRequest: express?.maxReadRequest ?? DEFAULT_READ_REQUEST,
    tags: express?.tags ?? FEWEST_TAGS,
    role,
    label: labelOf(record),
    bars: readBars(record, role, remarks),
    ...(nvlink && { nvlink }),
  };
}
