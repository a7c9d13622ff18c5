import { describe, expect, test } from "vitest";
import { noDmaAfterUnmap } from "../../invariants/no-dma-after-unmap.ts";
import { BEYOND, began, judge, landed, mapped, stateAfter, unmapped } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

const [DRIVE, GPU] = ["0000:1a:00.0", "0000:1b:00.0"];
const SPAN = { address: BEYOND, length: 8192 };
const AFTER = { address: BEYOND + 4096, length: 8192 };

describeJudge(noDmaAfterUnmap, {
  breaches: {
    "a device uses an address that was never mapped": [began(BEYOND, DRIVE, SPAN)],
    "a transfer lands after its mapping is gone": [
      mapped(BEYOND, DRIVE, SPAN),
      began(BEYOND, DRIVE, SPAN),
      unmapped(BEYOND),
      landed(BEYOND, DRIVE, SPAN),
    ],
    "a mapping goes and comes back under a transfer": [
      mapped(BEYOND, DRIVE, SPAN),
      began(BEYOND, DRIVE, SPAN),
      unmapped(BEYOND),
      mapped(BEYOND + 1, DRIVE, SPAN),
      landed(BEYOND, DRIVE, SPAN),
      unmapped(BEYOND + 1),
    ],
    "one device uses what was mapped for another": [
      mapped(BEYOND, GPU, SPAN),
      began(BEYOND, DRIVE, SPAN),
      unmapped(BEYOND),
    ],
    "a transfer runs past the end of its mapping": [
      mapped(BEYOND, DRIVE, SPAN),
      began(BEYOND, DRIVE, AFTER),
      unmapped(BEYOND),
    ],
    "a mapping is removed twice": [mapped(BEYOND, DRIVE, SPAN), unmapped(BEYOND), unmapped(BEYOND)],
  },
  also: { "a mapping is removed twice": ["reference-balance"] },
  open: {
    "a mapping is left": [mapped(BEYOND, DRIVE, SPAN)],
    "it has been broken": [began(BEYOND, DRIVE, SPAN)],
  },
});

describe("no-dma-after-unmap", () => {
  test("lets a transfer lie in any of a mapping's spans, but not across two of them", () => {
    const spans = [
      { address: 0, length: 4096 },
      { address: 4096, length: 4096 },
    ];
    const judged = (address: number): string =>
      judge(noDmaAfterUnmap, [mapped(1, DRIVE, ...spans), began(1, DRIVE, { address, length: 4096 })]).verdict;
    expect([judged(0), judged(4096), judged(2048)]).toEqual(["holds", "holds", "broken"]);
  });

  test("lets two mappings begin at one address, and one of them go", () => {
    const history = [mapped(1, DRIVE, SPAN), mapped(2, GPU, SPAN), unmapped(2), began(1, DRIVE, SPAN)];
    expect(judge(noDmaAfterUnmap, history).verdict).toBe("holds");
    expect(judge(noDmaAfterUnmap, [...history, began(2, GPU, SPAN)]).verdict).toBe("broken");
  });

  test("tells apart in its state for which device a mapping was made", () => {
    const known = [mapped(1, DRIVE, SPAN), mapped(2, GPU, SPAN), unmapped(1), unmapped(2)];
    const [one, other] = [DRIVE, GPU].map((device) => stateAfter(noDmaAfterUnmap, [...known, mapped(3, device, SPAN)]));
    expect(one).not.toEqual(other);
  });

  test("says how often in words: the first breach, and that there were more", () => {
    const once = judge(noDmaAfterUnmap, [began(1, DRIVE, SPAN)]);
    const twice = judge(noDmaAfterUnmap, [began(1, DRIVE, SPAN), began(2, DRIVE, SPAN)]);
    expect(once.because).toBe(`${DRIVE} began a transfer at 10000000000 that no live mapping covers`);
    expect(twice.because).toBe(`${once.because}, and not only once`);
  });
});
