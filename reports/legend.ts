import { asBody, type Body } from "./frame.ts";
import { textWidth } from "./text-width.ts";

/** One line of a legend: a marker, on a piece of line where there is one. */
export interface Entry {
  readonly label: string;
  readonly color: string;
  readonly fill: string;
  readonly shape: string;
  readonly dash?: readonly number[];
}

interface Placed extends Entry {
  readonly x: number;
  readonly y: number;
}

const SIZE = 11;
const LEADING = 19;
const SAMPLE = 30;
const GAP = 28;

/** A legend in columns, read downwards. It is drawn here because Vega's shows the marker of a series, but not its dashes. */
export function legendBody(entries: readonly Entry[], width: number, inset: number): Body {
  const column = Math.max(...entries.map(({ label }) => textWidth(label, SIZE))) + SAMPLE + 8 + GAP;
  const columns = Math.max(1, Math.min(entries.length, Math.floor((width + inset + GAP) / column)));
  const rows = Math.ceil(entries.length / columns);
  const placed = entries.map((entry, index) => ({
    ...entry,
    x: Math.floor(index / rows) * column - inset,
    y: (index % rows) * LEADING + LEADING / 2,
  }));
  const data = { values: placed.map(valuesOf) };
  return asBody({ data, width, height: rows * LEADING, view: { stroke: null }, layer: LAYERS });
}

const at = (field: string) => ({ field, type: "quantitative", scale: null, axis: null });
const as = (field: string) => ({ field, type: "nominal", scale: null, legend: null });

const LAYERS = [
  {
    transform: [{ filter: "isValid(datum.dash)" }],
    mark: { type: "rule", strokeWidth: 2 },
    encoding: { x: at("left"), x2: { field: "right" }, y: at("y"), stroke: as("color"), strokeDash: as("dash") },
  },
  {
    mark: { type: "point", size: 70, strokeWidth: 1.5, opacity: 1 },
    encoding: { x: at("middle"), y: at("y"), stroke: as("color"), fill: as("fill"), shape: as("shape") },
  },
  {
    mark: { type: "text", align: "left", baseline: "middle", fontSize: SIZE, color: "#222222" },
    encoding: { x: at("words"), y: at("y"), text: { field: "label" } },
  },
];

function valuesOf({ label, color, fill, shape, dash, x, y }: Placed): object {
  return {
    label,
    color,
    fill,
    shape,
    ...(dash && { dash }),
    left: x,
    middle: x + SAMPLE / 2,
    right: x + SAMPLE,
    words: x + SAMPLE + 8,
    y,
  };
}
