import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainOf } from "../../fabric/hierarchy.ts";
import { ACS_LINUX, ACS_OFF } from "../../fabric/topology.ts";
import { importHierarchies } from "../../machines/hierarchies.ts";
import { changed, csv, SWITCH } from "./hierarchies/rows.ts";

describe("A file of hierarchies", () => {
  const [first] = importHierarchies(csv(SWITCH)).hierarchies;

  test("has its endpoints, each below its bridges", () => {
    expect(first?.name).toBe("t");
    expect(first?.endpoints.map(({ id }) => id)).toEqual(["4", "5"]);
    expect(first?.endpoints.map((each) => chainOf(each).map(({ id }) => id))).toEqual([
      ["4", "2", "1", "0"],
      ["5", "3", "1", "0"],
    ]);
  });

  test("tells an ACS capability that is off from none", () => {
    const [drive, other] = first?.endpoints ?? [];
    expect(drive?.bridge?.acs).toEqual({ control: ACS_OFF });
    expect(drive?.bridge?.bridge?.acs).toBeUndefined();
    expect(drive?.bridge?.bridge?.bridge?.acs).toEqual({ control: ACS_LINUX });
    expect(other?.acs).toEqual({ control: { ...ACS_OFF, egressControl: true } });
  });

  test.each([
    [0x01, "sourceValidation"],
    [0x02, "translationBlocking"],
    [0x04, "requestRedirect"],
    [0x08, "completionRedirect"],
    [0x10, "upstreamForwarding"],
    [0x20, "egressControl"],
    [0x40, "directTranslated"],
  ])("reads bit %i of the ACS control register as %s", (bit, name) => {
    const [machine] = importHierarchies(changed(7, `t,5,3,E,0,144d,a80a,${bit.toString(16)}`)).hierarchies;
    expect(machine?.endpoints[1]?.acs?.control).toEqual({ ...ACS_OFF, [name]: true });
  });

  test("takes the lowest number on a root bus for the first function, whatever the order of rows", () => {
    const rows = ["t,0,-1,I,30,8086,1,", "t,1,-1,R,8,8086,c,", "t,2,-2,R,0,1b36,2030,", "t,3,-2,I,8,1,1,"];
    const [machine] = importHierarchies(csv(rows)).hierarchies;
    expect(machine?.endpoints.map(({ hostBridge }) => hostBridge)).toEqual([
      { id: "1", first: { identity: "8086:000c", at00: false, rootPort: true } },
      { id: "2", first: { identity: "1b36:2030", at00: true, rootPort: true } },
    ]);
  });

  test("may have its columns in any order, others among them, quotes, CRLF, blank lines and a byte order mark", () => {
    const header = '"acs_ctl",note,device,vendor,devfn,kind,parent,node,topology';
    const turned = SWITCH.map((line) =>
      line.split(",").toSpliced(7, 0, '"a ""note"", with\nbreaks"').reverse().join(","),
    );
    const text = `\ufeff${[header, ...turned].join("\r\n\r\n")}\r\n`;
    expect(importHierarchies(text)).toEqual(importHierarchies(csv(SWITCH)));
  });

  test("may have its rows in any order; endpoints are ordered by number", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...SWITCH], { minLength: SWITCH.length }), (rows) => {
        expect(importHierarchies(csv(rows))).toEqual(importHierarchies(csv(SWITCH)));
      }),
    );
  });

  test("may hold several hierarchies, whose nodes are apart and whose order is that of their first rows", () => {
    const others = SWITCH.map((line) => line.replace("t,", "other,"));
    const mixed = [...SWITCH.slice(0, 2), ...others, ...SWITCH.slice(2)];
    const { hierarchies, faults } = importHierarchies(csv(mixed));
    expect(faults).toEqual([]);
    expect(hierarchies.map(({ name }) => name)).toEqual(["t", "other"]);
    expect(hierarchies[1]?.endpoints).toEqual(hierarchies[0]?.endpoints);
  });

  test("may be as deep as it likes", () => {
    const deep = Array.from({ length: 20_000 }, (_, node) => `t,${node},${node - 1},B,0,1,1,`);
    expect(importHierarchies(csv([...deep, "t,20000,19999,C,0,1,1,"])).hierarchies[0]?.endpoints).toHaveLength(1);
  });
});
