import type { Case } from "../../../calibration/cases/case.ts";
import { twoSwitches, X16_GEN5 } from "../../../calibration/cases/machines.ts";
import { MEASURED_PLATFORMS } from "../../../calibration/cases/measured-platforms.ts";
import { PUBLISHED_CASES } from "../../../calibration/cases/published.ts";
import { predict } from "../../../harness/validate/predict.ts";
import { parametersOf } from "../../../harness/validate/sharing.ts";
import { staging } from "../../../proposals/staging.ts";
import type { ValidationRow } from "../../../record/validation.ts";

export const KIT = { staging };

/** Two switches of gen5 on one host bridge, which is less than what both links carry. */
export const EIGHT_ON_ONE_BRIDGE = twoSwitches(X16_GEN5, 1, 8);

/** A published case, with something about it changed. */
export function published(id: string, change: Partial<Case> = {}): Case {
  const found = PUBLISHED_CASES.find((each) => each.id === id);
  if (found === undefined) throw new Error(`${id} is no published case`);
  return { ...found, ...change };
}

/** A row of a report that says nothing but what a test is about. */
export const row = (words: Partial<ValidationRow>): ValidationRow => ({
  id: "A",
  class: "link",
  what: "a case",
  metric: "bandwidth",
  unit: "By/s",
  measured: 100,
  measured_low: null,
  measured_high: null,
  predicted: 110,
  error: 0.1,
  standing: "independent",
  held_out: null,
  held_out_error: null,
  shared_constants: [],
  deciding_parameters: [],
  left_out: [],
  inexpressible: null,
  napkin_link: null,
  napkin_link_error: null,
  napkin_pcie_model: null,
  napkin_pcie_model_error: null,
  platform: "somewhere",
  parameters: [],
  origin: "somebody",
  source: "somebody, somewhere",
  year: 2016,
  note: null,
  ...words,
});

/** What the model says of a case, on its platform or with other constants than the table's. */
export function predicted(subject: Case, changed: Readonly<Record<string, number>> = {}): number {
  const platform = MEASURED_PLATFORMS[subject.platform];
  if (platform === undefined) throw new Error(`nobody described ${subject.platform}`);
  const prediction = predict(subject, platform, parametersOf(platform).with(changed), KIT);
  if ("inexpressible" in prediction) throw new Error(prediction.inexpressible);
  return prediction.value;
}
