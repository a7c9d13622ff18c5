import { describe, expect, it } from "vitest";
import { scoresOf, sweepsOf } from "../../../harness/validate/score.ts";
import { row } from "./cases.ts";

const ALL = [{ name: "all", ids: undefined }];

describe("The score of a class", () => {
  it("is the median and the worst of absolute errors", () => {
    const rows = [0.01, -0.05, 0.2].map((error, place) => row({ id: `R${place}`, error }));
    const [score] = scoresOf(rows, ALL);
    expect(score).toMatchObject({ class: "link", rows: 3, scored: 3, median: 0.05, worst: 0.2, worst_id: "R2" });
  });

  it("leaves out fitted and shared rows, and shows what that changes", () => {
    const rows = [
      row({ id: "R0", error: 0.1 }),
      row({ id: "R1", error: 0, standing: "fitted" }),
      row({ id: "R2", error: 0, standing: "shared" }),
    ];
    expect(scoresOf(rows, ALL)[0]).toMatchObject({ rows: 3, scored: 1, median: 0.1, median_as_calibrated: 0 });
  });

  it("takes the held-out error of a row that has one", () => {
    const held = row({ error: 0.01, held_out: 80, held_out_error: -0.2, standing: "held out" });
    expect(scoresOf([held], ALL)[0]).toMatchObject({ scored: 1, median: 0.2, median_as_calibrated: 0.01 });
  });

  it("counts what cannot be expressed, and gives no error for it", () => {
    const rows = [row({ predicted: null, error: null, inexpressible: "no such thing" })];
    expect(scoresOf(rows, ALL)[0]).toMatchObject({ rows: 1, scored: 0, inexpressible: 1, median: null, worst: null });
  });

  it("has the napkin models beside it, on the counted rows that they say something about", () => {
    const rows = [
      row({ napkin_link_error: 0.3 }),
      row({ id: "B", napkin_link_error: -0.1 }),
      row({ id: "C", napkin_link_error: 9, standing: "fitted" }),
      row({ id: "D" }),
    ];
    expect(scoresOf(rows, ALL)[0]?.napkin_link).toEqual({ rows: 2, median: 0.2, worst: 0.3 });
  });

  it("is given for every set, of the rows that it names", () => {
    const rows = [row({ id: "A" }), row({ id: "B", class: "pin" })];
    const scores = scoresOf(rows, [{ name: "one", ids: ["B"] }, ...ALL]);
    expect(scores.map(({ set, class: name }) => [set, name])).toEqual([
      ["one", "pin"],
      ["all", "link"],
      ["all", "pin"],
    ]);
  });
});

describe("The score of a sweep", () => {
  it("is the mean over a host's rows", () => {
    const rows = [row({ id: "A", error: 0.1, napkin_pcie_model_error: -0.4 }), row({ id: "B", error: -0.3 })];
    const [score] = sweepsOf(rows, [{ host: "here", ids: ["A", "B"] }]);
    expect(score).toMatchObject({ host: "here", rows: 2, mean: 0.2, napkin_pcie_model: 0.4, napkin_link: null });
  });
});
