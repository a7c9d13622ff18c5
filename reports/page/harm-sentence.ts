import type { Status } from "../../record/outcome.ts";
import type { Result } from "../../record/result.ts";
import { plain } from "../numeral.ts";
import { distinct, groupBy } from "../order.ts";
import { brokenIn } from "./bout.ts";
import { isRival, type Mechanism, mechanismsIn, nameOf, sourcedName } from "./mechanism.ts";
import { counted, listed, shortList } from "./words.ts";

/** Ends that a reviewer must hear of, the worst first, each with its verb. */
const HARMS: readonly (readonly [Status, string])[] = [
  ["corrupt", "loses data unnoticed"],
  ["hung", "hangs"],
  ["failed", "reports an error to user space"],
  ["refused", "is refused"],
];
const MOST_NAMES = 4;
/** More forms than these are told by what happens to them, not one by one. */
const MOST_HARMED = 4;

/** What the rivals break and where they are refused, in one sentence; that nothing happened is said with how much was looked at. */
export function harmSentence(results: readonly Result[]): string {
  const rivals = results.filter(({ cell }) => isRival(cell));
  if (rivals.length === 0) return "No proposal took part, so nothing was broken and nothing refused.";
  const apply = rivals.filter(({ outcome }) => outcome.status !== "inapplicable");
  const harmed = mechanismsIn(apply.map(({ cell }) => cell)).flatMap((mechanism) => {
    const mine = apply.filter(({ cell }) => nameOf(cell) === nameOf(mechanism));
    const what = harmsOf(mine);
    return what.length === 0 ? [] : [{ mechanism, mine, what }];
  });
  const harms =
    harmed.length <= MOST_HARMED
      ? harmed.map(
          ({ mechanism, mine, what }) => `${sourcedName(mechanism)} ${listed(what)} of ${counted(mine.length, "cell")}`,
        )
      : inShort(harmed);
  const nothing = `nothing in ${counted(apply.length, "cell")} (no broken invariant, lost data, hang, error or refusal)`;
  const told = apply.length === 0 ? [] : [harms.length === 0 ? nothing : harms.join("; ")];
  return `What breaks or is refused: ${[...told, ...inapplicable(rivals)].join("; ")}.`;
}

interface Harmed {
  readonly mechanism: Mechanism;
  readonly mine: readonly Result[];
}

/** One clause for each invariant that was broken and each bad end, the worst first, with whom it befalls. */
function inShort(harmed: readonly Harmed[]): readonly string[] {
  const clause = (verb: string, counts: readonly (readonly [Harmed, number])[]): readonly string[] => {
    const hit = counts.filter(([, count]) => count > 0);
    const names = hit.map(([{ mechanism, mine }, count]) => `${nameOf(mechanism)} ${count} of ${mine.length}`);
    return hit.length === 0 ? [] : [`${verb}: ${listed(names)}`];
  };
  const invariants = distinct(harmed.flatMap(({ mine }) => brokenIn(mine)));
  return [
    ...invariants.flatMap((invariant) =>
      clause(
        `breaks ${invariant}`,
        harmed.map((each) => [each, each.mine.filter((result) => brokenIn([result]).includes(invariant)).length]),
      ),
    ),
    ...HARMS.flatMap(([status, verb]) =>
      clause(
        verb,
        harmed.map((each) => [each, each.mine.filter(({ outcome }) => outcome.status === status).length]),
      ),
    ),
  ];
}

function harmsOf(results: readonly Result[]): readonly string[] {
  const breaches = brokenIn(results).map((invariant) => {
    const cells = results.filter((result) => brokenIn([result]).includes(invariant)).length;
    return `breaks ${invariant} in ${cells}`;
  });
  const ends = HARMS.flatMap(([status, verb]) => {
    const ended = results.filter(({ outcome }) => outcome.status === status);
    return ended.length === 0 ? [] : [`${verb} in ${ended.length}${status === "refused" ? refusers(ended) : ""}`];
  });
  return [...breaches, ...ends];
}

/** The errno and the subsystem, where the kernel refused and its reason begins with them. */
function refusers(refused: readonly Result[]): string {
  const heads = distinct(
    refused.flatMap(({ outcome }) => /^E[A-Z]+ from .+? for /.exec(plain(outcome.reason))?.[0] ?? []),
  ).map((head) => head.replace(/ for $/, ""));
  return heads.length === 0 ? "" : ` (${shortList(heads, MOST_NAMES)})`;
}

/** Use cases that a machine has no devices for; machines that lack the same are named together. */
function inapplicable(rivals: readonly Result[]): readonly string[] {
  const none = rivals.filter(({ outcome }) => outcome.status === "inapplicable");
  const lacking = [...groupBy(none, ({ cell }) => plain(cell.machine))].map(([machine, cells]) => ({
    machine,
    uses: distinct(cells.map(({ cell }) => plain(cell.workload))),
  }));
  return [...groupBy(lacking, ({ uses }) => uses.join("\0")).values()].map((group) => {
    const uses = group[0]?.uses ?? [];
    const machines = listed(group.map(({ machine }) => machine));
    return `${listed(uses)} ${uses.length === 1 ? "does" : "do"} not apply to ${machines}`;
  });
}
