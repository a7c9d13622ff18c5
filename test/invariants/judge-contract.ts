import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INVARIANTS } from "../../invariants/index.ts";
import type { Invariant } from "../../invariants/invariant.ts";
import type { Event } from "../../record/event.ts";
import { again, judge, lawfulHistory, lawfulPeriod, stateAfter } from "./histories.ts";

const RUNS = { seed: 20161121, numRuns: 200 };

export interface Expectations {
  /** Events that break the invariant wherever in a lawful history they are planted, by what they tell. */
  readonly breaches: Readonly<Record<string, readonly Event[]>>;
  /** Judges that rightly take offence as well. */
  readonly also?: Readonly<Record<string, readonly string[]>>;
  /** Events that leave something open, which a leap must not skip over. */
  readonly open: Readonly<Record<string, readonly Event[]>>;
}

/** What every judge must do: find no fault where there is none, every planted one, and write a state that a leap may trust. */
export function describeJudge(invariant: Invariant, { breaches, also = {}, open }: Expectations): void {
  describe(invariant.name, () => {
    test("states in one sentence what must hold", () => {
      expect(invariant.contract).toBe(1);
      expect(invariant.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(invariant.statement).toMatch(/^[A-Z][^.]+\.$/);
    });

    test("knows nothing of a history in which nothing happened", () => {
      expect(judge(invariant, [])).toMatchObject({ verdict: "unknown", because: expect.stringMatching(/./) });
    });

    test("never finds fault with a lawful history", () => {
      fc.assert(
        fc.property(lawfulHistory, (history) => {
          const { verdict, because } = judge(invariant, history);
          expect(verdict).not.toBe("broken");
          expect(because).not.toBe("");
        }),
        RUNS,
      );
    });

    test.each(Object.entries(breaches))("always finds fault where %s, and no other judge does", (title, breach) => {
      fc.assert(
        fc.property(lawfulHistory, fc.nat(), (history, place) => {
          const where = place % history.length;
          const broken = [...history.slice(0, where), ...breach, ...history.slice(where)];
          expect(judge(invariant, broken).verdict).toBe("broken");
          const offended = INVARIANTS.filter((each) => judge(each, broken).verdict === "broken");
          expect(offended.map(({ name }) => name).sort()).toEqual([invariant.name, ...(also[title] ?? [])].sort());
        }),
        RUNS,
      );
    });

    test("is in the same state after every whole period of a periodic history", () => {
      fc.assert(
        fc.property(lawfulPeriod, fc.integer({ min: 2, max: 5 }), (period, times) => {
          const repeated = Array.from({ length: times }, (_, n) => again(period, n)).flat();
          expect(stateAfter(invariant, repeated)).toEqual(stateAfter(invariant, period));
        }),
        RUNS,
      );
    });

    test.each(Object.entries(open))("is in another state where %s", (_title, events) => {
      fc.assert(
        fc.property(lawfulPeriod, (period) => {
          const settled = [...period, ...again(period, 1)];
          expect(stateAfter(invariant, [...settled, ...events])).not.toEqual(stateAfter(invariant, settled));
        }),
        RUNS,
      );
    });
  });
}
