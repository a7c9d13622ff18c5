import { type RowWork, rowOf } from "../harness/validate/validate.ts";
import { staging } from "../proposals/staging.ts";
import type { ValidationRow } from "../record/validation.ts";

/** What a thread of the pool does: one row after another, in no order that matters. */
export function validationRow(work: RowWork): ValidationRow {
  return rowOf(work, { staging });
}
