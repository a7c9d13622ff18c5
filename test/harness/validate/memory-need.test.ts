import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { predict } from "../../../harness/validate/predict.ts";
import { parametersOf } from "../../../harness/validate/sharing.ts";
import type { Prediction } from "../../../record/validation.ts";
import { KIT, predicted, published } from "./cases.ts";

const LARGE = 500e9;
const pin = (size: number): Case["operation"] => ({ kind: "pin", size, page: 4096, threads: 1, part: "pin" });
const mapped = (size: number): Case["operation"] => ({ kind: "map and unmap", device: "nic0", size, part: "map" });
const machine = (memory?: number): Case["machine"] => ({
  devices: { nic0: { role: "nic", link: { generation: 4, width: 16 }, below: { socket: 0 } } },
  ...(memory === undefined ? {} : { memory }),
});

function run(operation: Case["operation"], memory?: number): Prediction {
  const platform = { title: "a machine", year: 2020, root_complex: "amd-zen" as const };
  const subject = published("RTX6K-003", {
    metric: "time",
    machine: machine(memory),
    configuration: { iommu: "strict" },
    operation,
  });
  return predict(subject, platform, parametersOf(platform), KIT);
}

describe("A machine's memory", () => {
  it.each([
    ["pinning", pin],
    ["mapping", mapped],
    ["migrating", (size: number): Case["operation"] => ({ kind: "migrate", size, page: 4096, by: "move_pages" })],
    [
      "registering",
      (size: number): Case["operation"] => ({ kind: "register", device: "nic0", size, page: 4096, part: "both" }),
    ],
  ])("is as large as %s 500 GB needs", (_, operation) => {
    const [some, all] = [run(operation(LARGE / 500)), run(operation(LARGE))];
    if (!("value" in some) || !("value" in all)) throw new Error(`${JSON.stringify([some, all])} is no pair of values`);
    expect(all.value / some.value).toBeGreaterThan(450);
    expect(all.value / some.value).toBeLessThan(510);
  });

  it("is what the case says, where it says something", () => {
    expect(run(pin(LARGE), 2 ** 36)).toEqual({ inexpressible: expect.stringContaining("machine.memory") });
    expect(run(pin(LARGE), 2 ** 40)).toEqual(run(pin(LARGE)));
    expect(run(pin(2 ** 30), 2 ** 31)).toEqual(run(pin(2 ** 30)));
    // Memory beyond where BARs begin goes above them.
    expect(run(mapped(2 ** 30), 2 ** 42)).toEqual(run(mapped(2 ** 30)));
  });

  it("holds whole pages: what ends within one takes all of it", () => {
    expect(run(pin(4096 * 10 - 1))).toEqual(run(pin(4096 * 10)));
    const huge = published("RTX6K-003", {
      metric: "time",
      machine: machine(),
      operation: { kind: "pin", size: 4096, page: 2097152, threads: 1, part: "pin" },
    });
    expect(() => predicted(huge)).toThrow("4096 B are less than one page of 2097152 B");
  });
});
