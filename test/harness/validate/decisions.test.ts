import { describe, expect, it } from "vitest";
import { decisionsOn } from "../../../harness/validate/decisions.ts";
import type { Decision, ValidationRow } from "../../../record/validation.ts";
import { row } from "./cases.ts";

const judge = (one: Partial<ValidationRow>, other: Partial<ValidationRow>): Decision => {
  const rows = [row({ id: "A", ...one }), row({ id: "B", ...other })];
  const [decision] = decisionsOn([{ question: "A or B", between: ["A", "B"] }], rows);
  if (decision === undefined) throw new Error("nothing was decided");
  return decision;
};

describe("A decision", () => {
  it("is right where the predicted winner is the measured one, however large its lead", () => {
    expect(judge({ measured: 200, predicted: 120 }, { measured: 100, predicted: 100 })).toMatchObject({
      verdict: "right",
      measured_winner: "A",
      measured_factor: 2,
      predicted_factor: 1.2,
    });
  });

  it("takes the shorter of two times", () => {
    const unit = "ns";
    expect(judge({ unit, measured: 100, predicted: 50 }, { unit, measured: 200, predicted: 90 }).measured_winner).toBe(
      "A",
    );
  });

  it("is undecided where the model sees no lead, missed where that lead is large, wrong where it sees the other one ahead", () => {
    const measured = [{ measured: 200 }, { measured: 100 }] as const;
    const verdict = (a: number, b: number) =>
      judge({ ...measured[0], predicted: a }, { ...measured[1], predicted: b }).verdict;
    expect(verdict(101, 100)).toBe("missed");
    expect(judge({ measured: 110, predicted: 101 }, { measured: 100, predicted: 100 }).verdict).toBe("undecided");
    expect(verdict(100, 110)).toBe("wrong");
    expect(verdict(100, 150)).toBe("confidently wrong");
  });

  it("is right to see no lead where there is none, and wrong to see a large one", () => {
    expect(judge({ measured: 100, predicted: 99 }, { measured: 102, predicted: 100 }).verdict).toBe("right");
    expect(judge({ measured: 100, predicted: 99 }, { measured: 102, predicted: 200 }).verdict).toBe(
      "confidently wrong",
    );
  });

  it("is made without the rows' own sources, and says where that could not be", () => {
    const held = { measured: 200, predicted: 200, held_out: 90, standing: "held out" } as const;
    expect(judge(held, { measured: 100, predicted: 100 })).toMatchObject({ verdict: "wrong", shared: false });
    expect(judge({}, { standing: "shared" }).shared).toBe(true);
  });

  it("is none where one of the two cannot be expressed, or is not among the rows", () => {
    expect(judge({ predicted: null }, {}).verdict).toBe("cannot be expressed");
    expect(decisionsOn([{ question: "A or B", between: ["A", "B"] }], [row({ id: "A" })])).toEqual([]);
  });
});
