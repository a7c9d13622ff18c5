import { chainOf, type PciDev, type PciHostBridge, pciDevsOf } from "../fabric/hierarchy.ts";
import type { Acs, PciFunction, Topology } from "../fabric/topology.ts";
import type { Task } from "../sim/activity.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import type { Device } from "./device.ts";

export type AcsFlag = keyof Acs;

/** Finding the capability takes at least one read, its register another; where it comes later in the list, it takes more. */
const CAPABILITY_READS = 2;

/**
 * What a driver of Linux 4.9 can learn of the tree between two devices (drivers/pci): bridges, host bridges, ACS registers, and whether
 * an IOMMU driver is registered for the bus. The tree was enumerated at boot and costs nothing; registers are read from the device.
 */
export class Pci {
  /** iommu_present(&pci_bus_type): an IOMMU driver runs, in passthrough too. */
  readonly iommuPresent: boolean;
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #devs: ReadonlyMap<string, PciDev>;
  readonly #functions: ReadonlyMap<string, PciFunction>;
  /** How many functions a slot has: more than one makes each of them PCI_MULTI_FUNCTION. */
  readonly #slots = new Map<string, number>();

  constructor(awaited: Awaited, cpu: Cpu, topology: Topology, iommuPresent: boolean) {
    this.iommuPresent = iommuPresent;
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#devs = pciDevsOf(topology);
    this.#functions = new Map(topology.functions.map((each) => [each.id, each]));
    for (const { id } of topology.functions) this.#slots.set(slotOf(id), (this.#slots.get(slotOf(id)) ?? 0) + 1);
  }

  /** to_pci_dev. */
  devOf({ name }: Device): PciDev {
    const dev = this.#devs.get(name);
    if (dev === undefined) throw new RangeError(`${name} is on no PCI bus`);
    return dev;
  }

  /** pci_find_host_bridge. */
  findHostBridge(dev: PciDev): PciHostBridge {
    return dev.hostBridge;
  }

  /** pcie_find_root_port; an endpoint that is integrated into the root complex has none. */
  findRootPort(dev: PciDev): PciDev | undefined {
    return chainOf(dev).find(({ id }) => this.#functions.get(id)?.kind === "root-port");
  }

  /** pci_find_common_upstream_dev: the first function that is above both, or one of them itself. */
  findCommonUpstream(dev: PciDev, peer: PciDev): PciDev | undefined {
    const above = new Set(chainOf(peer));
    return chainOf(dev).find((each) => above.has(each));
  }

  /** The bridges from either device up to the one where both ways meet, without it; undefined where they meet in no bridge. */
  bridgesBelowCommon(dev: PciDev, peer: PciDev): readonly PciDev[] | undefined {
    const common = this.findCommonUpstream(dev, peer);
    if (common === undefined) return undefined;
    return [dev, peer].flatMap((end) => {
      const chain = chainOf(end);
      return chain.slice(1, chain.indexOf(common));
    });
  }

  /** pci_find_ext_capability(PCI_EXT_CAP_ID_ACS) and PCI_ACS_CAP: what a function implements; undefined without the capability. */
  acsCapability(dev: PciDev): Task<Readonly<Record<AcsFlag, boolean>> | undefined> {
    return this.#awaited.call(this.#acsCapability(dev));
  }

  *#acsCapability({ acs }: PciDev): Task<Readonly<Record<AcsFlag, boolean>> | undefined> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.config_read", CAPABILITY_READS);
    // A dump that shows the control register alone does not say what is hard-wired to zero: then all counts as implemented.
    return acs && (acs.offered ?? ALL_FLAGS);
  }

  /**
   * pci_acs_enabled for one flag. What the capability does not offer counts as hard-wired on; so does everything at a function that
   * needs no ACS: an endpoint or an upstream port that is alone in its slot.
   */
  acsEnabled(dev: PciDev, flag: AcsFlag): Task<boolean> {
    return this.#awaited.call(this.#acsEnabled(dev, flag));
  }

  *#acsEnabled({ id, acs }: PciDev, flag: AcsFlag): Task<boolean> {
    this.#awaited.begin();
    const kind = this.#functions.get(id)?.kind;
    const isPort = kind === "root-port" || kind === "downstream-port";
    if (!isPort && (this.#slots.get(slotOf(id)) ?? 0) < 2) return true;
    yield* this.#cpu.run("cpu.config_read", CAPABILITY_READS + 1);
    if (acs === undefined) return false;
    return acs.control[flag] || (acs.offered?.[flag] === false && flag !== "egressControl");
  }

  /** Whether the ACS control register of a bridge sends peer requests or completions up (RR, CR, EC); false without the capability. */
  redirects(bridge: PciDev): Task<boolean> {
    return this.#awaited.call(this.#redirects(bridge));
  }

  *#redirects({ acs }: PciDev): Task<boolean> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.config_read", CAPABILITY_READS);
    if (acs === undefined) return false;
    const { requestRedirect, completionRedirect, egressControl } = acs.control;
    return requestRedirect || completionRedirect || egressControl;
  }
}

const ALL_FLAGS: Readonly<Record<AcsFlag, boolean>> = {
  sourceValidation: true,
  translationBlocking: true,
  requestRedirect: true,
  completionRedirect: true,
  upstreamForwarding: true,
  egressControl: true,
  directTranslated: true,
};

/** "0000:1b:00" of "0000:1b:00.1": bus and device, whose functions share a slot. */
const slotOf = (id: string): string => id.replace(/\.[0-7]$/, "");
