import { describe, expect, test } from "vitest";
import { run, type Words, type WorkloadName } from "./cells.ts";

/** What the throughput of a cell rests on. */
const basisOf = (words: Words) => run(words).measures.find(({ metric }) => metric === "throughput")?.basis;

const FRAME = 1920 * 1080 * 2;

describe("What a number rests on", () => {
  test.each<[WorkloadName, string, RegExp]>([
    ["storage-to-gpu", "zone-device/as-posted", /^GDS-001: storage read, same-switch, /],
    ["gpu-to-storage", "zone-device/as-posted", /^SMARTSSD-012: storage write, same-switch, /],
    ["gpu-to-gpu", "zone-device/as-posted", /^RTX6K-001: write, same-switch, /],
    ["gpu-to-gpu-pull", "zone-device/as-posted", /^IOPMEM-002: read, same-host-bridge, /],
    ["gpu-to-gpu", "staging/pipelined", /^TARTAN-025: copy, through-memory, /],
    ["nic-to-gpu", "zone-device/as-posted", /^RTX6K-001: write, same-switch, /],
  ])("is for %s by %s the nearest that was measured of its kind", (workload, form, words) => {
    expect(basisOf({ workload, form })).toMatchObject({ basis: "extrapolated", nearest: expect.stringMatching(words) });
  });

  test.each<WorkloadName>(["capture-to-gpu", "capture-to-storage"])(
    "is nothing for %s: nobody has published any",
    (workload) => {
      expect(basisOf({ workload, size: FRAME, total: 4 * FRAME })).toMatchObject({ basis: "assumed", nearest: "none" });
    },
  );
});
