import { describe, expect, test } from "vitest";
import { creditsRestored } from "../../invariants/credits-restored.ts";
import { idle, judge } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

describeJudge(creditsRestored, {
  breaches: {
    "a link lacks credits": [idle("0000:18:00.0 up", 2)],
    "a link has more credits than it was given": [idle("0000:18:00.0 up", -1)],
  },
  open: { "it has been broken": [idle("0000:18:00.0 up", 1)] },
});

describe("credits-restored", () => {
  test("names the link and what it lacks", () => {
    expect(judge(creditsRestored, [idle("a up", 0), idle("a down", 3)]).because).toBe(
      "3 credits of a down never came back",
    );
  });
});
