import type { Case, CasePlatform } from "../../calibration/cases/case.ts";
import { coreSpeedIn } from "../../calibration/cases/cores.ts";
import { isWholeUnit } from "../../calibration/constant-faults.ts";
import { CONSTANTS, type ConstantName } from "../../calibration/constants.ts";
import { FITS, withoutSource } from "../../calibration/fits.ts";
import { Parameters } from "../../calibration/parameters.ts";
import { PLATFORMS } from "../../calibration/platforms.ts";
import type { Prediction } from "../../record/validation.ts";

/** Runs one case with these constants. */
export type Run = (parameters: Parameters) => Prediction;

/** How a row stands to the constants that decide it. */
export interface Sharing {
  readonly constants: readonly string[];
  /** The prediction without the row's source; undefined where nothing is shared, or where nothing else is known. */
  readonly heldOut: Prediction | undefined;
}

/** A constant decides a row where a quarter more of it, or of a share less, changes the prediction by more than that. */
const NUDGE = 1.25;
const MATTERS = 2e-3;

/** The constants of a platform: the table's, and its own; a core of its year where nobody says which. */
export const parametersOf = ({ parameters = [], year }: CasePlatform): Parameters =>
  Parameters.typical().with({
    "host.core_speed": coreSpeedIn(year),
    ...Object.fromEntries(parameters.map(({ constant, value }) => [constant, value])),
  });

/** Finds the constants that decide a row and rest on the publication that the row is from, and predicts it without them. */
export function sharingOf(
  subject: Case,
  platform: CasePlatform,
  parameters: Parameters,
  predicted: number,
  run: Run,
): Sharing {
  const policy = PLATFORMS[platform.root_complex];
  if (policy.source.includes(subject.source.origin))
    return { constants: [`what a root complex forwards (${policy.title})`], heldOut: undefined };
  const suspects = parameters
    .used()
    .filter((name) => isOurs(name) && restsOn(name, subject, platform))
    .filter(isOurs);
  if (suspects.length === 0 || !decides(suspects, predicted, parameters, run)) return NOTHING;
  const shared = suspects.filter((name) => decides([name], predicted, parameters, run));
  const without = shared.map((name) => [name, alternative(name, subject, platform)] as const);
  const known = without.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return {
    constants: shared,
    heldOut: known.length === without.length ? run(parameters.with(Object.fromEntries(known))) : undefined,
  };
}

const NOTHING: Sharing = { constants: [], heldOut: undefined };

const isOurs = (name: string): name is ConstantName => name in CONSTANTS;

/** Whether a constant, or the platform's own value of it, was taken from the publication. */
function restsOn(name: string, { source, platform: onPlatform, id }: Case, platform: CasePlatform): boolean {
  const own = platform.parameters?.find(({ constant }) => constant === name);
  if (own) return own.source.includes(source.origin) || (own.fitted_from?.includes(id) ?? false);
  if (!isOurs(name) || CONSTANTS[name].kind === "spec") return false;
  const samples = FITS[name];
  if (samples) return samples.some((sample) => sample.origin === source.origin && sample.platform === onPlatform);
  return CONSTANTS[name].source.includes(source.origin);
}

/** A platform's own value gives way to what others' machines say, and where nobody's says anything to the table's. */
function alternative(name: ConstantName, subject: Case, { parameters = [] }: CasePlatform): number | undefined {
  const others = withoutSource(name, subject.source.origin, subject.platform);
  return others ?? (parameters.some(({ constant }) => constant === name) ? CONSTANTS[name].typical : undefined);
}

/** Which of these constants a prediction rests on. */
export function decidingOf(
  names: readonly string[],
  predicted: number,
  parameters: Parameters,
  run: Run,
): readonly string[] {
  return names.filter((name) => isOurs(name) && decides([name], predicted, parameters, run));
}

function decides(names: readonly ConstantName[], predicted: number, parameters: Parameters, run: Run): boolean {
  const nudged = Object.fromEntries(
    names.map((name) => {
      const { unit } = CONSTANTS[name];
      // A share cannot be more than the whole.
      if (unit === "share") return [name, parameters.value(name) / NUDGE];
      const more = parameters.value(name) * NUDGE;
      return [name, isWholeUnit(unit) ? Math.ceil(more) : more];
    }),
  );
  const other = run(parameters.with(nudged));
  return "inexpressible" in other || Math.abs(other.value - predicted) > MATTERS * Math.max(Math.abs(predicted), 1e-9);
}
