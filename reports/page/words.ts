import { numeral } from "../numeral.ts";

/** Names as a sentence has them: "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A list that is no longer than a reader follows; what is left out is counted. */
export function shortList(words: readonly string[], most: number): string {
  return words.length <= most ? listed(words) : `${words.slice(0, most).join(", ")} and ${words.length - most} more`;
}

/** "1 cell", "2 cells". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** A range of factors: "1.72\u00d7", or "0.58 to 0.82\u00d7" where the ends read differently. */
export function times(low: number, high: number): string {
  const [from, to] = [numeral(low), numeral(high)];
  return from === to ? `${from}\u00d7` : `${from} to ${to}\u00d7`;
}
