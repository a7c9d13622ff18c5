import type { ExplainedDirection, ExplainedWay } from "../../record/explanation.ts";
import { type Directions, takenWay } from "./scenario.ts";

/** How good what kernel and wire do is, part by part, so that two scenarios can be compared without weighing parts against each other. */
export type Standing = readonly number[];

export const standingOf = (directions: Directions): Standing => directions.flatMap(standingIn);

function standingIn({ verdict, wire }: ExplainedDirection): Standing {
  const { write, read_request, read_completion } = takenWay(verdict, wire);
  // A kernel that gives no verdict stands in nobody's way.
  return [
    verdict ? (MAP_TYPES[verdict.map_type] ?? 0) : BEST,
    rank(write),
    Math.min(rank(read_request), rank(read_completion)),
  ];
}

/** Nothing can do better than to turn in a switch. */
const BEST = 2;

const MAP_TYPES: Readonly<Record<string, number>> = { NOT_SUPPORTED: 0, THRU_HOST_BRIDGE: 1, BUS_ADDR: BEST };

const rank = ({ turn }: ExplainedWay): number => (turn === "rejected" ? 0 : turn === "switch" ? BEST : 1);

export const isBest = (standing: Standing): boolean => standing.every((part) => part >= BEST);

/** In no part worse and in one better. */
export const isBetter = (one: Standing, other: Standing): boolean =>
  isAsGood(one, other) && one.some((part, place) => part > (other[place] ?? 0));

export const isAsGood = (one: Standing, other: Standing): boolean =>
  one.every((part, place) => part >= (other[place] ?? 0));
