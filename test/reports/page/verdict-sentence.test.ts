import { describe, expect, it } from "vitest";
import type { Cell } from "../../../record/cell.ts";
import type { Result } from "../../../record/result.ts";
import { basisSentence } from "../../../reports/page/basis-sentence.ts";
import { boutsOf } from "../../../reports/page/bout.ts";
import { harmSentence } from "../../../reports/page/harm-sentence.ts";
import { verdictSentence } from "../../../reports/page/verdict-sentence.ts";
import { bytes } from "../../../sim/units.ts";
import { measure, result } from "../results.ts";

const CONTROL = { proposal: "staging", form: "pipelined", provenance: "control" } as const;

/** A cell that moved its data at a rate, for so much CPU time per byte. */
const ran = (cell: Partial<Cell>, rate: number, cpu = 1): Result =>
  result(cell, {
    status: cell.proposal === "staging" ? "staged" : "completed",
    measures: [measure("throughput", rate, { stat: "mean" }), measure("cpu_time_per_byte", cpu, { stat: "mean" })],
  });
const sentence = (...results: readonly Result[]): string => verdictSentence(boutsOf(results));

describe("the first sentence", () => {
  it("names who wins, where, and by how much of throughput and CPU time", () => {
    expect(sentence(ran(CONTROL, 2e9), ran({}, 3e9, 0.5))).toBe(
      "Against staging/pipelined on one-switch: for storage-to-gpu zone-device/as-posted (posted) wins at 64\u00a0KiB (1.50\u00d7 the throughput, 0.500\u00d7 the CPU time).",
    );
  });

  it("is another one when the results are", () => {
    const told = [3e9, 2.01e9, 1e9].map((rate) => sentence(ran(CONTROL, 2e9), ran({}, rate)));
    expect(told[0]).toContain("wins");
    expect(told[1]).toContain("is level with it");
    expect(told[2]).toContain("falls behind it");
  });

  it("counts no win over staging/naive, and none without staging/pipelined", () => {
    expect(sentence(ran({ ...CONTROL, form: "naive" }, 1e9), ran({}, 3e9))).toMatch(/^Undecided: staging\/pipelined/);
    expect(sentence(ran(CONTROL, 2e9), ran({ ...CONTROL, form: "naive" }, 3e9))).toContain("no rival has numbers");
  });

  it("counts no win of who lost data", () => {
    const corrupt = result({}, { ...ran({}, 9e9).outcome, status: "corrupt" });
    expect(sentence(ran(CONTROL, 2e9), corrupt)).toContain("no rival has numbers");
  });

  it("calls a win one only where it lies outside of what the repetitions say", () => {
    const runs = (...factors: readonly number[]): readonly Result[] =>
      factors.flatMap((factor, rep) => [ran({ ...CONTROL, rep }, 2e9), ran({ rep }, 2e9 * factor)]);
    expect(sentence(...runs(1.3, 1.2, 0.99))).toContain("is level with it");
    expect(sentence(...runs(1.3, 1.2, 1.1))).toContain("wins");
    expect(sentence(...runs(1.011, 1.012, 1.013))).toContain("is level with it");
  });

  it("says of winners that cannot be told apart that they are level", () => {
    const rival = (proposal: string, rate: number) => ran({ proposal, provenance: "posted" }, rate);
    const told = sentence(ran(CONTROL, 2e9), rival("zone-device", 3e9), rival("iopmem", 3.02e9), rival("hmm", 2.5e9));
    expect(told).toContain("zone-device/as-posted (posted) and iopmem/as-posted (posted) win, level with each other,");
    expect(told).not.toContain("hmm");
  });

  it("says with which setting a winner wins where it does not with all", () => {
    const both = (["off", "strict"] as const).flatMap((iommu) => [
      ran({ ...CONTROL, iommu }, 2e9),
      ran({ iommu }, iommu === "off" ? 3e9 : 1e9),
    ]);
    expect(sentence(...both)).toMatch(/wins at 64.KiB with IOMMU off .* falls behind it at 64.KiB with IOMMU strict/);
  });

  it("says of a winner what it breaks", () => {
    const broken = { invariant: "no-dma-after-unmap", verdict: "broken", because: "late" } as const;
    const winner = result({}, { ...ran({}, 3e9).outcome, verdicts: [broken] });
    expect(sentence(ran(CONTROL, 2e9), winner)).toContain(", breaking no-dma-after-unmap.");
  });

  it("counts where there are too many use cases and machines to name", () => {
    const many = Array.from({ length: 12 }, (_, index) => `machine-${index}`).flatMap((machine, index) => [
      ran({ ...CONTROL, machine }, 2e9),
      ran({ machine }, index < 5 ? 3e9 : 1e9),
    ]);
    expect(sentence(...many)).toContain("zone-device/as-posted (posted) wins in 5 of 12 comparisons (1.50\u00d7");
    expect(sentence(...many)).toContain("it stays ahead in 7");
  });

  it("names machines together on which a use case came out alike", () => {
    const two = ["a", "b"].flatMap((machine) => [ran({ ...CONTROL, machine }, 2e9), ran({ machine }, 3e9)]);
    expect(sentence(...two)).toContain("on a and b: for storage-to-gpu on a and b zone-device/as-posted (posted) wins");
  });

  it("keeps apart where a winner takes less CPU time and where it takes more", () => {
    const sized = [4096, 65536].flatMap((size) => [
      ran({ ...CONTROL, requestBytes: bytes(size) }, 2e9),
      ran({ requestBytes: bytes(size) }, 3e9, size === 4096 ? 0.5 : 2),
    ]);
    expect(sentence(...sized)).toMatch(/0\.500\u00d7 the CPU time\) and wins at 64.KiB .*2\u00d7 the CPU time/);
  });

  it("keeps sizes apart that came out differently", () => {
    const sized = [4096, 65536].flatMap((size) => [
      ran({ ...CONTROL, requestBytes: bytes(size) }, 2e9),
      ran({ requestBytes: bytes(size) }, size === 4096 ? 3e9 : 2e9),
    ]);
    expect(sentence(...sized)).toMatch(/wins at 4.KiB .* and is level with it in throughput at 64.KiB/);
  });
});

describe("the second sentence", () => {
  it("tells what is refused, by whom, and in how many cells", () => {
    const reason = "EREMOTEIO from p2pdma for nvme0: no way; move it";
    expect(harmSentence([result({}, { status: "refused", reason }), result({ requestBytes: bytes(4096) })])).toBe(
      "What breaks or is refused: zone-device/as-posted (posted) is refused in 1 (EREMOTEIO from p2pdma) of 2 cells.",
    );
  });

  it("says how much was looked at where nothing was found", () => {
    expect(harmSentence([ran(CONTROL, 1), result()])).toContain("nothing in 1 cell (");
  });
});

describe("the third sentence", () => {
  const third = (...results: readonly Result[]): string => basisSentence(results, boutsOf(results));

  it("says that a ranking mixes what was posted with what was reconstructed", () => {
    const told = third(ran(CONTROL, 2e9), ran({}, 3e9), ran({ proposal: "hmm", provenance: "reconstructed" }, 3e9));
    expect(told).toContain("the ranking mixes rivals that are posted (1) and reconstructed (1)");
    expect(third(ran(CONTROL, 2e9), ran({}, 3e9))).toContain("every rival is posted");
  });

  it("counts what is undecided", () => {
    expect(third(ran(CONTROL, 2e9), ran({}, 2e9))).toContain("undecided: 1 comparison that is level in throughput");
    expect(third(ran(CONTROL, 2e9), ran({}, 2e9))).toContain("for each cell ran once");
  });
});
