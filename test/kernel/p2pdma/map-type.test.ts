import { describe, expect, test } from "vitest";
import type { AcsRegisters, PciDev } from "../../../fabric/hierarchy.ts";
import { ACS_LINUX, ACS_OFF } from "../../../fabric/topology.ts";
import { type Boot, mapTypeOf } from "../../../kernel/p2pdma/map-type.ts";
import type { P2pdmaKernel } from "../../../kernel/p2pdma/rules.ts";
import { BOOTS, type BootName, devOf, HIERARCHIES, WORDS, WORKED_PAIRS, type WorkedPair } from "./fixture.ts";

const GENERIC: Boot = { kernel: "6.12", ...BOOTS.generic_off };

/** "BUS_ADDR/4" of a pair of the fixture. */
function told(topology: string, provider: string, client: string, boot: Partial<Boot> = {}): string {
  const judged = mapTypeOf(devOf(topology, provider), devOf(topology, client), { ...GENERIC, ...boot });
  return `${judged.mapType}/${judged.distance}`;
}

describe("Linux 6.12's verdict, worked out by hand", () => {
  const names: readonly BootName[] = ["generic_off", "generic_on", "zen_off", "zen_on"];
  const expected = (pair: WorkedPair): readonly string[] =>
    names.map((name) => `${WORDS.get(pair[name])}/${pair.distance}`);

  test.each(WORKED_PAIRS)("$topology, $a and $b: $why", (pair) => {
    const { topology, a, b } = pair;
    expect(names.map((name) => told(topology, a, b, BOOTS[name]))).toEqual(expected(pair));
    expect(names.map((name) => told(topology, b, a, BOOTS[name]))).toEqual(expected(pair));
  });

  test("is there for every pair of the fixture", () => {
    const pairs = HIERARCHIES.flatMap(({ name, endpoints }) =>
      endpoints.flatMap(({ id }, place) => endpoints.slice(place + 1).map((other) => `${name} ${id} ${other.id}`)),
    );
    expect(WORKED_PAIRS.map(({ topology, a, b }) => `${topology} ${a} ${b}`)).toEqual(pairs);
  });
});

describe("A function that reaches its own memory", () => {
  test("is at distance 0 and needs no bridge", () => {
    expect(told("plain switch", "5", "5")).toBe("BUS_ADDR/0");
    expect(told("integrated", "1", "1")).toBe("BUS_ADDR/0");
  });

  test("is sent to the host bridge by its own ACS bits all the same", () => {
    expect(told("ACS on a function", "2", "2")).toBe("THRU_HOST_BRIDGE/0");
  });
});

describe("What an IOMMU driver adds to ACS", () => {
  const below = (acs?: AcsRegisters): readonly [PciDev, PciDev] => {
    const hostBridge = { id: "1" };
    const bridge = { id: "port", hostBridge, ...(acs && { acs }) };
    return [
      { id: "a", bridge, hostBridge },
      { id: "b", bridge, hostBridge },
    ];
  };
  const typeOf = (acs: AcsRegisters | undefined, iommu: boolean): string =>
    mapTypeOf(...below(acs), { ...GENERIC, iommu }).mapType;

  test("is nothing where there is no capability", () => {
    expect(typeOf(undefined, true)).toBe("BUS_ADDR");
  });

  test("is redirection where the capability offers it, or where it is not known what it offers", () => {
    expect(typeOf({ control: ACS_OFF }, false)).toBe("BUS_ADDR");
    expect(typeOf({ control: ACS_OFF }, true)).toBe("NOT_SUPPORTED");
    expect(typeOf({ control: ACS_OFF, offered: { ...ACS_OFF, requestRedirect: true } }, true)).toBe("NOT_SUPPORTED");
    expect(typeOf({ control: ACS_OFF, offered: { ...ACS_OFF, completionRedirect: true } }, true)).toBe("NOT_SUPPORTED");
  });

  test("is nothing that the capability does not offer, as in many multi-function cards", () => {
    expect(typeOf({ control: ACS_OFF, offered: ACS_OFF }, true)).toBe("BUS_ADDR");
    expect(typeOf({ control: ACS_OFF, offered: { ...ACS_LINUX, requestRedirect: false } }, true)).toBe("NOT_SUPPORTED");
    const others = { ...ACS_LINUX, requestRedirect: false, completionRedirect: false };
    expect(typeOf({ control: ACS_OFF, offered: others }, true)).toBe("BUS_ADDR");
  });

  test("is never Egress Control, and never takes away what firmware set", () => {
    expect(typeOf({ control: ACS_OFF, offered: { ...ACS_OFF, egressControl: true } }, true)).toBe("BUS_ADDR");
    expect(typeOf({ control: { ...ACS_OFF, egressControl: true }, offered: ACS_LINUX }, true)).toBe("NOT_SUPPORTED");
    expect(typeOf({ control: { ...ACS_OFF, requestRedirect: true }, offered: ACS_OFF }, true)).toBe("NOT_SUPPORTED");
  });
});

describe("Kernels differ", () => {
  const kernels: readonly P2pdmaKernel[] = ["4.20", "5.4", "5.15", "6.12"];
  const over = (topology: string, a: string, b: string, boot: Partial<Boot> = {}): readonly string[] =>
    kernels.map((kernel) => told(topology, a, b, { ...boot, kernel }));

  test("in nothing that a switch turns", () => {
    expect(over("plain switch", "5", "6")).toEqual(Array(4).fill("BUS_ADDR/4"));
    expect(over("cascade", "9", "10", BOOTS.zen_on)).toEqual(Array(4).fill("BUS_ADDR/4"));
  });

  test("4.20 refuses whatever leaves a switch, on any CPU, and its distance tells why: -1 no bridge above both, -2 ACS", () => {
    expect(told("both Skylake", "2", "5", { kernel: "4.20" })).toBe("NOT_SUPPORTED/-1");
    expect(told("Sandy Bridge", "3", "4", { kernel: "4.20" })).toBe("NOT_SUPPORTED/-1");
    expect(told("integrated", "1", "4", { kernel: "4.20", cpuIsZen: true })).toBe("NOT_SUPPORTED/-1");
    expect(told("RR at one port", "5", "6", { kernel: "4.20", cpuIsZen: true })).toBe("NOT_SUPPORTED/-2");
    expect(told("harmless bits", "5", "6", { kernel: "4.20", iommu: true })).toBe("NOT_SUPPORTED/-2");
  });

  test("5.4 was the first to trust Xeon E5 host bridges, each by itself", () => {
    expect(over("Sandy Bridge", "3", "4")).toEqual(["NOT_SUPPORTED/-1", ...Array(3).fill("THRU_HOST_BRIDGE/4")]);
    expect(told("Sandy Bridge", "3", "7", { kernel: "5.4" })).toBe("NOT_SUPPORTED/4");
  });

  test("Skylake's host bridges came after 5.4", () => {
    expect(over("both Skylake", "2", "5").slice(1)).toEqual([
      "NOT_SUPPORTED/4",
      "THRU_HOST_BRIDGE/4",
      "THRU_HOST_BRIDGE/4",
    ]);
  });

  test("5.4 knows Zen by its first host bridge, later ones by the CPU", () => {
    const hostBridge = { id: "1", first: { identity: "1022:1450", at00: true, rootPort: false } };
    const [a, b] = [
      { id: "a", hostBridge },
      { id: "b", hostBridge },
    ];
    const types = (cpuIsZen: boolean): readonly string[] =>
      kernels.map((kernel) => mapTypeOf(a, b, { kernel, cpuIsZen, iommu: false }).mapType);
    const [never, host] = ["NOT_SUPPORTED", "THRU_HOST_BRIDGE"];
    expect(types(false)).toEqual([never, host, never, never]);
    expect(types(true)).toEqual([never, host, host, host]);
    expect(told("plain switch", "5", "6", { kernel: "5.4", ...BOOTS.zen_off })).toBe("BUS_ADDR/4");
    expect(told("RR at one port", "5", "6", { kernel: "5.4", ...BOOTS.zen_off })).toBe("NOT_SUPPORTED/4");
  });

  test("a root port stands in for the host bridge in 6.12 only", () => {
    expect(over("root port first", "2", "3").slice(1)).toEqual([
      "NOT_SUPPORTED/4",
      "NOT_SUPPORTED/4",
      "THRU_HOST_BRIDGE/4",
    ]);
  });

  test("Ice Lake's host bridge is known in 6.12 only", () => {
    const hostBridge = { id: "1", first: { identity: "8086:09a2", at00: true, rootPort: false } };
    const types = kernels.map(
      (kernel) => mapTypeOf({ id: "a", hostBridge }, { id: "b", hostBridge }, { ...GENERIC, kernel }).mapType,
    );
    expect(types).toEqual(["NOT_SUPPORTED", "NOT_SUPPORTED", "NOT_SUPPORTED", "THRU_HOST_BRIDGE"]);
  });
});

describe("The list of host bridges of 6.12", () => {
  const type = (identity: string, other = identity): string => {
    const at = (id: string, each: string): PciDev => ({
      id,
      hostBridge: { id, first: { identity: each, at00: true, rootPort: false } },
    });
    return mapTypeOf(at("1", identity), at("2", other), GENERIC).mapType;
  };

  test.each(["2030", "2031", "2032", "2033", "2020", "09a2"])("8086:%s forwards to others", (device) => {
    expect(type(`8086:${device}`)).toBe("THRU_HOST_BRIDGE");
    expect(type(`8086:${device}`, "8086:2030")).toBe("THRU_HOST_BRIDGE");
  });

  test.each(["3c00", "3c01", "2f00", "2f01"])("8086:%s forwards within itself, and to no other", (device) => {
    const hostBridge = { id: "1", first: { identity: `8086:${device}`, at00: true, rootPort: false } };
    expect(mapTypeOf({ id: "a", hostBridge }, { id: "b", hostBridge }, GENERIC).mapType).toBe("THRU_HOST_BRIDGE");
    expect(type(`8086:${device}`)).toBe("NOT_SUPPORTED");
    expect(type(`8086:${device}`, "8086:2030")).toBe("NOT_SUPPORTED");
    expect(type("8086:2030", `8086:${device}`)).toBe("NOT_SUPPORTED");
  });

  test.each(["0e00", "6f00", "2034", "352a"])("8086:%s is not on it", (device) => {
    expect(type(`8086:${device}`)).toBe("NOT_SUPPORTED");
    expect(type("8086:2030", `8086:${device}`)).toBe("NOT_SUPPORTED");
  });
});
