import { describe, expect, test } from "vitest";
import { storageToGpu } from "../../../workloads/storage-to-gpu.ts";
import { FAR_NVME, GPU0, GPU1, NVME0, oneSwitch } from "../../fabric/machines.ts";
import { explained } from "./question.ts";

describe("Mechanisms between two devices", () => {
  const forms = ["zone-device/as-posted"];

  test("are run in every workload that fits, whichever device is named first", () => {
    for (const [from, to] of [
      [NVME0, GPU0],
      [GPU0, NVME0],
    ] as const) {
      const { mechanisms, no_workload } = explained(oneSwitch(), from, to, { forms });
      expect(mechanisms.map(({ workload, from: source, status }) => `${workload} ${source} ${status}`)).toEqual([
        `storage-to-gpu ${NVME0} completed`,
        `gpu-to-storage ${GPU0} completed`,
      ]);
      expect(no_workload).toBeNull();
    }
  });

  test("carry throughput, latency, basis and the nearest measurement", () => {
    const [first] = explained(oneSwitch(), NVME0, GPU0, { forms }).mechanisms;
    expect(first).toMatchObject({ basis: "extrapolated", nearest_measurement: expect.stringContaining("GDS-001") });
    expect(first?.throughput_bytes_per_s).toBeGreaterThan(1e8);
    expect(first?.latency_p50_ns).toBeGreaterThan(1e3);
  });

  test("go from the device that is named first where both have one role, and the other way where they are named so", () => {
    const push = { ...storageToGpu, name: "between-drives", to: "nvme" } as const;
    const sources = (from: string, to: string): readonly string[] =>
      explained(oneSwitch(), from, to, { forms, workloads: [push] }).mechanisms.map((each) => each.from);
    expect(sources(NVME0, FAR_NVME)).toEqual([NVME0]);
    expect(sources(FAR_NVME, NVME0)).toEqual([FAR_NVME]);
  });

  test("are none where no workload joins the roles, and the explanation says so", () => {
    const { mechanisms, no_workload, directions } = explained(oneSwitch(), GPU0, GPU1, {
      forms,
      workloads: [storageToGpu],
    });
    expect(mechanisms).toEqual([]);
    expect(no_workload).toBe("no workload joins gpu and gpu; workloads join nvme and gpu");
    expect(directions[0].verdict?.map_type).toBe("BUS_ADDR");
  });
});
