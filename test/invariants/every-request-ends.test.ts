import { describe, expect, test } from "vitest";
import { everyRequestEnds } from "../../invariants/every-request-ends.ts";
import { BEYOND, ended, judge, refused, served, submitted } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

describeJudge(everyRequestEnds, {
  breaches: {
    "a request never ends": [submitted(BEYOND)],
    "a request is refused after it was served": [submitted(BEYOND), served(BEYOND), refused(BEYOND)],
    "a request ends that was never submitted": [refused(BEYOND)],
  },
  also: { "a request never ends": ["bytes-conserved"] },
  open: {
    "a request is open": [submitted(BEYOND)],
    "it has been broken": [refused(BEYOND)],
  },
});

describe("every-request-ends", () => {
  test("waits for the end before it misses a request", () => {
    expect(judge(everyRequestEnds, [submitted(1)]).verdict).toBe("holds");
    expect(judge(everyRequestEnds, [submitted(1), submitted(2), ended]).because).toBe(
      "2 of the requests had not ended when nothing could happen any more",
    );
  });
});
