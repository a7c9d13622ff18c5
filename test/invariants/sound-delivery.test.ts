import { describe, expect, test } from "vitest";
import { soundDelivery } from "../../invariants/sound-delivery.ts";
import { judge, landed } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

const CPU = "egress 0";
const SPAN = { address: 0x1000, length: 64 };

describeJudge(soundDelivery, {
  breaches: {
    "a write is dropped and nobody is told": [landed(1, CPU, SPAN, { delivered: 0, fault: "no route" })],
    "part of a write reaches other memory": [landed(1, CPU, SPAN, { delivered: 60 })],
  },
  open: { "it has been broken": [landed(1, CPU, SPAN, { delivered: 0 })] },
});

describe("sound-delivery", () => {
  test("is content where the initiator was told", () => {
    const told = (["unsupported-request", "completion-timeout"] as const).map((status) =>
      landed(1, CPU, SPAN, { delivered: 0, told: status, fault: "no route" }),
    );
    expect(judge(soundDelivery, told)).toEqual({
      verdict: "holds",
      because: "every byte arrived, or an error was reported",
    });
  });

  test("says whose bytes were lost, how many, where and why", () => {
    const because = (fault: string): string =>
      judge(soundDelivery, [landed(1, CPU, SPAN, { delivered: 60, fault })]).because;
    expect(because("IOMMU fault")).toBe(
      "egress 0 was told nothing, but 4 of 64 bytes for 1000 were lost (IOMMU fault)",
    );
    expect(because("")).toBe(
      "egress 0 was told nothing, but 4 of 64 bytes for 1000 were lost (they reached other memory)",
    );
  });
});
