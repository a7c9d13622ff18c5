import { CASE_CLASSES } from "../../calibration/cases/classes.ts";
import type { NapkinScore, Score, SweepScore, ValidationRow } from "../../record/validation.ts";
import { medianOf } from "./median.ts";

/** Some of the rows, that are scored together. */
export interface RowSet {
  readonly name: string;
  /** Undefined: all of them. */
  readonly ids: readonly string[] | undefined;
}

/** A row counts unless something that decides it was fitted to it. */
const counts = ({ standing, predicted }: ValidationRow): boolean =>
  predicted !== null && (standing === "independent" || standing === "held out");

/** What a counted row is off by: held out where that could be done. */
const scoredError = (row: ValidationRow): number | null => row.held_out_error ?? row.error;

/** By set, then by class. */
export function scoresOf(rows: readonly ValidationRow[], sets: readonly RowSet[]): readonly Score[] {
  return sets.flatMap(({ name, ids }) => {
    const among = rows.filter(({ id }) => ids === undefined || ids.includes(id));
    return CASE_CLASSES.flatMap((each) => {
      const ofClass = among.filter((row) => row.class === each);
      return ofClass.length === 0 ? [] : [scoreOf(name, each, ofClass)];
    });
  });
}

function scoreOf(set: string, name: string, rows: readonly ValidationRow[]): Score {
  const counted = rows.filter(counts);
  const worst = [...counted].sort((one, other) => size(scoredError(other)) - size(scoredError(one)))[0];
  return {
    set,
    class: name,
    rows: rows.length,
    scored: counted.length,
    inexpressible: rows.filter(({ inexpressible }) => inexpressible !== null).length,
    median: middle(counted.map(scoredError)),
    worst: worst ? size(scoredError(worst)) : null,
    worst_id: worst?.id ?? null,
    median_scored_as_calibrated: middle(counted.map(({ error }) => error)),
    median_as_calibrated: middle(rows.map(({ error }) => error)),
    napkin_link: napkin(counted.map((row) => row.napkin_link_error)),
    napkin_pcie_model: napkin(counted.map((row) => row.napkin_pcie_model_error)),
  };
}

function napkin(errors: readonly (number | null)[]): NapkinScore {
  const sizes = known(errors);
  return { rows: sizes.length, median: middle(errors), worst: sizes.length === 0 ? null : Math.max(...sizes) };
}

/** Means over each host's sizes, as the goal is stated. */
export function sweepsOf(
  rows: readonly ValidationRow[],
  hosts: readonly { readonly host: string; readonly ids: readonly string[] }[],
): readonly SweepScore[] {
  return hosts.flatMap(({ host, ids }) => {
    const ofHost = rows.filter(({ id }) => ids.includes(id));
    return ofHost.length === 0
      ? []
      : [
          {
            host,
            rows: ofHost.length,
            mean: mean(ofHost.map(scoredError)),
            napkin_link: mean(ofHost.map((row) => row.napkin_link_error)),
            napkin_pcie_model: mean(ofHost.map((row) => row.napkin_pcie_model_error)),
          },
        ];
  });
}

const size = (error: number | null): number => Math.abs(error ?? 0);
const known = (errors: readonly (number | null)[]): readonly number[] =>
  errors.flatMap((error) => (error === null ? [] : [Math.abs(error)]));

function middle(errors: readonly (number | null)[]): number | null {
  const sizes = known(errors);
  return sizes.length === 0 ? null : medianOf(sizes);
}

function mean(errors: readonly (number | null)[]): number | null {
  const sizes = known(errors);
  return sizes.length === 0 ? null : sizes.reduce((sum, one) => sum + one, 0) / sizes.length;
}
