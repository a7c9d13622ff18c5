import type { TopLevelSpec } from "vega-lite";
import type { Cell } from "../record/cell.ts";
import type { Result } from "../record/result.ts";
import { captionOf } from "./caption.ts";
import { type Body, emptyBody, framed } from "./frame.ts";
import { numeral, readableBytes } from "./numeral.ts";
import { sortedBy } from "./order.ts";
import { gridOf, widthOf } from "./panel.ts";
import { colorOf, rankOf } from "./palette.ts";
import { type Absence, type Drawing, drawingOf, measureOf, type Point, seriesOf } from "./point.ts";
import { type Settings, settingsOf } from "./setting.ts";

/** Bars for more sizes than these would not fit side by side. */
const MOST_SIZES = 4;
const PARTS = ["payload", "control (doorbells, commands, completions, interrupts)"] as const;
const TITLE = "Bytes through root ports per byte of payload (1)";

interface Bar {
  readonly place: string;
  readonly series: string;
  readonly part: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
  readonly label: string;
}

/** What crosses the root complex for each byte that is asked for: payload and control apart, one panel per place and size. */
export function rootComplexChart(results: readonly Result[]): TopLevelSpec {
  const cells = results.map(({ cell }) => cell);
  const settings = settingsOf(cells);
  const sizes = chosenSizes(cells);
  const kept = results.filter(({ cell }) => sizes.includes(cell.requestBytes));
  const payload = drawingOf(kept, settings, perByte("root_complex_payload_bytes"));
  const control = drawingOf(kept, settings, perByte("root_complex_control_bytes"));
  const left = new Set(cells.map(({ requestBytes }) => requestBytes)).size - sizes.length;
  const caption = [
    ...(left === 0 ? [] : [`${left} more request sizes are in results.csv.`]),
    ...captionOf({ ...payload, bases: [...payload.bases, ...control.bases] }, settings, cells),
  ];
  const headline = {
    text: "What crosses the root complex",
    subtitle: "Lower is better. Payload counts 2 where it goes up to system memory and down again, 0 where a switch turns it round.",
  };
  if (payload.points.length === 0) return framed(headline, emptyBody(), caption, 720);
  return assembled(headline, payload, control, { kept, settings, sizes, caption });
}
