import type { Acs, HostBridge, PciFunction, Topology } from "./topology.ts";

/**
 * Machines as an operating system's PCI core sees them: functions, and the bridge above each. Less than a Topology (no links, no
 * memory) and more (conventional PCI has its place), so that anything that enumerates can be judged.
 */
export interface Hierarchy {
  readonly name: string;
  /** Whatever may provide or use memory, in the order in which it is named. */
  readonly endpoints: readonly PciDev[];
}

/** A function, after the kernel's struct pci_dev. Two are the same function where they are the same object. */
export interface PciDev {
  readonly id: string;
  /** The bridge whose secondary bus it is on; none on a root bus. */
  readonly bridge?: PciDev;
  /** The one that owns the root bus above. */
  readonly hostBridge: PciHostBridge;
  /** Registers of the ACS capability, where it has one. */
  readonly acs?: AcsRegisters;
}

export interface AcsRegisters {
  /** ACS Control. */
  readonly control: Acs;
  /** ACS Capability: what can be set at all; unknown where absent. */
  readonly offered?: Acs;
}

export interface PciHostBridge {
  readonly id: string;
  /** The function with the lowest number on the root bus, where its ids are known. */
  readonly first?: FirstFunction;
}

export interface FirstFunction {
  /** Vendor and device, "8086:09a2". */
  readonly identity: string;
  /** It is device 0, function 0. */
  readonly at00: boolean;
  readonly rootPort: boolean;
}

/** A machine as its PCI core sees it. */
export function hierarchyOfMachine(topology: Topology): Hierarchy {
  const devs = pciDevsOf(topology);
  const endpoints = topology.functions.flatMap(({ id, kind }) => (kind === "endpoint" ? (devs.get(id) ?? []) : []));
  return { name: topology.name, endpoints };
}

/** All functions of a machine by their ids. Throws where a parent is missing: topologyFaults tells that before. */
export function pciDevsOf(topology: Topology): ReadonlyMap<string, PciDev> {
  const bridges = new Map(topology.hostBridges.map((each) => [each.id, pciHostBridgeOf(each)]));
  const functions = new Map(topology.functions.map((each) => [each.id, each]));
  const devs = new Map<string, PciDev>();
  const devOf = (each: PciFunction): PciDev => {
    const known = devs.get(each.id);
    if (known) return known;
    const dev = { id: each.id, ...placeOf(each), ...registersOf(each) };
    devs.set(each.id, dev);
    return dev;
  };
  const placeOf = ({ id, parent }: PciFunction): Pick<PciDev, "bridge" | "hostBridge"> => {
    const hostBridge = bridges.get(parent);
    if (hostBridge) return { hostBridge };
    const above = functions.get(parent);
    if (above === undefined) throw new RangeError(`${id} names the parent ${parent}, which is not there`);
    const bridge = devOf(above);
    return { bridge, hostBridge: bridge.hostBridge };
  };
  for (const each of topology.functions) devOf(each);
  return devs;
}

/** A Topology names only first functions that are at 00.0 or root ports. */
const pciHostBridgeOf = ({ id, identity, identityOfRootPort = false }: HostBridge): PciHostBridge =>
  identity === undefined
    ? { id }
    : { id, first: { identity, at00: !identityOfRootPort, rootPort: identityOfRootPort } };

const registersOf = ({ acs, acsOffered }: PciFunction): Pick<PciDev, "acs"> =>
  acs ? { acs: { control: acs, ...(acsOffered && { offered: acsOffered }) } } : {};

/** A function and the bridges above it, the nearest first. */
export function chainOf(dev: PciDev): readonly PciDev[] {
  const chain: PciDev[] = [];
  for (let at: PciDev | undefined = dev; at !== undefined; at = at.bridge) chain.push(at);
  return chain;
}
