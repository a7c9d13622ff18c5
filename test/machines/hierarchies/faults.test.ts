import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importHierarchies } from "../../../machines/hierarchies.ts";
import { changed, csv, HEADER, SWITCH, wrong } from "./rows.ts";

describe("What is wrong in a row is told where it stands, with what would be right", () => {
  test.each([
    ["a node that is no number", "t,x,3,E,0,144d,a80a,", '7:3: node is "x"; give a whole number from 0'],
    ["a negative node", "t,-5,3,E,0,144d,a80a,", '7:3: node is "-5"; give a whole number from 0'],
    ["no parent", "t,5,,E,0,144d,a80a,", "7:5: parent is empty; give another row's node, or -1, -2, ..."],
    ["host bridge 0", "t,5,-0,E,0,144d,a80a,", '7:5: parent is "-0"; give another row'],
    [
      "an unknown kind",
      "t,5,3,X,0,144d,a80a,",
      '7:7: kind is "X"; give one of H (host bridge\'s own function), R (root port)',
    ],
    [
      "a devfn that is not hexadecimal",
      "t,5,3,E,0g,144d,a80a,",
      '7:9: devfn is "0g"; give a hexadecimal number from 0 to ff',
    ],
    [
      "a devfn that is too large",
      "t,5,3,E,100,144d,a80a,",
      '7:9: devfn is "100"; give a hexadecimal number from 0 to ff',
    ],
    [
      "a vendor that is too large",
      "t,5,3,E,0,144d0,a80a,",
      '7:11: vendor is "144d0"; give a hexadecimal number from 0 to ffff',
    ],
    ["no device", "t,5,3,E,0,144d,,", "7:16: device is empty; give a hexadecimal number from 0 to ffff"],
    [
      "ACS bits that do not exist",
      "t,5,3,E,0,144d,a80a,0x80",
      '7:21: acs_ctl is "0x80"; give a hexadecimal number from 0 to 7f, or empty',
    ],
    ["no topology", ",5,3,E,0,144d,a80a,", "7:1: topology is empty; give a name"],
    [
      "an unknown parent",
      "t,5,9,E,0,144d,a80a,",
      "7:5: t has no node 9; name a node of the same topology, or a host bridge: -1",
    ],
    [
      "another topology's node as parent",
      "u,5,3,E,0,144d,a80a,",
      "7:5: u has no node 3; name a node of the same topology",
    ],
    [
      "a node told twice",
      "t,4,3,E,0,144d,a80a,",
      "7:3: t already has a node 4, on line 6; give each node of a topology a number of its own",
    ],
    [
      "an endpoint below an endpoint",
      "t,5,4,E,0,144d,a80a,",
      "7:5: a PCIe endpoint (E) hangs below a PCIe endpoint (E); it hangs below a host bridge or a root port (R) or a switch downstream port (D)",
    ],
    [
      "an endpoint below an upstream port",
      "t,5,1,E,10,144d,a80a,",
      "7:5: a PCIe endpoint (E) hangs below a switch upstream port (U)",
    ],
    [
      "a root port below a switch",
      "t,5,3,R,0,144d,a80a,",
      "7:5: a root port (R) hangs below a switch downstream port (D); it hangs below a host bridge",
    ],
    [
      "a downstream port on a root bus",
      "t,5,-1,D,0,144d,a80a,",
      "7:5: a switch downstream port (D) hangs below a host bridge; it hangs below a switch upstream port (U)",
    ],
    [
      "a devfn taken on that bus",
      "t,5,2,E,0,144d,a80a,",
      "7:9: node 4 of t already has devfn 0 on that bus; give each function on a bus a devfn of its own",
    ],
    [
      "a field too few",
      "t,5,3,E,0,144d,a80a",
      "7:16: this row has 7 fields, and the header 8; give every column its field",
    ],
    [
      "a field too many",
      "t,5,3,E,0,144d,a80a,,more",
      "7:22: this row has 9 fields, and the header 8; give every column its field",
    ],
    [
      "a quote inside a field",
      't,5,3,E,0,14"d,a80a,',
      "7:11: a double quote stands where none may, or is never closed; put the whole field in double quotes",
    ],
    [
      "a quote that is never closed",
      't,5,3,E,0,"144d,a80a,',
      "7:11: a double quote stands where none may, or is never closed",
    ],
    [
      "text behind a closing quote",
      't,5,3,E,0,"144"d,a80a,',
      "7:11: a double quote stands where none may, or is never closed",
    ],
  ])("%s", (_what, row, expected) => {
    const told = wrong(changed(7, row));
    expect(told).toHaveLength(1);
    expect(told[0]?.slice(0, expected.length)).toBe(expected);
  });

  test("a value that is long is shown in part", () => {
    expect(wrong(changed(7, `t,5,3,${"E".repeat(500)},0,144d,a80a,`))[0]).toMatch(/^7:7: kind is "E{40}\.\.\."; give/);
  });

  test("the column of a quoted field is that of its quote, and lines inside quotes count", () => {
    expect(wrong(csv(['"t\nu",0,-1,R,8,1,"q",']))).toEqual([
      '3:15: device is "q"; give a hexadecimal number from 0 to ffff',
    ]);
  });
});

describe("Circles of parents", () => {
  test.each([
    ["a node that is its own parent", ["t,0,0,B,0,1,1,"], ["2:5: the parents of t lead round in a circle: 0"]],
    ["two bridges", ["t,0,1,B,0,1,1,", "t,1,0,B,0,1,1,"], ["2:5: the parents of t lead round in a circle: 0, 1"]],
    [
      "two circles, and what hangs below them",
      ["t,0,1,B,0,1,1,", "t,1,0,B,0,1,1,", "t,2,0,C,8,1,1,", "t,3,3,B,0,1,1,"],
      ["2:5: the parents of t lead round in a circle: 0, 1", "5:5: the parents of t lead round in a circle: 3"],
    ],
  ])("%s", (_what, rows, expected) => {
    const told = wrong(csv(rows)).map((each) => each.split(";")[0]);
    expect(told).toEqual(expected);
  });
});

describe("Everything wrong is told at once", () => {
  test("in the order of the text, and nothing is told twice", () => {
    const rows = [
      "t,0,-1,R,8,8086,zz,",
      "t,1,0,U,0,10b5,8733,0xff",
      "t,2,1,D,300,10b5,8733,",
      "t,3,1,E,0,1,1,",
      "t,4,7,E,0,1,1,",
      "t,5,2",
    ];
    expect(wrong(csv(rows)).map((each) => each.split(";")[0])).toEqual([
      '2:17: device is "zz"',
      '3:21: acs_ctl is "0xff"',
      '4:9: devfn is "300"',
      "6:5: t has no node 7",
      "7:5: this row has 3 fields, and the header 8",
    ]);
  });

  test("a broken quote hides no other row's faults, and its node is no stranger", () => {
    const rows = ['t,0,-1,R,8,"8086,2030,', "t,1,0,E,0,1,1,", "t,2,0,E,8,1,1,q", "t,3,9,E,0,1,1,"];
    expect(wrong(csv(rows)).map((each) => each.split(";")[0])).toEqual([
      "2:12: a double quote stands where none may, or is never closed",
      '4:15: acs_ctl is "q"',
      "5:5: t has no node 9",
    ]);
  });

  test("a header that cannot be split says nothing of the rows", () => {
    expect(wrong(`topology,no"de\n${SWITCH.join("\n")}`).map((each) => each.split(";")[0])).toEqual([
      "1:10: a double quote stands where none may, or is never closed",
    ]);
  });

  test("however many they are", () => {
    const rows = Array.from({ length: 70_000 }, (_, node) => `t,${node},900000,E,0,1,1,`);
    expect(wrong(csv(rows))).toHaveLength(2 * rows.length - 1);
  });

  test("several faults of one row too", () => {
    expect(wrong(csv(["t,a,b,c,d,e,f,g"]))).toHaveLength(4);
  });
});

describe("A header", () => {
  test.each([
    [
      "that lacks columns",
      "topology,node,kind,devfn,vendor,device",
      ["1:1: the header lacks the column parent", "1:1: the header lacks the column acs_ctl"],
    ],
    ["that names one twice", `${HEADER},kind`, ["1:55: the header names kind twice"]],
  ])("%s", (_what, header, expected) => {
    expect(wrong(csv(SWITCH, header)).map((each) => each.split(";")[0])).toEqual(expected);
  });

  test("without a row is not enough", () => {
    expect(wrong(csv([]))[0]).toMatch(
      /^2:1: there is no row below the header; give CSV with a row for each PCI function/,
    );
  });
});

describe("What is no such file at all is told in one line", () => {
  test.each([
    ["", "1:1: this is empty; give CSV with a row for each PCI function and the columns topology, node, parent"],
    [" \n\n", "1:1: this is empty"],
    ["\u0000\u0001\u0002", "1:1: this is binary"],
    ['{"topology": 1}', "1:1: this is JSON"],
    [
      "00:00.0 Host bridge: Intel\n\tControl: I/O+\n",
      "1:1: this is lspci -vvv, which describes a machine and not hierarchies",
    ],
  ])("%j", (text, expected) => {
    const told = wrong(text);
    expect(told).toHaveLength(1);
    expect(told[0]?.slice(0, expected.length)).toBe(expected);
  });

  test("and nothing makes it throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), fc.nat(HEADER.length + 200), (junk, at) => {
        const text = csv(SWITCH);
        const { hierarchies, faults } = importHierarchies(text.slice(0, at) + junk + text.slice(at));
        expect(faults.length > 0 && hierarchies.length > 0).toBe(false);
        for (const { line, column } of faults) expect(Math.min(line, column)).toBeGreaterThan(0);
      }),
    );
  });
});
