import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tableText } from "../../reports/table.ts";
import { bytes } from "../../sim/units.ts";
import { shuffledWith, someResults } from "./arbitrary.ts";
import { fullHouse, house } from "./house.ts";
import { measure, result } from "./results.ts";

describe("the table for a terminal", () => {
  it("is, for a refusal and a success, this text", () => {
    const done = result(
      { proposal: "map-peer-resource" },
      {
        measures: [
          measure("throughput", 3.2e9, { stat: "mean" }),
          measure("latency", 12345, { stat: "p50" }),
          measure("cpu_time_per_byte", 0.25, { stat: "mean" }),
          measure("root_complex_payload_bytes", 0),
          measure("dram_read_per_byte", 0, { stat: "mean" }),
          measure("dram_write_per_byte", 0.002, { stat: "mean" }),
        ],
      },
    );
    const refused = result(
      {},
      { status: "refused", reason: "EREMOTEIO: no common switch; move both below one", measures: [] },
    );
    expect(tableText([refused, done])).toBe(`\
                                                                                  p50     CPU   root     DRAM
proposal/form                workload        machine      size  status     GB/s    us  ns/KiB  By/By    By/By  basis
map-peer-resource/as-posted  storage-to-gpu  one-switch  64KiB  completed  3.20  12.3     256      0  0.00200  assumed
zone-device/as-posted        storage-to-gpu  one-switch  64KiB  refused       -     -       -      -        -  -

root: payload through root ports, DRAM: read and written, both per byte of payload; basis: of the throughput.
All cells: IOMMU off, ACS as-found, Linux 4.9, queue depth 32, reuse 1, 64 MiB in all, nvme0 \u2192 gpu0.
refused: zone-device/as-posted (1 of 2): EREMOTEIO: no common switch; move both below one
`);
  });

  it("fits 120 columns for the whole house", () => {
    for (const line of tableText(fullHouse()).split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });

  it("has one line per cell, and medians where a cell was run several times", () => {
    const reps = [1, 2, 9].map((rep) =>
      result({ rep }, { measures: [measure("throughput", rep * 1e9, { stat: "mean" })] }),
    );
    const lines = tableText(reps).split("\n");
    expect(lines.filter((line) => line.includes("zone-device"))).toHaveLength(1);
    expect(lines[2]).toMatch(/64KiB +3 +completed +2 /);
    expect(lines).toContain("Numbers are medians of 3 runs; results.csv has each of them, the charts their range.");
  });

  it("warns of runs too short to say what lasts", () => {
    const [short, long] = [319, 320].map((requests) =>
      tableText([result({ queueDepth: 32, requestBytes: bytes(65536), totalBytes: bytes(requests * 65536) })]),
    );
    expect(short).toContain("Short runs (64KiB): fewer than 10 requests for each place of the queue");
    expect(long).not.toContain("Short runs");
  });

  it("has no line for what does not apply, only the reason", () => {
    const none = result({}, { status: "inapplicable", reason: "one-switch has no nic", measures: [] });
    const text = tableText([none, result({ workload: "gpu-to-gpu" })]);
    expect(text.split("\n").filter((line) => line.includes("storage-to-gpu"))).toEqual([]);
    expect(text).toContain("one-switch has no nic");
    expect(tableText([none])).toContain("No cell applies.");
  });

  it("shows a setting that varies in a column of its own", () => {
    const text = tableText([result({ iommu: "off" }), result({ iommu: "strict" })]);
    expect(text).toMatch(/machine +iommu +size/);
    expect(text).not.toContain("IOMMU off");
  });

  it("prints no number of a transfer that failed", () => {
    expect(tableText([result({}, { status: "failed", reason: "EIO" })])).toMatch(/failed +- /);
  });

  it("says why, worst first", () => {
    const notes = tableText(house())
      .split("\n")
      .filter((line) => /^(corrupt|refused|staged):/.test(line));
    expect(notes.map((line) => line.slice(0, 7))).toEqual(["corrupt", "refused", "staged:"]);
  });

  it("is one line for no cells", () => {
    expect(tableText([])).toBe("No cells.\n");
  });

  it("is the same in whatever order the results come, and never lets control characters through", () => {
    const pair = someResults.chain((results) => fc.tuple(fc.constant(results), shuffledWith(results)));
    fc.assert(
      fc.property(pair, ([results, shuffled]) => {
        const text = tableText(results);
        expect(tableText(shuffled)).toBe(text);
        expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
