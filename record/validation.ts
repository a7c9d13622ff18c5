/** What `p2peval validate` finds, as data: the text and the JSON are made of it. */

/** A prediction, or why there is none. */
export type Prediction =
  | { readonly value: number; readonly leftOut: readonly string[] }
  | { readonly inexpressible: string };

/**
 * `independent`: nothing that decides it was fitted to it. `held out`: constants from its source were fitted anew without it. `shared`: a
 * constant that decides it rests on its source and on nothing else. `fitted`: its platform has as many free parameters as rows.
 */
export type Standing = "independent" | "held out" | "shared" | "fitted";

export interface ValidationRow {
  readonly id: string;
  readonly class: string;
  readonly what: string;
  readonly metric: string;
  readonly unit: string;
  readonly measured: number;
  readonly measured_low: number | null;
  readonly measured_high: number | null;
  /** With every constant as calibrated; null where the model cannot express the case. */
  readonly predicted: number | null;
  /** Predicted over measured, less 1; of `success` 0 or 1. */
  readonly error: number | null;
  readonly standing: Standing;
  /** With the constants fitted anew without this row's source; null where they are not. */
  readonly held_out: number | null;
  readonly held_out_error: number | null;
  /** Constants that decide the row and rest on its source. */
  readonly shared_constants: readonly string[];
  /** Free parameters of its platform that decide it; asked only where the platform has as many of them as rows. */
  readonly deciding_parameters: readonly string[];
  /** What the case says and the model does not tell apart. */
  readonly left_out: readonly string[];
  readonly inexpressible: string | null;
  readonly napkin_link: number | null;
  readonly napkin_link_error: number | null;
  readonly napkin_pcie_model: number | null;
  readonly napkin_pcie_model_error: number | null;
  readonly platform: string;
  readonly parameters: readonly ValidationParameter[];
  /** The publication, in a few words; `source` adds the place in it. */
  readonly origin: string;
  readonly source: string;
  readonly year: number;
  readonly note: string | null;
}

export interface ValidationParameter {
  readonly constant: string;
  readonly value: number;
  readonly kind: string;
  readonly source: string;
  readonly fitted_from: readonly string[];
}

export interface PlatformSummary {
  readonly name: string;
  readonly title: string;
  readonly rows: number;
  /** Parameters that no data sheet or specification gives, and that decide one of the rows as far as that was asked. */
  readonly free_parameters: number;
  readonly parameters: readonly ValidationParameter[];
  readonly fitted: boolean;
}

/** Absolute relative errors: of our rows that count, and of the two napkin models on those of them that they say something about. */
export interface Score {
  readonly set: string;
  readonly class: string;
  readonly rows: number;
  readonly scored: number;
  readonly inexpressible: number;
  readonly median: number | null;
  readonly worst: number | null;
  readonly worst_id: string | null;
  /** Of the scored rows, with constants as calibrated: what leaving their sources out changes. */
  readonly median_scored_as_calibrated: number | null;
  /** With constants as calibrated, shared and fitted rows too: what the headline leaves out. */
  readonly median_as_calibrated: number | null;
  readonly napkin_link: NapkinScore;
  readonly napkin_pcie_model: NapkinScore;
}

export interface NapkinScore {
  readonly rows: number;
  readonly median: number | null;
  readonly worst: number | null;
}

/** Mean absolute relative error over a host's sizes. */
export interface SweepScore {
  readonly host: string;
  readonly rows: number;
  readonly mean: number | null;
  readonly napkin_link: number | null;
  readonly napkin_pcie_model: number | null;
}

/** `undecided`: no lead where a small one was measured; `missed`: none where a large one was. */
export type DecisionVerdict = "right" | "undecided" | "missed" | "wrong" | "confidently wrong" | "cannot be expressed";

export interface Decision {
  readonly question: string;
  readonly between: readonly [string, string];
  /** Id of the winner, "level" where neither leads by enough. */
  readonly measured_winner: string;
  readonly measured_factor: number;
  readonly predicted_winner: string | null;
  readonly predicted_factor: number | null;
  readonly verdict: DecisionVerdict;
  /** Constants that decide one of its rows rest on that row's source and on nothing else, so being right shows less. */
  readonly shared: boolean;
}

/** A published measurement that is no case. */
export interface UnexpressedRow {
  readonly id: string;
  readonly what: string;
  readonly reason: string;
  readonly source: string;
}

export interface ValidationReport {
  readonly rows: readonly ValidationRow[];
  readonly platforms: readonly PlatformSummary[];
  readonly scores: readonly Score[];
  readonly sweeps: readonly SweepScore[];
  readonly decisions: readonly Decision[];
  readonly unexpressed: readonly UnexpressedRow[];
}
