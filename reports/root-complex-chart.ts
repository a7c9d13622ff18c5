import type { TopLevelSpec } from "vega-lite";
import type { Cell } from "../record/cell.ts";
import type { Result } from "../record/result.ts";
import { type Bar, barParts } from "./bar.ts";
import { captionOf } from "./caption.ts";
import { emptyPage, framed } from "./frame.ts";
import { numeral, readableBytes } from "./numeral.ts";
import { distinct, groupBy } from "./order.ts";
import { gridOf } from "./panel.ts";
import { type Absence, type Drawing, drawingOf, measureOf, type Point, payloadOf, type Quantity } from "./point.ts";
import { settingsOf } from "./setting.ts";

/** Bars for more sizes than these would not fit side by side. */
const MOST_SIZES = 4;
const TITLE = "Bytes through the root complex per byte of payload";
const SUBTITLE =
  "Lower is better. Payload counts twice where it goes up to a root port and down again, and not at all where a switch turns it round.";

/** What crosses the root complex for each byte that is asked for: payload and control apart, one panel per place and size. */
export function rootComplexChart(results: readonly Result[]): TopLevelSpec {
  const cells = results.map(({ cell }) => cell);
  const settings = settingsOf(cells);
  const sizes = drawnSizes(cells);
  const kept = results.filter(({ cell }) => sizes.includes(cell.requestBytes));
  const payload = drawingOf(kept, settings, perByte("root_complex_payload_bytes"));
  const control = drawingOf(kept, settings, perByte("root_complex_control_bytes"));
  const caption = [
    ...sizeNote(cells, sizes),
    ...captionOf({ ...payload, bases: [...payload.bases, ...control.bases] }, settings, cells),
  ];
  if (payload.points.length === 0) return emptyPage(TITLE, caption);
  const panels = gridOf(payload.points, cells, settings).panels.flatMap((panel) =>
    sizes.map((size) => placeOf(panel, size)),
  );
  return framed({
    title: TITLE,
    subtitle: SUBTITLE,
    ...barParts(barsOf(payload, control), panels, sizes.length),
    caption,
  });
}

/** The bars of all places that have any, and in the place of a missing pair the word that says why it is missing. */
function barsOf(payload: Drawing, control: Drawing): readonly Bar[] {
  const bars = [
    ...payload.points.map((point) => barOf(point, "payload")),
    ...control.points.map((point) => barOf(point, "control")),
  ];
  const places = new Set(bars.map(({ place }) => place));
  const drawn = new Set(bars.map(({ place, series }) => `${place}\u0000${series}`));
  const missing = groupBy(payload.absences, ({ panel, size, series }) => `${placeOf(panel, size)}\u0000${series}`);
  const words = [...missing].filter(([pair]) => !drawn.has(pair)).map(([, absences]) => wordOf(absences));
  return [...bars, ...words.filter(({ place }) => places.has(place))];
}

function wordOf(absences: readonly Absence[]): Bar {
  const [{ panel, size, series, proposal, form }] = absences as [Absence];
  const label = distinct(absences.map(({ status }) => status)).join(", ");
  return { place: placeOf(panel, size), series, proposal, form, part: "payload", value: 0, low: 0, high: 0, label };
}

function barOf({ panel, size, series, proposal, form, value, low, high, outcome }: Point, part: Bar["part"]): Bar {
  const label = part === "payload" && outcome === "corrupt" ? `${numeral(value)} corrupt` : numeral(value);
  return { place: placeOf(panel, size), series, proposal, form, part, value, low, high, label };
}

const placeOf = (panel: string, size: number): string => `${panel}\n${readableBytes(size)} requests`;

const perByte =
  (metric: string): Quantity =>
  (result) => {
    const measure = measureOf(result, metric);
    return measure && { value: measure.value / payloadOf(result), basis: measure.basis };
  };

/** All sizes, or the smallest, the largest and some evenly between them. */
function drawnSizes(cells: readonly Cell[]): readonly number[] {
  const all = [...new Set(cells.map(({ requestBytes }) => Number(requestBytes)))].sort((a, b) => a - b);
  if (all.length <= MOST_SIZES) return all;
  const picked = Array.from(
    { length: MOST_SIZES },
    (_, index) => all[Math.round((index * (all.length - 1)) / (MOST_SIZES - 1))] ?? 0,
  );
  return [...new Set(picked)];
}

function sizeNote(cells: readonly Cell[], sizes: readonly number[]): readonly string[] {
  const left = new Set(cells.map(({ requestBytes }) => requestBytes)).size - sizes.length;
  return left === 0 ? [] : [`${left} more request sizes are not drawn: results.csv has them.`];
}
