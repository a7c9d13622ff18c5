import type { Case, CasePlatform } from "../../calibration/cases/case.ts";
import type { Contrast } from "../../calibration/cases/contrasts.ts";
import type { Unexpressed } from "../../calibration/cases/unexpressed.ts";
import type { PlatformSummary, Standing, ValidationReport, ValidationRow } from "../../record/validation.ts";
import { decisionsOn } from "./decisions.ts";
import { ninetyPercent, pcieModel } from "./napkin.ts";
import { predict } from "./predict.ts";
import type { Kit } from "./prediction.ts";
import { type RowSet, scoresOf, sweepsOf } from "./score.ts";
import { parametersOf, type Sharing, sharingOf } from "./sharing.ts";

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
  /** Its platform has as many free parameters as rows. */
  readonly fitted: boolean;
}

/** The rows of a collection that are still to be made, in its order; each can be made by itself. */
export function workOf(collection: Collection): readonly RowWork[] {
  const fitted = new Set(summariesOf(collection).flatMap((each) => (each.fitted ? [each.name] : [])));
  return collection.cases.map((subject) => ({
    subject,
    platform: platformOf(subject, collection),
    fitted: fitted.has(subject.platform),
  }));
}

/** Everything that the rows of a collection say together. */
export function reportOn(collection: Collection, rows: readonly ValidationRow[]): ValidationReport {
  return {
    rows,
    platforms: summariesOf(collection).filter(({ name }) => rows.some(({ platform }) => platform === name)),
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

/** Platforms that have rows, with what of them was free to be fitted. */
function summariesOf({ cases, platforms }: Collection): readonly PlatformSummary[] {
  const ids = new Set(cases.map(({ id }) => id));
  return Object.entries(platforms).flatMap(([name, platform]) => {
    const rows = cases.filter((each) => each.platform === name).length;
    const parameters = parametersIn(platform);
    const free = parameters.filter((each) => isFree(each, ids)).length;
    const summary = { name, title: platform.title, rows, free_parameters: free, parameters };
    return rows === 0 ? [] : [{ ...summary, fitted: free > 0 && free >= rows }];
  });
}

/** What was fitted to rows that are here. What a specification or a data sheet states was not chosen to fit, nor what other rows gave. */
function isFree({ kind, fitted_from }: PlatformSummary["parameters"][number], ids: ReadonlySet<string>): boolean {
  return fitted_from.length > 0 ? fitted_from.some((id) => ids.has(id)) : kind === "measured" || kind === "assumed";
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
export function rowOf({ subject, platform, fitted }: RowWork, kit: Kit): ValidationRow {
  const parameters = parametersOf(platform);
  const prediction = predict(subject, platform, parameters, kit);
  const predicted = "value" in prediction ? prediction.value : null;
  const sharing =
    predicted === null
      ? undefined
      : sharingOf(subject, platform, parameters, predicted, (other) => predict(subject, platform, other, kit));
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
    standing: standingOf(fitted, sharing, heldOut),
    held_out: heldOut,
    held_out_error: errorOf(heldOut, subject),
    shared_constants: sharing?.constants ?? [],
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

function standingOf(isFitted: boolean, sharing: Sharing | undefined, heldOut: number | null): Standing {
  if (isFitted) return "fitted";
  if (sharing === undefined || sharing.constants.length === 0) return "independent";
  return heldOut === null ? "shared" : "held out";
}
