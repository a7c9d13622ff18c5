import type { Change, Form } from "../../proposals/proposal.ts";
import type { Workload } from "../../workloads/workload.ts";

/** What a page says of a run beside its results: what the registry knows of those who took part, and how to run it again. */
export interface Facts {
  readonly version: string;
  /** What to type, word by word, quoted for a shell. */
  readonly command: string;
  readonly seed: number;
  readonly reps: number;
  readonly machines: readonly string[];
  readonly proposals: readonly ProposalFacts[];
  readonly workloads: readonly WorkloadFacts[];
  /** Constants of the model that are nobody's measurement. */
  readonly assumed: readonly AssumedConstant[];
  /** What was told when the run began: who takes part, what was assumed of the machine. */
  readonly notes: readonly string[];
  /** SHA-256 of the tables, by their name in the run's folder. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** A proposal that took part, with all its forms. */
export interface ProposalFacts {
  readonly name: string;
  readonly title: string;
  readonly forms: Readonly<Record<string, FormFacts>>;
}

/** `changes` is absent where nobody told what a form changes. */
export interface FormFacts extends Pick<Form, "provenance" | "sources"> {
  readonly changes?: readonly Change[] | undefined;
}

export type WorkloadFacts = Pick<Workload, "name" | "title" | "story">;

export interface AssumedConstant {
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly typical: number;
  readonly high: number;
  readonly what: string;
}
