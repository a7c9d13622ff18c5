import { groupBy, sortedBy } from "./order.ts";
import type { Point } from "./point.ts";
import type { Series } from "./series.ts";

/** A point, and the pixels by which it stands aside so that no marker covers another. */
export interface Dodged extends Point {
  readonly shift: number;
}

/** Markers closer than this share of the scale would cover each other: rivals often reach the very same limit. */
const TOO_CLOSE = 0.03;
const STEP = 7;
/** With one size there are no lines to follow: every series gets a place of its own. */
const STEP_ALONE = 24;

/** Moves markers of one panel and size apart where they nearly coincide, in the order of the legend, within `room` pixels. */
export function dodged(points: readonly Point[], series: readonly Series[], room: number): readonly Dodged[] {
  const alone = new Set(points.map(({ size }) => size)).size === 1;
  const distance = alone ? Number.POSITIVE_INFINITY : Math.max(...points.map(({ value }) => value)) * TOO_CLOSE;
  const place = new Map(series.map(({ name }, index) => [name, index]));
  const stacks = groupBy(points, ({ panel, size }) => `${panel}\u0000${size}`);
  const shifts = new Map<Point, number>();
  for (const stack of [...stacks.values()].flatMap((group) => clusters(group, distance))) {
    const step = Math.min(alone ? STEP_ALONE : STEP, room / stack.length);
    const inOrder = sortedBy(stack, (point) => [place.get(point.series) ?? 0]);
    for (const [index, point] of inOrder.entries()) shifts.set(point, step * (index - (stack.length - 1) / 2));
  }
  return points.map((point) => ({ ...point, shift: shifts.get(point) ?? 0 }));
}

function clusters(points: readonly Point[], distance: number): readonly (readonly Point[])[] {
  const found: [Point, ...Point[]][] = [];
  for (const point of sortedBy(points, ({ value, series }) => [value, series])) {
    const last = found.at(-1);
    if (last && point.value - last[0].value <= distance) last.push(point);
    else found.push([point]);
  }
  return found;
}
