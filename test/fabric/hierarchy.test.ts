import { describe, expect, test } from "vitest";
import { chainOf, pciDevsOf } from "../../fabric/hierarchy.ts";
import { ACS_LINUX, ACS_OFF } from "../../fabric/topology.ts";
import { amend, grove } from "./machines.ts";

describe("A machine as the PCI core sees it", () => {
  const devs = pciDevsOf(grove());
  const chain = (id: string): readonly string[] => {
    const dev = devs.get(id);
    return dev ? chainOf(dev).map((each) => each.id) : [];
  };

  test("has every function, each below its bridge", () => {
    expect([...devs.keys()].sort()).toEqual(
      grove()
        .functions.map(({ id }) => id)
        .sort(),
    );
    expect(chain("C")).toEqual(["C", "above C", "lower", "above lower", "upper", "root 0"]);
    expect(chain("F")).toEqual(["F"]);
  });

  test("has one object for each function and each host bridge", () => {
    expect(devs.get("A")?.bridge?.bridge).toBe(devs.get("upper"));
    expect(devs.get("A")?.hostBridge).toBe(devs.get("F")?.hostBridge);
    expect(devs.get("A")?.hostBridge).not.toBe(devs.get("G")?.hostBridge);
  });

  test("is the same whatever the order of functions", () => {
    const backwards = pciDevsOf({ ...grove(), functions: [...grove().functions].reverse() });
    for (const [id, dev] of devs) expect(backwards.get(id)).toEqual(dev);
  });

  test("keeps what ACS offers apart from what is set", () => {
    const machine = amend(grove(), {
      "above A": { acs: ACS_OFF, acsOffered: ACS_LINUX },
      "above B": { acs: undefined },
    });
    expect(pciDevsOf(machine).get("above A")?.acs).toEqual({ control: ACS_OFF, offered: ACS_LINUX });
    expect(pciDevsOf(machine).get("above B")?.acs).toBeUndefined();
    expect(devs.get("above A")?.acs).toEqual({ control: ACS_OFF });
  });

  test("knows a host bridge by the function at 00.0, by the root port that stands in, or not at all", () => {
    const [first, second, third] = grove().hostBridges;
    if (!first || !second || !third) throw new Error("the grove has three host bridges");
    const named = {
      ...grove(),
      hostBridges: [
        { ...first, identity: "8086:2020" },
        { ...second, identity: "8086:2030", identityOfRootPort: true },
        third,
      ],
    };
    const bridgeOf = (id: string): unknown => pciDevsOf(named).get(id)?.hostBridge;
    expect(bridgeOf("A")).toEqual({
      id: "bridge 0",
      first: { identity: "8086:2020", at00: true, rootPort: false },
    });
    expect(bridgeOf("G")).toEqual({
      id: "bridge 1",
      first: { identity: "8086:2030", at00: false, rootPort: true },
    });
    expect(bridgeOf("H")).toEqual({ id: "bridge 2" });
  });

  test("is refused where a parent is missing", () => {
    const orphan = { ...grove(), functions: grove().functions.filter(({ id }) => id !== "upper") };
    expect(() => pciDevsOf(orphan)).toThrow("names the parent upper");
  });
});
