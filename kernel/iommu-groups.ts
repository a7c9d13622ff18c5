import type { Acs, PciFunction, Topology } from "../fabric/topology.ts";

/**
 * Which functions Linux puts into one IOMMU group, by their ACS bits (pci_device_group in drivers/iommu/iommu.c with
 * REQ_ACS_FLAGS = SV | RR | CR | UF, pci_acs_path_enabled and pci_acs_enabled in drivers/pci/pci.c; the same in 4.9 and 6.12). From a
 * function it climbs as long as the way from the bridge above to the root is not isolated; where it stops, the functions of one slot
 * that are not isolated from each other are one group. The rule asks only what is above a device: clearing one downstream port puts
 * the port and what is below it into one group, and leaves its siblings, which that device now reaches, in theirs.
 *
 * DMA aliases, ACS quirks of single devices and conventional PCI are left out; a device is multi-function where the machine shows
 * several functions in its slot.
 */
export class IommuGroups {
  readonly #functions: ReadonlyMap<string, PciFunction>;
  readonly #slots = new Map<string, number>();

  constructor({ functions }: Pick<Topology, "functions">) {
    this.#functions = new Map(functions.map((each) => [each.id, each]));
    for (const { id } of functions) this.#slots.set(slotOf(id), (this.#slots.get(slotOf(id)) ?? 0) + 1);
  }

  /** All functions of a function's group, itself included, in the machine's order. */
  membersOf(id: string): readonly string[] {
    const group = this.#groupOf(id);
    return [...this.#functions.keys()].filter((each) => this.#groupOf(each) === group);
  }

  /** pci_acs_enabled: whether a function sends all that its peers or functions could exchange up to the root complex. */
  isolates(id: string): boolean {
    const each = this.#functions.get(id);
    if (each === undefined) return false;
    const mayBypass = each.kind === "root-port" || each.kind === "downstream-port" || this.#sharesSlot(id);
    return !mayBypass || hasRequired(each);
  }

  /** Named after the function where the climb ends, or after its slot. */
  #groupOf(id: string): string {
    let top = id;
    for (let at = this.#above(id); at !== undefined; at = this.#above(at)) {
      if (this.#pathIsolates(at)) break;
      top = at;
    }
    return this.#sharesSlot(top) && !this.isolates(top) ? slotOf(top) : top;
  }

  /** pci_acs_path_enabled up to the root bus. */
  #pathIsolates(id: string): boolean {
    for (let at: string | undefined = id; at !== undefined; at = this.#above(at)) if (!this.isolates(at)) return false;
    return true;
  }

  #above(id: string): string | undefined {
    const parent = this.#functions.get(id)?.parent;
    return parent !== undefined && this.#functions.has(parent) ? parent : undefined;
  }

  #sharesSlot(id: string): boolean {
    return (this.#slots.get(slotOf(id)) ?? 0) > 1;
  }
}

/** REQ_ACS_FLAGS of drivers/iommu/iommu.c. */
const REQUIRED: readonly (keyof Acs)[] = [
  "sourceValidation",
  "requestRedirect",
  "completionRedirect",
  "upstreamForwarding",
];

/** pci_acs_flags_enabled: what the capability does not offer counts as hard-wired on. */
const hasRequired = ({ acs, acsOffered }: PciFunction): boolean =>
  acs !== undefined && REQUIRED.every((bit) => acs[bit] || acsOffered?.[bit] === false);

/** "0000:1b:00" of "0000:1b:00.1": bus and device, whose functions share a slot. */
const slotOf = (id: string): string => id.replace(/\.[0-7]$/, "");
