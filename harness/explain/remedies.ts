import type { Parameters } from "../../calibration/parameters.ts";
import type { ExplainedDirection, ExplainedMechanism, Remedy } from "../../record/explanation.ts";
import { clearingRedirection, clearingRootPort, settingUpstreamForwarding } from "./acs-candidates.ts";
import type { AsGood, Candidate } from "./candidate.ts";
import { laterKernels, type Origins, passingThrough, switchingOff } from "./host-candidates.ts";
import { movingCards, usingAnother } from "./place-candidates.ts";
import { priceOf } from "./price.ts";
import { type Directions, directionsOf, type Scenario, takenWay } from "./scenario.ts";
import { isAsGood, isBest, isBetter, type Standing, standingOf } from "./standing.ts";
import { isCarried } from "./way.ts";

/** Runs again, in a scenario, the mechanisms that did not get their data across. */
export type Rerun = (scenario: Scenario, failed: readonly ExplainedMechanism[]) => readonly ExplainedMechanism[];

export interface Prospect {
  readonly needs_remedy: boolean;
  readonly remedies: readonly Remedy[];
  readonly without_effect: readonly string[];
}

const FAILED: readonly string[] = ["refused", "corrupt", "failed", "hung"];

/** Tries whatever could be changed, one thing at a time, and keeps what makes kernel or wire do better and neither do worse. */
export class Remedies {
  readonly #scenario: Scenario;
  readonly #now: Directions;
  readonly #standing: Standing;
  readonly #parameters: Parameters;
  readonly #failed: readonly ExplainedMechanism[];
  readonly #rerun: Rerun;

  constructor(
    scenario: Scenario,
    now: Directions,
    mechanisms: readonly ExplainedMechanism[],
    parameters: Parameters,
    rerun: Rerun,
  ) {
    this.#scenario = scenario;
    this.#now = now;
    this.#standing = standingOf(now);
    this.#parameters = parameters;
    this.#failed = mechanisms.filter(({ status }) => FAILED.includes(status));
    this.#rerun = rerun;
  }

  found(origins: Origins): Prospect {
    const scenario = this.#scenario;
    const asGood: AsGood = (one, other) => isAsGood(this.#standingOf(one), this.#standingOf(other));
    const [kernel] = laterKernels(scenario).filter((each) => this.#helps(each));
    const passthrough = passingThrough(scenario, origins);
    const candidates = [
      ...clearingRedirection(scenario, asGood),
      ...settingUpstreamForwarding(scenario),
      ...[...usingAnother(scenario), ...movingCards(scenario)].flatMap((each) => this.#completed(each, asGood)),
      ...passthrough,
      ...switchingOff(scenario, origins),
      ...(kernel ? [kernel] : []),
    ];
    const idle = [...passthrough, ...clearingRootPort(scenario)].filter((each) => !this.#helps(each));
    const needed = !isBest(this.#standing);
    return {
      needs_remedy: needed,
      remedies: candidates.filter((each) => this.#helps(each)).map((each) => this.#remedy(each)),
      without_effect: needed ? idle.map((each) => this.#excuse(each)) : [],
    };
  }

  /** A place that does not help alone may help once nothing redirects there. */
  #completed(place: Candidate, asGood: AsGood): readonly Candidate[] {
    if (this.#helps(place)) return [place];
    return clearingRedirection(place.scenario, asGood).map((clearing) => ({
      ...clearing,
      what: `${place.what}, and there ${clearing.what}`,
      how: [...place.how, ...clearing.how],
      base: place.scenario,
    }));
  }

  #helps({ scenario }: Candidate): boolean {
    return isBetter(this.#standingOf(scenario), this.#standing);
  }

  #standingOf(scenario: Scenario): Standing {
    return standingOf(directionsOf(scenario, this.#parameters));
  }

  #remedy(candidate: Candidate): Remedy {
    const { what, how, scenario } = candidate;
    const after = directionsOf(scenario, this.#parameters);
    const again = this.#failed.length > 0 ? this.#rerun(scenario, this.#failed) : [];
    return {
      what,
      how,
      changes: [...changesBetween(this.#now, after), ...statusChanges(this.#failed, again)],
      gives_up: priceOf(this.#scenario, candidate, this.#parameters),
    };
  }

  #excuse({ what, scenario }: Candidate): string {
    const [first] = directionsOf(scenario, this.#parameters);
    const passthrough = scenario.iommu === "passthrough" ? "Linux sets the same ACS bits in passthrough: " : "";
    const said = first.verdict ? `the verdict stays ${first.verdict.map_type}, and ` : "";
    return `${what}: ${passthrough}${said}a write ${takenWay(first.verdict, first.wire).write.words}`;
  }
}

/** What becomes otherwise, from one device to the other and back; told once where it is the same both ways. */
function changesBetween(before: Directions, after: Directions): readonly string[] {
  const [there, back] = [[...changesIn(before[0], after[0])], [...changesIn(before[1], after[1])]];
  const trips = after.map(({ initiator, target }) => `${initiator} into ${target}`);
  if (there.join() === back.join()) return there.map((line) => `both ways: ${line}`);
  return [...there.map((line) => `${trips[0]}: ${line}`), ...back.map((line) => `${trips[1]}: ${line}`)];
}

function* changesIn(before: ExplainedDirection, after: ExplainedDirection): Generator<string> {
  const [old, fresh] = [before.verdict?.map_type, after.verdict?.map_type];
  if (fresh !== undefined && old !== fresh) yield `verdict ${old} becomes ${fresh}`;
  const [was, is] = [takenWay(before.verdict, before.wire), takenWay(after.verdict, after.wire)];
  if (was.write.words !== is.write.words) yield `a write ${is.write.words}`;
  if (was.read_request.words !== is.read_request.words) yield `a read request ${is.read_request.words}`;
  if (isCarried(is.read_request) && was.read_completion.words !== is.read_completion.words)
    yield `a read's completion ${is.read_completion.words}`;
}

const statusChanges = (
  before: readonly ExplainedMechanism[],
  after: readonly ExplainedMechanism[],
): readonly string[] =>
  before.flatMap((old) => {
    const fresh = after.find(
      ({ proposal, form, workload }) => proposal === old.proposal && form === old.form && workload === old.workload,
    );
    return fresh && fresh.status !== old.status
      ? [`${old.proposal}/${old.form}, ${old.workload}: ${old.status} becomes ${fresh.status}`]
      : [];
  });
