import type { Case, CasePlatform } from "../../calibration/cases/case.ts";
import type { Contrast } from "../../calibration/cases/contrasts.ts";
import type { Unexpressed } from "../../calibration/cases/unexpressed.ts";
import type { Parameters } from "../../calibration/parameters.ts";
import type {
  PlatformSummary,
  Prediction,
  Standing,
  ValidationReport,
  ValidationRow,
} from "../../record/validation.ts";
import { decisionsOn } from "./decisions.ts";
import { ninetyPercent, pcieModel } from "./napkin.ts";
import { predict } from "./predict.ts";
import type { Kit } from "./prediction.ts";
import { type RowSet, scoresOf, sweepsOf } from "./score.ts";
import { decidingOf, parametersOf, type Sharing, sharingOf } from "./sharing.ts";

/** What is held against the model. */
export interface Collection {
  readonly cases: readonly Case[];
  readonly platforms: Readonly<Record<string, CasePlatform>>;
  readonly contrasts: readonly Contrast[];
  readonly sets: readonly RowSet[];
  readonly sweeps: readonly { readonly host: string; readonly ids: readonly string[] }[];
  readonly unexpressed?: readonly Unexpressed[];
}

/** All that one row needs to know: plain data, which a thread can be handed. */
export interface RowWork {
  readonly subject: Case;
  readonly platform: CasePlatform;
  /** Its platform's free parameters, where there are as many of them as rows: which of them decide anything is to be found out. */
  readonly suspects: readonly string[];
}

/** The rows of a collection that are still to be made, in its order; each can be made by itself. */
export function workOf(collection: Collection): readonly RowWork[] {
  const suspects = new Map(
    summariesOf(collection).map(({ name, fitted, parameters }) => [name, fitted ? freeOf(parameters, collection) : []]),
  );
  return collection.cases.map((subject) => ({
    subject,
    platform: platformOf(subject, collection),
    suspects: (suspects.get(subject.platform) ?? []).map(({ constant }) => constant),
  }));
}

/** Everything that the rows of a collection say together. */
export function reportOn(collection: Collection, made: readonly ValidationRow[]): ValidationReport {
  const platforms = summariesOf(collection, made).filter(({ name }) => made.some(({ platform }) => platform === name));
  const fitted = new Set(platforms.flatMap((each) => (each.fitted ? [each.name] : [])));
  const rows = made.map((row) => (fitted.has(row.platform) ? { ...row, standing: "fitted" as const } : row));
  return {
    rows,
    platforms,
    scores: scoresOf(rows, collection.sets),
    sweeps: sweepsOf(rows, collection.sweeps),
    decisions: decisionsOn(collection.contrasts, rows),
    unexpressed: collection.unexpressed ?? [],
  };
}

function platformOf({ id, platform }: Case, { platforms }: Collection): CasePlatform {
  const found = platforms[platform];
  if (found === undefined) throw new RangeError(`${id} names the platform ${platform}, which nobody described`);
  return found;
}

/** Platforms that have rows, with what of them was free to be fitted; as far as rows were made, only what decides one of them is. */
function summariesOf(collection: Collection, made: readonly ValidationRow[] = []): readonly PlatformSummary[] {
  return Object.entries(collection.platforms).flatMap(([name, platform]) => {
    const rows = collection.cases.filter((each) => each.platform === name).length;
    const ours = made.filter((row) => row.platform === name);
    const parameters = parametersIn(platform);
    const nominal = freeOf(parameters, collection);
    // Only the rows of a platform with so many of them were asked which they rest on, and only all of its rows can say.
    const asked = nominal.length >= rows && ours.length === rows;
    const free = asked
      ? nominal.filter(({ constant }) => ours.some((row) => row.deciding_parameters.includes(constant)))
      : nominal;
    const summary = { name, title: platform.title, rows, free_parameters: free.length, parameters };
    return rows === 0 ? [] : [{ ...summary, fitted: free.length > 0 && free.length >= rows }];
  });
}

/** What was fitted to rows that are here. What a specification or a data sheet states was not chosen to fit, nor what other rows gave. */
function freeOf(parameters: PlatformSummary["parameters"], { cases }: Collection): PlatformSummary["parameters"] {
  const ids = new Set(cases.map(({ id }) => id));
  return parameters.filter(({ kind, fitted_from }) =>
    fitted_from.length > 0 ? fitted_from.some((id) => ids.has(id)) : kind === "measured" || kind === "assumed",
  );
}

const parametersIn = ({ parameters = [] }: CasePlatform): PlatformSummary["parameters"] =>
  parameters.map(({ constant, value, kind, source, fitted_from = [] }) => ({
    constant,
    value,
    kind,
    source,
    fitted_from,
  }));

/** What the model says of one case, beside what was measured. */
export function rowOf({ subject, platform, suspects }: RowWork, kit: Kit): ValidationRow {
  const parameters = parametersOf(platform);
  const run = (other: Parameters): Prediction => predict(subject, platform, other, kit);
  const prediction = predict(subject, platform, parameters, kit);
  const predicted = "value" in prediction ? prediction.value : null;
  const sharing = predicted === null ? undefined : sharingOf(subject, platform, parameters, predicted, run);
  const heldOut = sharing?.heldOut && "value" in sharing.heldOut ? sharing.heldOut.value : null;
  const [link, model] = [ninetyPercent(subject) ?? null, pcieModel(subject) ?? null];
  const { id, what, metric, measured, source } = subject;
  return {
    id,
    class: subject.class,
    what,
    metric,
    unit: measured.unit,
    measured: measured.value,
    measured_low: measured.low ?? null,
    measured_high: measured.high ?? null,
    predicted,
    error: errorOf(predicted, subject),
    standing: standingOf(sharing, heldOut),
    held_out: heldOut,
    held_out_error: errorOf(heldOut, subject),
    shared_constants: sharing?.constants ?? [],
    deciding_parameters: predicted === null ? [] : decidingOf(suspects, predicted, parameters, run),
    left_out: "value" in prediction ? prediction.leftOut : [],
    inexpressible: "inexpressible" in prediction ? prediction.inexpressible : null,
    napkin_link: link,
    napkin_link_error: errorOf(link, subject),
    napkin_pcie_model: model,
    napkin_pcie_model_error: errorOf(model, subject),
    platform: subject.platform,
    parameters: parametersIn(platform),
    origin: source.origin,
    source: `${source.origin}, ${source.where}`,
    year: source.year,
    note: subject.note ?? null,
  };
}

/** Relative; of what either succeeds or does not, the difference. */
function errorOf(value: number | null, { metric, measured }: Case): number | null {
  if (value === null) return null;
  return metric === "success" || measured.value === 0 ? value - measured.value : value / measured.value - 1;
}

function standingOf(sharing: Sharing | undefined, heldOut: number | null): Standing {
  if (sharing === undefined || sharing.constants.length === 0) return "independent";
  return heldOut === null ? "shared" : "held out";
}
