import { type PciAddress, printBus } from "./address.ts";
import { type Express, readExpress } from "./express.ts";
import { type LspciRecord, textOf } from "./record.ts";
import { note, type Remarks } from "./remarks.ts";
import { isChipset } from "./role.ts";

/** A record with what its PCI Express capability says, read once. */
export interface Surveyed extends LspciRecord {
  readonly express?: Express;
}

/** Reads the capability that says where in the tree a function can be. */
export function survey(record: LspciRecord): Surveyed {
  const express = readExpress(record);
  return express ? { ...record, express } : record;
}

/** Which bridge leads to each bus, and which buses the host bridges own. */
export interface Buses {
  readonly owners: ReadonlyMap<string, Surveyed>;
  /** The root bus above a bus, itself included. */
  readonly rootOf: (bus: string) => string;
  /** Buses that no bridge leads to and that show a root complex's face. */
  readonly roots: ReadonlySet<string>;
}

/** Expects records by address. */
export function readBuses(records: readonly Surveyed[], remarks: Remarks): Buses {
  const owners = new Map<string, Surveyed>();
  for (const record of records) {
    const secondary = secondaryOf(record);
    if (secondary === undefined) continue;
    const bus = printBus(record.address.domain, secondary);
    if (owners.has(bus)) note(remarks, "bus-claimed-twice", record.id);
    else owners.set(bus, record);
  }
  const rootOf = (bus: string): string => {
    const owner = owners.get(bus);
    return owner ? rootOf(busOf(owner.address)) : bus;
  };
  const roots = new Set(records.filter(isOnRootBus).map(({ address }) => busOf(address)));
  return { owners, rootOf, roots: new Set([...roots].filter((bus) => !owners.has(bus))) };
}

/** The bus that a function is on. */
export const busOf = ({ domain, bus }: PciAddress): string => printBus(domain, bus);

/**
 * The bus below a bridge. Firmware that never programmed the bridge leaves a zero or an ancestor there, which would make the tree
 * a circle; so buses below always have higher numbers.
 */
export function secondaryOf({ address, fields }: LspciRecord): number | undefined {
  const secondary = Number.parseInt(/secondary=([0-9a-f]{2})\b/.exec(textOf(fields, "Bus") ?? "")?.[1] ?? "", 16);
  return secondary > address.bus ? secondary : undefined;
}

/** Only a root bus has these; a bus whose bridge is missing from the text has endpoints and switch ports alone. */
const isOnRootBus = (record: Surveyed): boolean =>
  record.address.bus === 0 || isChipset(record) || ROOT_COMPLEX.has(record.express?.type ?? "");

const ROOT_COMPLEX: ReadonlySet<string> = new Set(["root-port", "integrated", "event-collector"]);
