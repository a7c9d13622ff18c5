import { describe, expect, test } from "vitest";
import { bytesConserved } from "../../invariants/bytes-conserved.ts";
import { BEYOND, judge, refused, served, submitted } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

describeJudge(bytesConserved, {
  breaches: {
    "fewer bytes are served than were asked for": [submitted(BEYOND), served(BEYOND, 4095)],
    "more bytes are served than were asked for": [submitted(BEYOND), served(BEYOND, 8192)],
    "one request gets what another one lacks": [
      submitted(BEYOND),
      submitted(BEYOND + 1),
      served(BEYOND, 4096 - 512),
      served(BEYOND + 1, 4096 + 512),
    ],
    "a request is served twice": [submitted(BEYOND), served(BEYOND), served(BEYOND)],
    "something is served that nobody asked for": [served(BEYOND)],
  },
  also: {
    "a request is served twice": ["every-request-ends"],
    "something is served that nobody asked for": ["every-request-ends"],
  },
  open: {
    "a request is open": [submitted(BEYOND)],
    "it has been broken": [submitted(BEYOND), served(BEYOND, 1)],
  },
});

describe("bytes-conserved", () => {
  test("owes nothing for a request that was refused or that ended with an error", () => {
    const history = [submitted(1), refused(1), submitted(2), served(2, 0, "EIO")];
    expect(judge(bytesConserved, history)).toEqual({
      verdict: "holds",
      because: "every request was answered, some with an error",
    });
  });

  test("says by how much and which way", () => {
    const because = (length: number): string => judge(bytesConserved, [submitted(1), served(1, length)]).because;
    expect(because(4000)).toBe("96 bytes fewer were served than were asked for");
    expect(because(5000)).toBe("904 bytes more were served than were asked for");
  });
});
