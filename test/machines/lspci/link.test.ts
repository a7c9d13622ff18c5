import { describe, expect, test } from "vitest";
import type { Express, Rate } from "../../../machines/lspci/express.ts";
import { readLink } from "../../../machines/lspci/link.ts";
import type { RemarkKind, Remarks } from "../../../machines/lspci/remarks.ts";

const rate = (generation: number, width: number): Rate => ({ generation, width });

const end = (trained?: Rate, capable?: Rate): Express => ({
  type: "endpoint",
  tags: 32,
  active: false,
  ...(trained && { trained }),
  ...(capable && { capable }),
});

function linkOf(upper: Express | undefined, lower: Express | undefined, role: "gpu" | "nvme" | "nic" | "other") {
  const remarks: Remarks = new Map();
  const { generation, width } = readLink(upper, lower, { id: "it", role }, remarks);
  return [generation, width, [...remarks.keys()]] as const;
}

describe("A link", () => {
  test.each(["Speed unknown, Width x0", "Speed 8GT/s (downgraded), Width x0 (downgraded)"])(
    "of which one end says %s is what the other end says, with a remark",
    (untrained) => {
      const remarks: Remarks = new Map();
      const link = readLink({ ...end(), untrained }, end(rate(3, 4)), { id: "it", role: "nvme" }, remarks);
      expect(link).toEqual({ generation: 3, width: 4 });
      expect([...remarks]).toEqual([["link-untrained", [`it (${untrained.replaceAll(" (downgraded)", "")})`]]]);
    },
  );

  test.each<[string, Parameters<typeof linkOf>, [number, number, RemarkKind[]]]>([
    ["is what its two ends trained", [end(rate(3, 8)), end(rate(3, 8)), "nic"], [3, 8, []]],
    [
      "is the slower and the narrower of two ends that disagree",
      [end(rate(4, 4)), end(rate(3, 8)), "nvme"],
      [3, 4, []],
    ],
    ["is what one end says where the other says nothing", [end(), end(rate(2, 4)), "nvme"], [2, 4, []]],
    [
      "of an idle GPU has the speed of the less capable end and the width that is trained",
      [end(rate(1, 8), rate(3, 16)), end(rate(1, 16), rate(4, 16)), "gpu"],
      [3, 8, ["link-idle"]],
    ],
    ["of a busy GPU is as trained", [end(rate(4, 16), rate(5, 16)), end(rate(4, 16), rate(4, 16)), "gpu"], [4, 16, []]],
    ["of an idle drive is as trained", [end(rate(1, 4), rate(3, 4)), end(rate(1, 4), rate(3, 4)), "nvme"], [1, 4, []]],
    ["without a state is what it is capable of", [end(), end(undefined, rate(3, 4)), "nvme"], [3, 4, ["link-capable"]]],
    ["of a drive that says nothing is gen3 x4", [undefined, undefined, "nvme"], [3, 4, ["link-assumed"]]],
    ["of a GPU that says nothing is gen3 x16", [undefined, undefined, "gpu"], [3, 16, ["link-assumed"]]],
    ["of a NIC that says nothing is gen3 x8", [undefined, end(), "nic"], [3, 8, ["link-assumed"]]],
    [
      "wider or faster than is modelled is cut down",
      [end(rate(6, 32)), end(rate(6, 32)), "gpu"],
      [5, 16, ["link-clamped"]],
    ],
  ])("%s", (_, ends, expected) => {
    expect(linkOf(...ends)).toEqual(expected);
  });
});
