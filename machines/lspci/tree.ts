import type { PciFunction } from "../../fabric/topology.ts";
import { printBus } from "./address.ts";
import { type Buses, busOf, type Surveyed, secondaryOf } from "./buses.ts";
import type { Entry } from "./record.ts";
import { note, type RemarkKind, type Remarks } from "./remarks.ts";
import { isBusBridge, isChipset, roleOf } from "./role.ts";
import { virtualFunctions } from "./virtual-functions.ts";

/** A function that has its place in the machine. */
export interface Placed {
  readonly record: Surveyed;
  readonly kind: PciFunction["kind"];
  /** A host bridge ("0000:15"), or the bridge above. */
  readonly parent: string;
  readonly above?: Surveyed;
}

/**
 * Gives every function its place, or a reason to leave it out. Expects records by address: buses below have higher numbers, so a
 * parent's fate is settled before its children's.
 */
export function plant(records: readonly Surveyed[], buses: Buses, remarks: Remarks): readonly Placed[] {
  const virtual = virtualFunctions(records);
  const fates = new Map<string, Fate>();
  for (const record of records) {
    const fate = virtual.has(record.id) ? "virtual-function" : fateOf(record, buses, fates);
    fates.set(record.id, fate);
    if (typeof fate === "string" && !isQuiet(fate)) note(remarks, fate, record.id);
  }
  const placed = [...fates.values()].filter((fate) => typeof fate !== "string");
  const populated = new Set(records.map(({ address }) => busOf(address)));
  for (const { record } of placed) if (isDeadEnd(record, populated)) note(remarks, "dead-end", record.id);
  return placed;
}

/** Reasons that need no remark: nothing is lost, or the remark on what is above says it. */
type Quiet = "chipset" | "register-only" | "pci-bridge" | "unprogrammed" | "below";
type Fate = Placed | Quiet | RemarkKind;

const QUIET: readonly string[] = ["chipset", "register-only", "pci-bridge", "unprogrammed", "below"] satisfies Quiet[];
const isQuiet = (reason: Quiet | RemarkKind): reason is Quiet => QUIET.includes(reason);

/** A function that fell off its bus reads as ones; lspci then prints no more than "!!! Unknown header type 7f". */
function fateOf(record: Surveyed, buses: Buses, fates: ReadonlyMap<string, Fate>): Fate {
  if (record.fields.some(({ label, text }) => `${label} ${text}`.includes("!!! Unknown header type")))
    return "unreadable";
  const bus = busOf(record.address);
  const above = buses.owners.get(bus);
  return above ? fateBelow(above, record, fates) : fateOnRootBus(bus, record, buses);
}

/** Whatever befell a bridge befalls what is below it. */
function fateBelow(above: Surveyed, record: Surveyed, fates: ReadonlyMap<string, Fate>): Fate {
  const fate = fates.get(above.id) ?? "orphan";
  if (fate === "pci-bridge" || fate === "conventional") return "conventional";
  if (typeof fate === "string") return fate === "orphan" ? fate : "below";
  const kind = kindOf(record);
  if (kind === "pci-bridge" || kind === "unprogrammed") return kind;
  return MAY_HANG_BELOW[kind].includes(fate.kind) ? { record, kind, parent: above.id, above } : "misplaced";
}

/** Root complexes show much on their own buses that has no part in any transfer. */
function fateOnRootBus(bus: string, record: Surveyed, buses: Buses): Fate {
  if (isChipset(record) || record.express?.type === "event-collector") return "chipset";
  if (isRegistersOnly(record)) return "register-only";
  if (!buses.roots.has(bus)) return "orphan";
  const kind = kindOf(record);
  if (kind === "pci-bridge" || kind === "unprogrammed") return kind;
  return MAY_HANG_BELOW[kind].includes("host bridge") ? { record, kind, parent: bus } : "misplaced";
}

/** As fabric/topology.ts has it. */
const MAY_HANG_BELOW: Readonly<Record<PciFunction["kind"], readonly string[]>> = {
  "root-port": ["host bridge"],
  "upstream-port": ["root-port", "downstream-port"],
  "downstream-port": ["upstream-port"],
  endpoint: ["host bridge", "root-port", "downstream-port"],
};

/** The port type decides, not the class: every kind of port calls itself a PCI bridge. Bridges without one are conventional. */
function kindOf(record: Surveyed): PciFunction["kind"] | "pci-bridge" | "unprogrammed" {
  const type = record.express?.type;
  if (type === "root-port" || type === "upstream-port" || type === "downstream-port")
    return secondaryOf(record) === undefined ? "unprogrammed" : type;
  return type === "pci-bridge" || isBusBridge(record) ? "pci-bridge" : "endpoint";
}

/** Registers of the root complex that happen to be functions: with no BAR, no driver can command them and no peer reach them. */
const isRegistersOnly = (record: Surveyed): boolean =>
  roleOf(record) === "other" && !isBusBridge(record) && !record.fields.some(isDecoded);

/** "Region 0": "Memory at f7217000 ..."; a BAR that firmware left alone is "at <ignored>" or "at <unassigned>". */
const isDecoded = ({ label, text }: Entry): boolean => label.startsWith("Region ") && !text.includes("at <");

/** A port that has a partner but no bus below: the sign of a text that was cut between two functions. */
function isDeadEnd(record: Surveyed, populated: ReadonlySet<string>): boolean {
  const bus = record.express?.active ? secondaryOf(record) : undefined;
  return bus !== undefined && !populated.has(printBus(record.address.domain, bus));
}
