import { describe, expect, test } from "vitest";
import { noCpuCopyOfDevicePages } from "../../invariants/no-cpu-copy-of-device-pages.ts";
import type { EventOf } from "../../record/event.ts";
import { ticks } from "../../sim/units.ts";
import { judge } from "./histories.ts";
import { describeJudge } from "./judge-contract.ts";

const copied = (device: boolean): EventOf<"cpu-copied"> => ({
  kind: "cpu-copied",
  at: ticks(1),
  first: 0x1000,
  count: 2,
  device,
});

describeJudge(noCpuCopyOfDevicePages, {
  breaches: { "a CPU copies to pages of a device": [copied(true)] },
  open: { "it has been broken": [copied(true)] },
});

describe("no-cpu-copy-of-device-pages", () => {
  test("has nothing against copies of system memory, and names the pages of a device", () => {
    expect(judge(noCpuCopyOfDevicePages, [copied(false)]).verdict).toBe("holds");
    expect(judge(noCpuCopyOfDevicePages, [copied(true)]).because).toBe(
      "a CPU copied through 2 device pages from page 1000 on",
    );
  });
});
