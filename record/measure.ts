/** What a number rests on. `checked`: a published measurement of this path is at hand; `extrapolated`: of a neighbouring path; `assumed`: of none. */
export interface Basis {
  readonly basis: "checked" | "extrapolated" | "assumed";
  /** The nearest published measurement, in the project's words with its source, or "none". */
  readonly nearest: string;
  /** The weakest kind of source among the constants that the number rests on. */
  readonly sourceKind: string;
}

/** One number of one cell. Units are base units only. */
export interface Measure {
  readonly metric: string;
  /** A link, an operation, or "" for the cell as a whole. */
  readonly subject: string;
  readonly stat: string;
  readonly value: number;
  readonly n: number;
  readonly basis: Basis;
}
