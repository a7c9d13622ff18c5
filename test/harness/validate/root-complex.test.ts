import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import type { Platform } from "../../../calibration/platforms.ts";
import { predict } from "../../../harness/validate/predict.ts";
import { parametersOf } from "../../../harness/validate/sharing.ts";
import { reportOn, rowOf, workOf } from "../../../harness/validate/validate.ts";
import type { Prediction } from "../../../record/validation.ts";
import { KIT, published } from "./cases.ts";

const link = { generation: 4, width: 16 } as const;
const ONE_SWITCH: Case["machine"] = {
  devices: {
    gpu0: { role: "gpu", link, below: { switch: "s0" } },
    gpu1: { role: "gpu", link, below: { switch: "s0" } },
  },
  switches: { s0: { link, below: { socket: 0 } } },
};
const ROOT_PORTS: Case["machine"] = {
  devices: {
    gpu0: { role: "gpu", link, below: { socket: 0 } },
    gpu1: { role: "gpu", link, below: { socket: 0 } },
    nvme0: { role: "nvme", link: { generation: 3, width: 4 }, below: { socket: 0 } },
  },
};
const peer = (by: "read" | "write", to = "gpu1"): Case["operation"] => ({
  kind: "flows",
  flows: [{ from: "gpu0", to, by }],
  size: 65536,
  in_flight: 2,
});
const drained: Case["operation"] = {
  kind: "storage",
  drives: ["nvme0"],
  with: "gpu0",
  through: "peer",
  access: "write",
  size: 65536,
  in_flight: 2,
};

function on(root_complex: Platform, operation: Case["operation"], change: Partial<Case> = {}): Prediction {
  const subject = published("RTX6K-003", { machine: ROOT_PORTS, metric: "bandwidth", operation, ...change });
  const platform = { title: "a machine", year: 2020, root_complex };
  return predict(subject, platform, parametersOf(platform), KIT);
}

const UNSAID = { inexpressible: expect.stringContaining("nobody said what root complex this is: reads between") };

describe("Where nobody said what root complex it is", () => {
  it.each(["bandwidth", "latency", "success"] as const)("%s of peer reads through it cannot be said", (metric) => {
    expect(on("unknown", peer("read"), { metric })).toEqual(UNSAID);
    expect(on("amd-zen", peer("read"), { metric })).toHaveProperty("value");
  });

  it.each(["bandwidth", "rate", "latency"] as const)("nor %s of a drive that reads a peer", (metric) => {
    expect(on("unknown", drained, { metric })).toEqual(UNSAID);
  });

  it("nor of a device's own queues, which a drive reads", () => {
    expect(on("unknown", { ...drained, access: "read", issued_by: "device" })).toEqual(UNSAID);
  });

  it("how fast peer writes pass is not known either, though that they arrive is assumed", () => {
    const [unknown, known] = (["unknown", "intel-client"] as const).map((each) => on(each, peer("write")));
    expect(unknown).toEqual({ inexpressible: expect.stringContaining("differs by a factor of ten") });
    expect(known).toMatchObject({ value: expect.any(Number) });
  });

  it("what does not ask it is said: below one switch, to memory, and what fails on every one", () => {
    for (const subject of [
      on("unknown", peer("read"), { machine: ONE_SWITCH }),
      on("unknown", peer("write", "memory 0")),
    ]) {
      expect(subject).toHaveProperty("value");
      expect(JSON.stringify(subject)).not.toContain("root complex");
    }
    expect(on("unknown", { ...drained, with: "nvme0" })).toEqual(on("amd-zen", { ...drained, with: "nvme0" }));
  });

  it("what ACS sends up to it asks it after all", () => {
    const redirected = { machine: ONE_SWITCH, configuration: { acs: "on" } } as const;
    expect(on("unknown", peer("read"), redirected)).toEqual(UNSAID);
    expect(on("amd-zen", peer("read"), redirected)).toHaveProperty("value", expect.any(Number));
  });

  it("a root complex that is known to drop reads has the rate of what does not arrive", () => {
    expect(on("intel-client", peer("read"))).toHaveProperty("value", 0);
  });

  it("such a row is no error: it is not scored", () => {
    const subject = published("RTX6K-003", {
      class: "latency",
      machine: ROOT_PORTS,
      metric: "latency",
      operation: peer("read"),
      platform: "somewhere",
    });
    const collection = {
      cases: [subject],
      platforms: { somewhere: { title: "somewhere", year: 2020, root_complex: "unknown" as const } },
      contrasts: [],
      sets: [{ name: "all", ids: undefined }],
      sweeps: [],
    };
    const report = reportOn(
      collection,
      workOf(collection).map((work) => rowOf(work, KIT)),
    );
    const none = { rows: 0, median: null, worst: null };
    const [score] = JSON.parse(JSON.stringify(report.scores));
    expect(score).toMatchObject({ scored: 0, inexpressible: 1, median: null, worst: null, median_as_calibrated: null });
    expect([score.napkin_link, score.napkin_pcie_model]).toEqual([none, none]);
    expect(report.rows[0]).toMatchObject({ predicted: null, error: null });
  });
});
