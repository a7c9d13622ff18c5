/** Where a function is: domain, bus, and device and function as configuration requests carry them (devfn). */
export interface PciAddress {
  readonly domain: number;
  readonly bus: number;
  readonly devfn: number;
}

/** "0000:19:00.0": what functions are called everywhere in p2peval. */
export function printAddress({ domain, bus, devfn }: PciAddress): string {
  return `${printBus(domain, bus)}:${hex(devfn >> 3, 2)}.${devfn & 7}`;
}

/** "0000:19": a bus, and the host bridge whose root bus it is. */
export const printBus = (domain: number, bus: number): string => `${hex(domain, 4)}:${hex(bus, 2)}`;

/** Domain, bus, device, function: the order in which lspci lists functions, and in which a parent precedes its children. */
export const byAddress = (left: PciAddress, right: PciAddress): number =>
  left.domain - right.domain || left.bus - right.bus || left.devfn - right.devfn;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
