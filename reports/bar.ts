import { asBody, headed, type Page } from "./frame.ts";
import { legendBody } from "./legend.ts";
import { type Series, seriesIn } from "./series.ts";
import { textWidth } from "./text-width.ts";

/** One bar, or in its place the word that says why there is none. */
export interface Bar {
  readonly place: string;
  readonly series: string;
  readonly proposal: string;
  readonly form: string;
  readonly part: "payload" | "control";
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly label: string;
}

const PARTS = ["payload", "control"] as const;
const OPACITY = [1, 0.35];
const LABEL_SIZE = 10;
const BAR_HEIGHT = 13;
const GAP = 22;

/** Pairs of horizontal bars per series with their legend, one panel per place, `columns` panels in a row. */
export function barParts(
  bars: readonly Bar[],
  places: readonly string[],
  columns: number,
): Pick<Page, "parts" | "width" | "inset"> {
  const present = places.filter((place) => bars.some((bar) => bar.place === place));
  const series = seriesIn(bars);
  const panel = columns === 1 ? 480 : columns === 2 ? 330 : 230;
  const width = columns * panel + (columns - 1) * GAP;
  const inset = Math.ceil(Math.max(...series.map(({ name }) => textWidth(name, 11)))) + 10;
  const spec = {
    width: panel,
    height: { step: BAR_HEIGHT, for: "offset" },
    encoding: encodingOf(bars, series, panel),
    layer: layersOf(bars, series),
  };
  const header = { title: null, labelExpr: "split(datum.label, '\\n')", labelAnchor: "start" };
  const sort = present.map((place) => headed(place, panel));
  const facet = { field: "place", type: "nominal", sort, header };
  const data = {
    values: bars.map(({ proposal: _, form: __, ...bar }) => ({ ...bar, place: headed(bar.place, panel) })),
  };
  const body = asBody({ data, facet, columns, spacing: GAP, spec });
  return { parts: [legendBody(LEGEND, width, inset), body], width, inset };
}

const LEGEND = [
  { label: "payload", color: "#444444", fill: "#444444", shape: "square" },
  {
    label: "control: commands, doorbells, read requests, completion entries, interrupts",
    color: "#bbbbbb",
    fill: "#bbbbbb",
    shape: "square",
  },
];

function encodingOf(bars: readonly Bar[], series: readonly Series[], width: number) {
  const most = Math.max(...bars.map(({ high }) => high)) || 1;
  const label = Math.max(...bars.map((bar) => textWidth(bar.label, LABEL_SIZE))) + 8;
  return {
    x: {
      field: "value",
      type: "quantitative",
      title: "Bytes per byte of payload",
      scale: { domainMin: 0, domainMax: most / (1 - Math.min(0.6, label / width)), nice: false },
      axis: { tickCount: 4 },
    },
    y: {
      field: "series",
      type: "nominal",
      title: null,
      scale: { domain: series.map(({ name }) => name), paddingInner: 0.25, paddingOuter: 0.15 },
      axis: { ticks: false, labelPadding: 8 },
    },
    yOffset: { field: "part", type: "nominal", scale: { domain: PARTS } },
  };
}

function layersOf(bars: readonly Bar[], series: readonly Series[]) {
  const colors = { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) };
  const color = { field: "series", type: "nominal", scale: colors, legend: null };
  const fillOpacity = { field: "part", type: "ordinal", scale: { domain: PARTS, range: OPACITY }, legend: null };
  const range = { x: { field: "low", type: "quantitative" }, x2: { field: "high" } };
  const rule = (stroke: string, strokeWidth: number) => ({
    mark: { type: "rule", stroke, strokeWidth },
    encoding: range,
  });
  const ranges = [rule("white", 4), rule("#111111", 1.5)];
  return [
    { mark: { type: "bar" }, encoding: { color, fillOpacity } },
    ...(bars.some(({ low, high }) => high > low) ? ranges : []),
    {
      mark: { type: "text", align: "left", baseline: "middle", dx: 4, fontSize: LABEL_SIZE, color: "#222222" },
      encoding: { x: { field: "high", type: "quantitative" }, text: { field: "label" } },
    },
  ];
}
