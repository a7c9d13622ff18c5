import { groupBy, sortedBy } from "./order.ts";
import { type Look, looksOf, rankOf } from "./palette.ts";

/** A line of a chart, or a row of bars: one proposal in one form, and how it looks. */
export interface Series extends Look {
  readonly name: string;
}

interface Member {
  readonly series: string;
  readonly proposal: string;
  readonly form: string;
}

/** The series of some points in the order of the house, each with its fixed colour. */
export function seriesIn(members: readonly Member[]): readonly Series[] {
  const firsts = [...groupBy(members, ({ series }) => series).values()].map((group) => (group as [Member])[0]);
  const drawn = sortedBy(firsts, (member) => [...rankOf(member), member.series]);
  const looks = looksOf(drawn);
  return drawn.map(({ series }, index) => ({ name: series, ...(looks[index] as Look) }));
}
