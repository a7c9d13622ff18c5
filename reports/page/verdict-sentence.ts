import { readableBytes } from "../numeral.ts";
import { distinct, groupBy } from "../order.ts";
import type { Bout, Rival, Standing } from "./bout.ts";
import { type Factor, sideOf } from "./factor.ts";
import { mechanismsIn, nameOf, sourcedName } from "./mechanism.ts";
import { counted, listed, shortList, times } from "./words.ts";

/** More use cases and machines than a sentence can go through one by one: then wins are counted. */
const MOST_PLACES = 8;
/** More settings than these are counted, not named. */
const MOST_SETTINGS = 3;
/** More names than these are counted. */
const MOST_NAMES = 3;

/** Who wins over staging/pipelined, where, and by how much: one sentence, made of the bouts alone. */
export function verdictSentence(bouts: readonly Bout[]): string {
  if (bouts.length === 0) return "Nothing was compared: no cell applies to a machine of this run.";
  const measured = bouts.filter(({ standing }) => standing !== "unmeasured");
  if (measured.length === 0)
    return "Undecided: staging/pipelined has no numbers in this run, and wins count against nothing else.";
  const places = [...groupBy(measured, ({ machine, workload }) => `${machine}\0${workload}`).values()];
  const machines = distinct(measured.map(({ machine }) => machine));
  const told =
    places.length > MOST_PLACES
      ? tally(measured)
      : [...groupBy(places, patternOf).values()].map((alike) => placesClause(alike, machines.length > 1)).join("; ");
  return `Against staging/pipelined on ${shortList(machines, MOST_NAMES)}: ${told}.`;
}

/** Bouts of one use case on one machine that are told together. */
const groupsOf = (bouts: readonly Bout[]): readonly (readonly Bout[])[] => [...groupBy(bouts, stateOf).values()];

/** How a bout stands, and with whom; where somebody is as fast or faster, also whether that costs more CPU time or less. */
const stateOf = ({ standing, leaders }: Bout): string =>
  [standing, standing === "behind" ? "" : cpuSides(leaders), ...leaders.map(nameIn)].join("\0");

const cpuSides = (leaders: readonly Rival[]): string =>
  distinct(leaders.map(({ cpu }) => (cpu ? `${sideOf(cpu)}` : ""))).join(" ");

/** Use cases that came out alike, in the same places, are told in one breath. */
const patternOf = (bouts: readonly Bout[]): string =>
  groupsOf(bouts)
    .map((group) => [...group.slice(0, 1).map(stateOf), groupWhere(group, bouts)].join("\0"))
    .join("\0");

function placesClause(alike: readonly (readonly Bout[])[], several: boolean): string {
  const firsts = alike.flatMap(([first]) => (first ? [first] : []));
  const names = [...groupBy(firsts, ({ workload }) => workload)].map(([workload, on]) =>
    several ? `${workload} on ${shortList(distinct(on.map(({ machine }) => machine)), MOST_NAMES)}` : workload,
  );
  const [model = []] = alike;
  let before = "";
  const clauses = groupsOf(model).map((group, index) => {
    const all = alike.flatMap((bouts) => groupsOf(bouts)[index] ?? []);
    const subject = namesOf(all.flatMap(({ leaders }) => leaders));
    const clause = stateClause(all, groupWhere(group, model), subject === before ? "" : `${subject} `);
    before = subject;
    return clause;
  });
  return `for ${listed(names)} ${listed(clauses)}`;
}

const nameIn = ({ mechanism }: Rival): string => nameOf(mechanism);

function stateClause(bouts: readonly Bout[], where: string, subject: string): string {
  const [first] = bouts;
  const leaders = bouts.flatMap((bout) => bout.leaders);
  const many = (first?.leaders.length ?? 0) > 1;
  const throughput = rangeOf(leaders.map((leader) => leader.throughput));
  const cpu = rangeOf(leaders.flatMap((leader) => (leader.cpu ? [leader.cpu] : [])));
  const cost = cpu && `${cpu} the CPU time`;
  const told: Readonly<Record<Standing, string>> = {
    wins: `${subject}${many ? "win, level with each other," : "wins"} ${where} (${commas([`${throughput} the throughput`, cost])})`,
    level: `${subject}${many ? "are" : "is"} level with it in throughput ${where}${cost && ` (${cost})`}`,
    behind: `${subject}${many ? "fall" : "falls"} behind it ${where} (${commas([`${throughput} the throughput`, cost])})`,
    alone: `no rival has numbers ${where}`,
    unmeasured: `it has no numbers itself ${where}`,
  };
  return `${told[first?.standing ?? "alone"]}${breaking(leaders)}`;
}

/** "at 4 KiB and 64 KiB", with the settings where not all of them agree. */
function groupWhere(group: readonly Bout[], all: readonly Bout[]): string {
  if (group.length === all.length && all.length > 1) {
    const sizes = new Set(all.map(({ size }) => size)).size;
    if (sizes > 1) return "at every size";
  }
  const settings = distinct(all.map(({ setting }) => setting));
  const bySetting = groupBy(group, ({ setting }) => setting);
  const parts = groupBy([...bySetting], ([, bouts]) => sizesOf(bouts));
  const phrases = [...parts].map(([sizes, holders]) =>
    holders.length === settings.length
      ? `at ${sizes}`
      : `at ${sizes} with ${settingNames(
          holders.map(([setting]) => setting),
          settings.length,
        )}`,
  );
  return listed(phrases);
}

const settingNames = (names: readonly string[], of: number): string =>
  names.length <= MOST_SETTINGS ? names.join(" or ") : `${names.length} of ${of} settings`;

const sizesOf = (bouts: readonly Bout[]): string =>
  listed([...new Set(bouts.map(({ size }) => size))].sort((a, b) => a - b).map(readableBytes));

const namesOf = (rivals: readonly Rival[]): string =>
  shortList(mechanismsIn(rivals.map(({ mechanism }) => mechanism)).map(sourcedName), MOST_NAMES);

/** The factors from the least middle to the greatest; "" where there is none. */
function rangeOf(factors: readonly Factor[]): string {
  const middles = factors.map(({ middle }) => middle);
  return middles.length === 0 ? "" : times(Math.min(...middles), Math.max(...middles));
}

const commas = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(", ");

function breaking(leaders: readonly Rival[]): string {
  const broken = distinct(leaders.flatMap(({ breaks }) => breaks));
  return broken.length === 0 ? "" : `, breaking ${shortList(broken, MOST_NAMES)}`;
}

/** For large runs: in how many bouts each mechanism leads, and where nobody does. */
function tally(bouts: readonly Bout[]): string {
  const all = counted(bouts.length, "comparison");
  const won = bouts.filter(({ standing }) => standing === "wins");
  const winners = mechanismsIn(won.flatMap(({ leaders }) => leaders.map(({ mechanism }) => mechanism)))
    .map((winner) => ({ winner, mine: victoriesOf(winner, won) }))
    .sort((one, other) => other.mine.length - one.mine.length);
  const wins = winners.slice(0, MOST_NAMES).map(({ winner, mine }) => {
    const range = rangeOf(mine.map(({ rival }) => rival.throughput));
    const cpu = rangeOf(mine.flatMap(({ rival }) => (rival.cpu ? [rival.cpu] : [])));
    const gains = commas([`${range} the throughput`, cpu && `${cpu} the CPU time`]);
    const uses = shortList(distinct(mine.map(({ workload }) => workload)), MOST_NAMES);
    return `${sourcedName(winner)} wins in ${mine.length} of ${all} (${gains}; ${uses})${breaking(mine.map(({ rival }) => rival))}`;
  });
  const others = winners.slice(MOST_NAMES).map(({ mine }) => mine.length);
  const more = others.length === 0 ? [] : [`${counted(others.length, "other form")} in ${spread(others)}`];
  const rest = (["level", "behind", "alone"] as const).flatMap((standing) => {
    const count = bouts.filter((bout) => bout.standing === standing).length;
    return count === 0 ? [] : [`${REST[standing]} in ${count}`];
  });
  return [...wins, ...more, ...rest].join("; ");
}

interface Victory {
  readonly rival: Rival;
  readonly workload: string;
}

const victoriesOf = (winner: Rival["mechanism"], won: readonly Bout[]): readonly Victory[] =>
  won.flatMap(({ leaders, workload }) =>
    leaders.filter(({ mechanism }) => nameOf(mechanism) === nameOf(winner)).map((rival) => ({ rival, workload })),
  );

/** "5", or "2 to 11" where not all are alike. */
const spread = (counts: readonly number[]): string =>
  distinct([Math.min(...counts), Math.max(...counts)].map(String)).join(" to ");

const REST = { level: "the best rival is level with it", behind: "it stays ahead", alone: "no rival has numbers" };
