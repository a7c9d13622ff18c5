import type { Cell } from "../../record/cell.ts";
import type { Result } from "../../record/result.ts";
import { plain } from "../numeral.ts";
import { distinct, groupBy } from "../order.ts";
import { moved, ordered } from "../point.ts";
import { phrases, type Settings, settingsOf } from "../setting.ts";
import { CPU, type Factor, factorOf, level, sideOf, THROUGHPUT } from "./factor.ts";
import { isControl, isRival, keyOf, type Mechanism } from "./mechanism.ts";

/** Everybody who did the same work on the same machine under the same settings, against staging/pipelined. */
export interface Bout {
  readonly workload: string;
  readonly machine: string;
  /** What differs between the bouts of one use case beside the size; "" where nothing does. */
  readonly setting: string;
  readonly size: number;
  readonly rivals: readonly Rival[];
  readonly standing: Standing;
  /** Whom the standing is about: the winners, those who are level with the control, or the nearest behind it. */
  readonly leaders: readonly Rival[];
}

/**
 * `wins`: somebody is faster; `level`: nobody is, and somebody cannot be told from the control; `behind`: all are slower; `alone`: no
 * rival has numbers; `unmeasured`: the control has none, so that nothing can be won.
 */
export type Standing = "wins" | "level" | "behind" | "alone" | "unmeasured";

/** A rival whose data arrived, with what it has of the control's throughput and CPU time, and the invariants that it broke. */
export interface Rival {
  readonly mechanism: Mechanism;
  readonly throughput: Factor;
  readonly cpu: Factor | undefined;
  readonly breaks: readonly string[];
}

/** All bouts in the order of tables; cells that do not apply to a machine are none. */
export function boutsOf(results: readonly Result[]): readonly Bout[] {
  const apply = ordered(results).filter(({ outcome }) => outcome.status !== "inapplicable");
  const settings = settingsOf(apply.map(({ cell }) => cell));
  const groups = groupBy(apply, ({ cell }) => placeOf(cell, settings));
  return [...groups.values()].flatMap((group) => (group[0] ? [boutOf(group[0].cell, group, settings)] : []));
}

/** A kernel that only some forms run on (`named`) is part of their name, not of the place. */
const placeOf = (cell: Cell, settings: Settings): string =>
  [
    cell.workload,
    cell.machine,
    cell.machineHash,
    cell.requestBytes,
    cell.totalBytes,
    phrases(settings.apart, cell),
  ].join("\u0000");

function boutOf(cell: Cell, group: readonly Result[], settings: Settings): Bout {
  const control = group.filter((result) => isControl(result.cell) && moved(result));
  const others = groupBy(
    group.filter((each) => isRival(each.cell)),
    (each) => keyOf(each.cell),
  );
  const rivals = [...others.values()].flatMap((runs) => rivalOf(runs, control));
  return {
    workload: plain(cell.workload),
    machine: plain(cell.machine),
    setting: plain(phrases(settings.apart, cell)),
    size: cell.requestBytes,
    rivals,
    ...standingOf(rivals, control.length > 0),
  };
}

/** Who lost data or ended otherwise in any repetition has no numbers that count. */
function rivalOf(runs: readonly Result[], control: readonly Result[]): readonly Rival[] {
  const [first] = runs;
  const sound = runs.every(({ outcome }) => outcome.status === "completed" || outcome.status === "staged");
  const throughput = factorOf(runs, control, THROUGHPUT);
  if (!first || !sound || throughput === undefined) return [];
  return [{ mechanism: first.cell, throughput, cpu: factorOf(runs, control, CPU), breaks: brokenIn(runs) }];
}

/** Names of the invariants that some of these results broke. */
export const brokenIn = (results: readonly Result[]): readonly string[] =>
  distinct(
    results.flatMap(({ outcome }) =>
      outcome.verdicts.flatMap(({ verdict, invariant }) => (verdict === "broken" ? [plain(invariant)] : [])),
    ),
  );

function standingOf(rivals: readonly Rival[], measured: boolean): Pick<Bout, "standing" | "leaders"> {
  if (!measured) return { standing: "unmeasured", leaders: [] };
  const on = (side: number): readonly Rival[] => rivals.filter(({ throughput }) => sideOf(throughput) === side);
  if (on(1).length > 0) return { standing: "wins", leaders: fastest(on(1)) };
  if (on(0).length > 0) return { standing: "level", leaders: thriftiest(on(0)) };
  return rivals.length > 0 ? { standing: "behind", leaders: fastest(rivals) } : { standing: "alone", leaders: [] };
}

/** The one with the most throughput, and who cannot be told from it. */
function fastest(rivals: readonly Rival[]): readonly Rival[] {
  const best = rivals.reduce((a, b) => (b.throughput.middle > a.throughput.middle ? b : a));
  return rivals.filter(({ throughput }) => level(throughput, best.throughput));
}

/** Of rivals that are equally fast: the one that takes the least CPU time, and who cannot be told from it. */
function thriftiest(rivals: readonly Rival[]): readonly Rival[] {
  const costs = rivals.flatMap(({ cpu }) => (cpu ? [cpu] : []));
  const [first, ...rest] = costs;
  if (!first) return rivals;
  const least = rest.reduce((a, b) => (b.middle < a.middle ? b : a), first);
  return rivals.filter(({ cpu }) => cpu && level(cpu, least));
}
