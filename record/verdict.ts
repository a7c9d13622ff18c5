/** What a judge says of one invariant over one cell. Unknown is a verdict: nothing happened that could have broken it. */
export interface Verdict {
  readonly invariant: string;
  readonly verdict: "holds" | "broken" | "unknown";
  readonly because: string;
}
