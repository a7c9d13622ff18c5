import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { topologyFaults } from "../../../fabric/topology.ts";
import { importLspci } from "../../../machines/lspci.ts";
import { recognise } from "../../../machines/recognise.ts";
import { DESKTOP, SERVER } from "../fixture.ts";

const RUNS = { seed: 4242, numRuns: 400 };

describe("The importer answers with a machine or with faults, and never throws", () => {
  test("when a text is cut anywhere, at either end", () => {
    const cut = fc
      .tuple(fixture(), place(), place())
      .map(([text, from, to]) => text.slice(at(text, from), at(text, to)));
    fc.assert(fc.property(cut, answers), RUNS);
  });

  test("when characters of a text change into any others", () => {
    const changed = fc
      .tuple(fixture(), fc.array(fc.tuple(place(), fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 20 }))
      .map(([text, edits]) => edits.reduce((each, [where, by]) => splice(each, at(each, where), by), text));
    fc.assert(fc.property(changed, answers), RUNS);
  });

  test("when hexadecimal digits of a text change into others, so that buses and addresses make no sense", () => {
    const digits = fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 1, maxLength: 40 });
    const changed = fc.tuple(fixture(), digits, fc.integer({ min: 2, max: 97 })).map(([text, by, stride]) => {
      let count = 0;
      return text.replace(/[0-9a-f]/g, (digit) => {
        count += 1;
        return count % stride === 0 ? (by[(count / stride) % by.length] ?? digit) : digit;
      });
    });
    fc.assert(fc.property(changed, answers), RUNS);
  });

  test("when lines of a text are dropped, doubled or moved", () => {
    const changed = fixture().chain((text) => {
      const lines = text.split("\n");
      return fc
        .array(fc.constantFrom(...lines), { maxLength: 60 })
        .map((each) => [...lines.slice(0, 80), ...each].join("\n"));
    });
    fc.assert(fc.property(changed, answers), RUNS);
  });

  test("whatever the text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), answers), RUNS);
  });
});

function answers(text: string): void {
  const answer = importLspci(text, "any");
  if (!Array.isArray(answer)) {
    expect(recognise(text)).toBe("lspci");
    expect(topologyFaults(answer)).toEqual([]);
    return;
  }
  expect(answer.length).toBeGreaterThan(0);
  const lines = text.split("\n").length;
  for (const { line, column, what, remedy } of answer) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(`${what}${remedy}`).not.toMatch(/undefined|NaN/);
  }
}

const fixture = (): fc.Arbitrary<string> => fc.constantFrom(SERVER, DESKTOP);

const place = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** 20 });

const at = (text: string, where: number): number => where % (text.length + 1);

const splice = (text: string, where: number, by: string): string =>
  text.slice(0, where) + by + text.slice(where + by.length);
