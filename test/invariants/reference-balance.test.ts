import { describe, expect, test } from "vitest";
import { referenceBalance } from "../../invariants/reference-balance.ts";
import { BEYOND, ended, got, judge, mapped, put, unmapped } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

const SPAN = { address: BEYOND, length: 4096 };

describeJudge(referenceBalance, {
  breaches: {
    "a page is never given back": [got(BEYOND, 3)],
    "part of a range is never given back": [got(BEYOND, 3), put(BEYOND, 2)],
    "a page is given back that nobody held": [put(BEYOND, 1)],
    "one page is given back twice and another never": [got(BEYOND, 2), put(BEYOND, 1), put(BEYOND, 1)],
    "a mapping is never removed": [mapped(BEYOND, "0000:1a:00.0", SPAN)],
    "a mapping is removed twice": [mapped(BEYOND, "0000:1a:00.0", SPAN), unmapped(BEYOND), unmapped(BEYOND)],
  },
  also: { "a mapping is removed twice": ["no-dma-after-unmap"] },
  open: {
    "a page is held": [got(BEYOND, 1)],
    "a mapping is left": [mapped(BEYOND, "0000:1a:00.0", SPAN)],
    "it has been broken": [unmapped(BEYOND)],
  },
});

describe("reference-balance", () => {
  test("takes back in pieces what was given in one, and the other way round", () => {
    const history = [got(10, 8), put(12, 6), put(10, 2), got(0, 1), got(1, 1), put(0, 2), ended];
    expect(judge(referenceBalance, history)).toEqual({
      verdict: "holds",
      because: "every reference and mapping was given back",
    });
  });

  test("says how much was still held", () => {
    const because = judge(referenceBalance, [got(1, 5), put(3, 1), ended]).because;
    expect(because).toBe("references to 4 pages were still held at the end");
  });
});
