import type { Basis } from "../../record/measure.ts";
import type { Result } from "../../record/result.ts";
import { distinct } from "../order.ts";
import { measureOf, moved } from "../point.ts";
import type { Bout } from "./bout.ts";
import { isRival, mechanismsIn, provenances } from "./mechanism.ts";
import { counted, listed } from "./words.ts";

const STRENGTH: readonly Basis["basis"][] = ["checked", "extrapolated", "assumed"];

/** How sure the answer is: what its throughputs rest on, where the code comes from, and what stays undecided. */
export function basisSentence(results: readonly Result[], bouts: readonly Bout[]): string {
  const bases = results.filter(moved).flatMap((result) => measureOf(result, "throughput", "mean")?.basis ?? []);
  return `How sure: ${[groundOf(bases), ...originsOf(results), undecidedOf(results, bouts)].join("; ")}.`;
}

function groundOf(bases: readonly Basis[]): string {
  if (bases.length === 0) return "there is no throughput to judge";
  const [checked, extrapolated, assumed] = STRENGTH.map((strength) =>
    verbFor(bases.filter(({ basis }) => basis === strength).length),
  );
  const kinds = distinct(bases.map(({ sourceKind }) => sourceKind));
  return `all is simulated: of ${counted(bases.length, "throughput")} ${checked} checked against a measurement, ${extrapolated} extrapolated from one and ${assumed} assumed, on constants whose weakest kind is \u201c${listed(kinds)}\u201d`;
}

const verbFor = (count: number): string => (count === 0 ? "none is" : count === 1 ? "1 is" : `${count} are`);

/** Where the rivals come from; that they are of several kinds must be said wherever they are ranked. */
function originsOf(results: readonly Result[]): readonly string[] {
  const mechanisms = mechanismsIn(results.map(({ cell }) => cell).filter(isRival));
  const kinds = provenances(mechanisms);
  if (kinds.length === 0) return [];
  return [
    kinds.length === 1
      ? `every rival is ${mechanisms[0]?.provenance}`
      : `the ranking mixes rivals that are ${listed(kinds)}`,
  ];
}

function undecidedOf(results: readonly Result[], bouts: readonly Bout[]): string {
  const standing = (which: Bout["standing"]): number => bouts.filter((bout) => bout.standing === which).length;
  const unknown = results.flatMap(({ outcome }) => outcome.verdicts).filter(({ verdict }) => verdict === "unknown");
  const reps = new Set(results.map(({ cell }) => cell.rep)).size;
  const open = [
    [standing("level"), "comparison", "that is level in throughput"],
    [standing("alone"), "comparison", "without a rival's number"],
    [standing("unmeasured"), "comparison", "without the control's number"],
    [unknown.length, "verdict", "that is unknown"],
  ] as const;
  const told = open.flatMap(([count, noun, which]) =>
    count === 0 ? [] : [`${counted(count, noun)} ${count === 1 ? which : which.replace("that is", "that are")}`],
  );
  const spread = reps > 1 ? [] : ["how far the constants' ranges move all this, for each cell ran once"];
  const all = [...told, ...spread];
  return all.length === 0 ? "nothing in it is undecided" : `undecided: ${listed(all)}`;
}
