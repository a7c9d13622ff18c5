import { describe, expect, test } from "vitest";
import type { InputFault } from "../../../machines/machine.ts";
import { faultsOf, imported, SERVER } from "../fixture.ts";

/** The server with other words; the test fails where there is nothing to replace. */
function changed(from: string, to: string): string {
  expect(SERVER).toContain(from);
  return SERVER.replace(from, to);
}

const overlapsOf = (text: string): readonly InputFault[] =>
  faultsOf(text).filter(({ what }) => what.includes("within reach of"));

describe("Two functions that answer to the same address", () => {
  test("are refused by name, range and line", () => {
    const text = changed("Memory at c1000000", "Memory at c0ffc000");
    expect(faultsOf(text)).toEqual([
      {
        line: 283,
        column: 2,
        what: "0000:1a:00.0 has a BAR at 0xc0ffc000-0xc0ffffff, within reach of 0000:1b:00.0's at 0xc0000000-0xc0ffffff (line 310)",
        remedy: "give one machine, captured once and as it runs",
      },
    ]);
  });

  test("are refused all at once, behind a large BAR too", () => {
    const text = changed("Memory at c1000000", "Memory at 38000004000").replace(
      "Memory at e1000000",
      "Memory at 383ffffc000",
    );
    expect(overlapsOf(text).map(({ what }) => what.slice(0, 12))).toEqual(["0000:1a:00.0", "0000:af:00.0"]);
  });

  test("are refused where one is a virtual function", () => {
    expect(overlapsOf(changed("Memory at 38406100000", "Memory at 38406000000"))).toMatchObject([
      { line: 398, what: expect.stringMatching(/^0000:1c:00\.2 .* 0000:1c:00\.1's/) },
    ]);
  });

  test.each([
    ["disabled", "Memory at c0ffc000", " [disabled] [size=16K]"],
    ["unassigned", "Memory at <unassigned>", " [size=16K]"],
    ["at zero", "Memory at 00000000", " [size=16K]"],
    ["without a size", "Memory at c0ffc000", ""],
  ])("are none where a BAR is %s", (_, at, rest) => {
    const kind = " (64-bit, non-prefetchable)";
    expect(overlapsOf(changed(`Memory at c1000000${kind} [size=16K]`, `${at}${kind}${rest}`))).toEqual([]);
  });

  test("are none in two domains", () => {
    const drive = SERVER.slice(SERVER.indexOf("0000:1a:00.0"), SERVER.indexOf("0000:1b:00.0"));
    const text = `${SERVER}${drive.replace("0000:1a:00.0", "10000:1a:00.0")}`;
    expect(overlapsOf(text)).toEqual([]);
    expect(overlapsOf(text.replace("10000:1a:00.0", "0000:1a:00.1"))).toHaveLength(1);
  });

  test("are none for what a bridge forwards, which has its children's BARs within it", () => {
    expect(SERVER).toMatch(/Memory behind bridge: /);
    expect(imported(SERVER).functions.length).toBeGreaterThan(0);
  });
});
