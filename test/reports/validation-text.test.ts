import { describe, expect, it } from "vitest";
import type { ValidationReport } from "../../record/validation.ts";
import { quantity } from "../../reports/quantity.ts";
import { validationText } from "../../reports/validation-text.ts";
import { row } from "../harness/validate/cases.ts";

const REPORT: ValidationReport = {
  rows: [
    row({ id: "NEAR", measured: 56e9, predicted: 57e9, error: 0.0179, napkin_link_error: 0.3 }),
    row({
      id: "PIN",
      class: "pin",
      unit: "ns",
      measured: 1e6,
      predicted: 2e6,
      error: 1,
      standing: "shared",
      shared_constants: ["cpu.gup_page"],
    }),
    row({
      id: "HELD",
      standing: "held out",
      held_out: 1,
      held_out_error: -0.25,
      shared_constants: ["rc.forward_latency"],
    }),
    row({ id: "NONE", predicted: null, error: null, inexpressible: "there is no such thing" }),
  ],
  platforms: [{ name: "here", title: "a machine", rows: 1, free_parameters: 2, parameters: [], fitted: true }],
  scores: [],
  sweeps: [{ host: "snb", rows: 17, mean: 0.081, napkin_link: 0.5, napkin_pcie_model: null }],
  unexpressed: [{ id: "NTB-1", what: "a push to another host", reason: "a bridge between hosts", source: "somebody" }],
  decisions: [
    {
      question: "this or that",
      between: ["A", "B"],
      measured_winner: "A",
      measured_factor: 2.3,
      predicted_winner: "level",
      predicted_factor: 1,
      verdict: "undecided",
      shared: false,
    },
  ],
};

describe("The text of a validation", () => {
  const text = validationText(REPORT);

  it("has a line for each row, by class, with both napkin errors", () => {
    expect(text).toMatch(/-- link\nNEAR +bandwidth +56\.0 GB\/s +57\.0 GB\/s +\+1\.8 % +\+30 % +- +independent/);
    expect(text).toMatch(/-- pin\nPIN /);
    expect(text).toContain("held out: -25 %");
  });

  it("has what cannot be expressed with its reason, and what is shared with its constants", () => {
    expect(text).toContain("  NONE: there is no such thing");
    expect(text).toContain("  shared: cpu.gup_page: 1 row");
  });

  it("has what was published and is no case, with its reason", () => {
    expect(text).toMatch(
      /Published and no case \(1\):\n {2}NTB-1 +a push to another host +a bridge between hosts \(somebody\)/,
    );
  });

  it("has free parameters beside rows, sweeps and decisions", () => {
    expect(text).toMatch(/here +2 free +1 row +fitted: not scored +a machine/);
    expect(text).toMatch(/snb +17 +8\.1 % +50 % +-/);
    expect(text).toMatch(/0 of 1 right \(0 of them that neither leads\), 1 undecided, .* 0 confidently wrong/);
    expect(text).toMatch(/undecided +this or that +A by 2\.30 +level/);
  });
});

describe("A quantity", () => {
  it.each([
    [56.26e9, "By/s", "56.3 GB/s"],
    [1.2e8, "By/s", "120 MB/s"],
    [633, "ns", "633 ns"],
    [10_900, "ns", "10.9 us"],
    [8_480_335, "ns", "8.48 ms"],
    [5_010_000, "1/s", "5.01 M/s"],
    [570_000, "1/s", "570 k/s"],
    [0, "1", "no"],
  ])("%d %s reads %s", (value, unit, expected) => {
    expect(quantity(value, unit)).toBe(expected);
  });
});
