import { describe, expect, test } from "vitest";
import { importLspci } from "../../../machines/lspci.ts";
import { DESKTOP, faultsOf, SERVER } from "../fixture.ts";

const RUN = "give the output of `sudo lspci -Dnnvvv`";
const WHOLE = "give the whole output of `sudo lspci -Dnnvvv`";

describe("A text that is not lspci -vvv", () => {
  test.each([
    ["", "the text is empty", RUN],
    ["\u001f\u008b\b", "this is gzip-compressed", "decompress it with `gunzip` first"],
    ["-[0000:00]-+-00.0\n", "this is the tree of lspci -t, which tells neither links nor ACS nor BARs", RUN],
    ["19:00.0 3D controller: NVIDIA Corporation\n", "this is lspci without -vvv: names alone", RUN],
    ["<topology/>", "this is hwloc's XML (lstopo), which tells neither ACS nor BARs", RUN],
    ["GPU0 X PIX", "this is nvidia-smi topo, which tells neither links nor ACS", RUN],
    ['{"a": 1}', "this is JSON", RUN],
    ["Dear list,", "this describes no machine in a way that p2peval recognises", RUN],
  ])("%j is refused by the name of what it looks like", (text, what, remedy) => {
    expect(faultsOf(text)).toEqual([{ line: 1, column: 1, what, remedy }]);
  });

  test("is refused where its first word stands", () => {
    expect(faultsOf("\n\n  {}\n")).toMatchObject([{ line: 3, column: 3 }]);
  });

  test("is refused where its first NUL byte stands", () => {
    expect(faultsOf("00:00.0 Host\nbridge\0")).toMatchObject([
      { line: 2, column: 7, what: "this is binary, with a NUL byte here" },
    ]);
  });
});

describe("lspci -vvv without root", () => {
  test("is refused at the first thing hidden, with the remedy", () => {
    const text = DESKTOP.replace(/^\tCapabilities: .*\n(?:\t\t.*\n)*/gm, "\tCapabilities: <access denied>\n");
    expect(faultsOf(text)).toEqual([
      {
        line: 12,
        column: 2,
        what: "the capabilities of 5 functions are hidden (access denied): no links, no ACS, no sizes",
        remedy: "run lspci as root: `sudo lspci -Dnnvvv`",
      },
    ]);
  });
});

describe("Two captures in one text", () => {
  test("are refused at every function that is described again, all at once", () => {
    const faults = faultsOf(DESKTOP + DESKTOP);
    expect(faults).toHaveLength(9);
    expect(faults[0]).toEqual({
      line: 106,
      column: 1,
      what: "0000:00:00.0 was already described on line 2",
      remedy: "give one machine, captured once",
    });
  });
});

describe("A text that is cut inside its last function", () => {
  const cutAfter = (mark: string): string => SERVER.slice(0, SERVER.lastIndexOf(mark) + mark.length);
  const line = SERVER.split("\n").findIndex((each) => each.startsWith("0000:af:00.0")) + 1;

  test.each([
    ["0000:af:00.0 Non-Vol", "0000:ae:00.0", undefined],
    ["0000:af:00.0 Non-Volatile memory controller [0108]: Samsung", "0000:af:00.0", "its Status line"],
    ["Region 0: Memory at e1000000 (64-bit, non-prefetchable) [size=16K]\n", "0000:af:00.0", "its capabilities"],
    ["Capabilities: [68] Express (v2) Endpoint, IntMsgNum 0\n", "0000:af:00.0", "its Device Control register"],
    ["MaxPayload 256 bytes, MaxReadReq 512 bytes\n", "0000:af:00.0", "its Link Status register"],
  ])("after %j is refused, if something certain is missing", (mark, id, missing) => {
    const what = `the text ends inside the description of ${id}, which lacks ${missing}`;
    expect(faultsOf(cutAfter(mark))).toEqual(missing ? [{ line, column: 1, what, remedy: WHOLE }] : []);
  });

  test("is refused where a bridge lacks its Bus line", () => {
    expect(faultsOf(cutAfter("NUMA node: 1\n").replace(/0000:af[\s\S]*/, ""))).toEqual([]);
    const text = SERVER.slice(0, SERVER.indexOf("\tBus: primary=ae"));
    expect(faultsOf(text)).toMatchObject([{ what: expect.stringContaining("0000:ae:00.0, which lacks its Bus line") }]);
  });
});

describe("A selection of functions", () => {
  test("without any bridge is refused, naming the functions that hang in the air", () => {
    const text = SERVER.slice(SERVER.indexOf("0000:1a:00.0"), SERVER.indexOf("0000:ae:00.0"));
    expect(faultsOf(text)).toEqual([
      {
        line: 1,
        column: 1,
        what: expect.stringMatching(
          /^no endpoint below a root complex is described; 3 functions left out .*0000:1a:00\.0/,
        ),
        remedy: `${WHOLE}, not a selection`,
      },
    ]);
  });

  test("is a machine as soon as one function has its bridges", () => {
    expect(importLspci(DESKTOP.replace(/01:00\.0 VGA[\s\S]*?\n\n/, ""), "half")).toHaveProperty("functions");
  });
});
