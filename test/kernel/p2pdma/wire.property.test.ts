import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pciDevsOf } from "../../../fabric/hierarchy.ts";
import type { PciFunction, Topology } from "../../../fabric/topology.ts";
import { acsAfterBoot } from "../../../kernel/p2pdma/acs.ts";
import { type Boot, type MapType, mapTypeOf } from "../../../kernel/p2pdma/map-type.ts";
import { arbitraryMachine } from "../../fabric/arbitrary-machine.ts";
import { journey, journeys, type Kind } from "../../fabric/journey.ts";
import { endpoint, grove, withBits } from "../../fabric/machines.ts";

const BOOTS: readonly Boot[] = [false, true].map((iommu) => ({ kernel: "6.12", cpuIsZen: false, iommu }));

/** The machine with the ACS bits that it has once the kernel has booted. */
function booted(topology: Topology, iommu: boolean): Topology {
  const devs = pciDevsOf(topology);
  const after = (each: PciFunction): PciFunction => {
    const dev = devs.get(each.id);
    const acs = dev && acsAfterBoot(dev, iommu);
    return acs ? { ...each, acs } : each;
  };
  return { ...topology, functions: topology.functions.map(after) };
}

/** A function and all above it, host bridge included, by name. */
function ancestry(topology: Topology, id: string): readonly string[] {
  const above = topology.functions.find((each) => each.id === id)?.parent;
  return above === undefined ? [id] : [id, ...ancestry(topology, above)];
}

function typeOf(topology: Topology, provider: string, client: string, boot: Boot): MapType | undefined {
  const devs = pciDevsOf(topology);
  const [from, to] = [devs.get(provider), devs.get(client)];
  return from && to && mapTypeOf(from, to, boot).mapType;
}

interface Trip {
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
}

/** What goes between a device that masters DMA and one that owns the memory: a write, a read, and the read's completion. */
const trips = (client: string, provider: string): readonly Trip[] => [
  { from: client, to: provider, kind: "write" },
  { from: client, to: provider, kind: "read" },
  { from: provider, to: client, kind: "completion" },
];

/** Steps of a way that are not at or below the bridge where both ends' ways up meet. */
function above(topology: Topology, way: string, ends: readonly [string, string]): readonly string[] {
  const [one, other] = ends.map((id) => ancestry(topology, id));
  const common = one?.find((each) => other?.includes(each)) ?? "nowhere";
  return way.split(/ [>!] /).filter((step) => !ancestry(topology, step).includes(common));
}

/** Ordered pairs of devices that the kernel lets meet by bus address. */
function busAddrPairs(
  topology: Topology,
  devices: readonly string[],
  boot: Boot,
): readonly (readonly [string, string])[] {
  const devs = pciDevsOf(topology);
  const others = (provider: string): readonly string[] => devices.filter((client) => client !== provider);
  const meets = (provider: string, client: string): boolean => {
    const [from, to] = [devs.get(provider), devs.get(client)];
    return from !== undefined && to !== undefined && mapTypeOf(from, to, boot).mapType === "BUS_ADDR";
  };
  return devices.flatMap((provider) =>
    others(provider).flatMap((client) => (meets(provider, client) ? [[provider, client] as const] : [])),
  );
}

/** The machine with the ACS capability taken from some of its functions, by the bits of a number. */
const bared = (topology: Topology, bits: number): Topology => ({
  ...topology,
  functions: topology.functions.map((each, place) => {
    const { acs: _taken, ...bare } = each;
    return (bits >> (place % 16)) & 1 ? bare : each;
  }),
});

describe("Where the kernel says BUS_ADDR", () => {
  test("reads, writes and completions stay at or below the common bridge, on any machine, with an IOMMU and without", () => {
    const pairs = new Map<boolean, number>();
    fc.assert(
      fc.property(arbitraryMachine(), fc.nat(0xffff), ({ topology: drawn, devices }, bits) => {
        const topology = bared(drawn, bits);
        for (const boot of BOOTS) {
          const ways = journeys(booted(topology, boot.iommu), devices);
          for (const [provider, client] of busAddrPairs(topology, devices, boot)) {
            pairs.set(boot.iommu, (pairs.get(boot.iommu) ?? 0) + 1);
            for (const { from, to, kind } of trips(client, provider)) {
              const way = ways(from, to, kind);
              expect(way).not.toContain("!");
              expect(above(topology, way, [provider, client])).toEqual([]);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
    // Machines on which nothing is BUS_ADDR would prove nothing.
    for (const { iommu } of BOOTS) expect(pairs.get(iommu)).toBeGreaterThan(50);
  });
});

describe("The kernel's rule is more cautious than the wire", () => {
  const [boot] = BOOTS;
  const said = (topology: Topology, provider: string, client: string): MapType | undefined =>
    boot && typeOf(topology, provider, client, boot);

  test("a redirecting bit at the memory's port stops a write on paper, and no write on the wire", () => {
    const machine = withBits(grove(), { "above B": { requestRedirect: true } });
    expect(said(machine, "B", "A")).toBe("NOT_SUPPORTED");
    expect(journey(machine, "A", "B", "write")).toBe("A > upper > B");
  });

  test("so does Egress Control without a vector, and a bit on the common bridge", () => {
    for (const [at, bit] of [
      ["above A", "egressControl"],
      ["upper", "requestRedirect"],
    ] as const) {
      const machine = withBits(grove(), { [at]: { [bit]: true } });
      expect(said(machine, "B", "A")).toBe("NOT_SUPPORTED");
      expect(journey(machine, "A", "B", "write")).toBe("A > upper > B");
    }
  });
});

describe("The kernel trusts what the wire model does not know", () => {
  test("functions of one device are BUS_ADDR; routing inside a device is not modelled, so their packets leave it", () => {
    const machine = grove();
    const second = { ...endpoint(machine, "A"), id: "B", parent: "above A", bars: endpoint(machine, "B").bars };
    const twins = { ...machine, functions: machine.functions.map((each) => (each.id === "B" ? second : each)) };
    expect(BOOTS.map((boot) => typeOf(twins, "A", "B", boot))).toEqual(["BUS_ADDR", "NOT_SUPPORTED"]);
    expect(journey(twins, "B", "A", "write")).toBe("B > upper ! ACS violation");
  });
});
