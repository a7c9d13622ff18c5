import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { captionOf } from "./caption.ts";
import { type Dodged, dodged } from "./dodge.ts";
import { asBody, type Body, emptyPage, framed, headed } from "./frame.ts";
import { type Entry, legendBody } from "./legend.ts";
import { type Grid, gridOf, widthOf } from "./panel.ts";
import { BY_REQUEST, type Drawing, drawingOf, type Layout, type Point, type Quantity } from "./point.ts";
import { type Series, seriesIn } from "./series.ts";
import { type Settings, settingsOf } from "./setting.ts";

type Layer = Readonly<Record<string, unknown>>;

/** A size in bytes on an axis, in the unit that keeps it short. */
const SIZE_LABEL = [
  "datum.value < 1024 ? datum.value + ' B'",
  "datum.value < 1048576 ? format(datum.value / 1024, '.4~g') + ' KiB'",
  "datum.value < 1073741824 ? format(datum.value / 1048576, '.4~g') + ' MiB'",
  "format(datum.value / 1073741824, '.4~g') + ' GiB'",
].join(" : ");
const CROSS = "M-1,-1L1,1M1,-1L-1,1";
const CROSSED_CIRCLE = "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0M-0.6,-0.6L0.6,0.6M0.6,-0.6L-0.6,0.6";
const INK = "#111111";
/** Width of the labels to the left of a panel, and with the axis' title. */
const EXTENT = 36;
const INSET = EXTENT + 17;

/** A quantity by request size, or by another size: what is drawn, and how the chart is called. */
export interface SizeChart {
  readonly title: string;
  readonly subtitle: string;
  /** The title of the value axis, with its unit. */
  readonly axis: string;
  /** Logarithmic where every value is above 0, for what falls by orders of magnitude; else from 0 up. */
  readonly scale: "linear" | "log";
  readonly quantity: Quantity;
  /** What the value axis marks; a choice of round numbers where it is left out. */
  readonly marks?: readonly number[];
  /** Another size than that of requests, where no setting decides the quantity. */
  readonly by?: Layout;
  /** What the caption says first. */
  readonly remarks?: readonly string[];
}

const NO_SETTINGS: Settings = { same: [], apart: [], named: [] };

/** One line per proposal and form, one panel per workload and machine. */
export function sizeChart(results: readonly Result[], chart: SizeChart): TopLevelSpec {
  const { by = BY_REQUEST, remarks = [] } = chart;
  const cells = results.map(({ cell }) => cell);
  const settings = chart.by ? NO_SETTINGS : settingsOf(cells);
  const drawing = drawingOf(results, settings, chart.quantity, by);
  const caption = [...remarks, ...captionOf(drawing, settings, cells)];
  if (drawing.points.length === 0) return emptyPage(chart.title, caption);
  return pageOf(chart, drawing, gridOf(drawing.points, cells, settings, by), caption);
}

function pageOf(chart: SizeChart, { points }: Drawing, grid: Grid, caption: readonly string[]): TopLevelSpec {
  const series = seriesIn(points);
  const axis = sizeAxis(points);
  const placed = dodged(points, series, 0.8 * grid.width * axis.share);
  const width = widthOf(grid);
  const aside = placed.some(({ shift }) => shift !== 0);
  const y = yOf(chart, points, grid.panels.length === 1 ? 7 : 5);
  return framed({
    title: chart.title,
    subtitle: chart.subtitle,
    parts: [
      legendBody(entriesOf(points, series), width, INSET),
      panelsBody(placed, series, grid, xOf(axis, chart.by ?? BY_REQUEST), y),
    ],
    caption: [
      ...(aside ? ["Markers that would cover each other stand side by side, in the order of the legend."] : []),
      ...caption,
    ],
    width,
    inset: INSET,
  });
}

function entriesOf(points: readonly Point[], series: readonly Series[]): readonly Entry[] {
  const has = (outcome: Point["outcome"]) => points.some((point) => point.outcome === outcome);
  const staged = { label: "hollow: through system memory instead", color: INK, fill: "white", shape: "circle" };
  const corrupt = { label: "crossed: corrupt, the data are wrong", color: INK, fill: "white", shape: CROSSED_CIRCLE };
  return [
    ...series.map(({ name, color, shape, dash }) => ({ label: name, color, fill: color, shape, dash })),
    ...(has("staged") ? [staged] : []),
    ...(has("corrupt") ? [corrupt] : []),
  ];
}

interface SizeAxis {
  readonly sizes: readonly number[];
  readonly from: number;
  readonly to: number;
  /** What one size has for itself, as a share of the axis. */
  readonly share: number;
}

function sizeAxis(points: readonly Point[]): SizeAxis {
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const [first = 1, last = 1] = [sizes[0], sizes.at(-1)];
  const gaps = sizes.slice(1).map((size, index) => Math.log2(size / (sizes[index] ?? size)));
  const gap = gaps.length === 0 ? 2 : Math.min(...gaps);
  const margin = 2 ** Math.max(gap / 2, Math.log2(last / first) / 12);
  return { sizes, from: first / margin, to: last * margin, share: gap / Math.log2((last * margin * margin) / first) };
}

function panelsBody(points: readonly Dodged[], series: readonly Series[], grid: Grid, x: object, y: object): Body {
  const head = (panel: string) => headed(panel, grid.width);
  const data = {
    values: points.map(({ proposal: _, form: __, ...point }) => ({ ...point, panel: head(point.panel) })),
  };
  const spec = {
    width: grid.width,
    height: grid.height,
    encoding: { x, y },
    layer: layersOf(points, series),
  };
  if (grid.panels.length === 1) {
    const title = { text: head(grid.panels[0] ?? "").split("\n"), fontSize: 12, offset: 8, frame: "group" };
    return asBody({ data, title, ...spec });
  }
  const header = { title: null, labelExpr: "split(datum.label, '\\n')", labelAnchor: "start" };
  const facet = { field: "panel", type: "nominal", sort: grid.panels.map(head), header };
  // A shared axis is drawn below every column, even where the last row has no panel.
  const ragged = grid.panels.length % grid.columns !== 0;
  const resolve = ragged ? { resolve: { axis: { x: "independent" } } } : {};
  return asBody({ data, facet, columns: grid.columns, spacing: 22, spec, ...resolve });
}

const xOf = ({ sizes, from, to }: SizeAxis, { axis }: Layout) => ({
  field: "size",
  type: "quantitative",
  title: axis,
  scale: { type: "log", base: 2, nice: false, domainMin: from, domainMax: to },
  axis: { values: sizes, labelExpr: SIZE_LABEL, labelOverlap: "parity", labelSeparation: 8 },
});

function yOf({ axis, scale, marks }: SizeChart, points: readonly Point[], tickCount: number): object {
  const most = Math.max(...points.map(({ high }) => high));
  const least = Math.min(...points.map(({ low }) => low));
  const log = { type: "log", domainMin: least / 1.2, domainMax: most * 1.2, nice: false };
  return {
    field: "value",
    type: "quantitative",
    title: axis,
    scale: scale === "log" && least > 0 ? log : { domainMin: 0, domainMax: most * 1.05 || 1, nice: tickCount },
    axis: {
      ...(marks ? { values: marks, labelOverlap: "parity" } : { tickCount }),
      minExtent: EXTENT,
      maxExtent: EXTENT,
    },
  };
}

function layersOf(points: readonly Dodged[], series: readonly Series[]): readonly Layer[] {
  const domain = series.map(({ name }) => name);
  const by = (range: readonly unknown[]) => ({
    field: "series",
    type: "nominal",
    scale: { domain, range },
    legend: null,
  });
  const color = by(series.map((one) => one.color));
  const shape = by(series.map((one) => one.shape));
  const strokeDash = by(series.map((one) => one.dash));
  const xOffset = { expr: "datum.shift" };
  const only = (test: string) => [{ filter: `datum.outcome ${test}` }];
  const band = {
    mark: { type: "area", opacity: 0.16, xOffset },
    encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color },
  };
  const line = { mark: { type: "line", strokeWidth: 2, xOffset }, encoding: { color, strokeDash } };
  const point = { type: "point", size: 70, opacity: 1, xOffset };
  const whole = { mark: { ...point, filled: true, stroke: "white", strokeWidth: 0.8 }, encoding: { color, shape } };
  const hollow = { mark: { ...point, size: 110, fill: "white", strokeWidth: 2 }, encoding: { stroke: color, shape } };
  const cross = { mark: { ...point, size: 30, shape: CROSS, stroke: INK, strokeWidth: 1.6, fill: null } };
  const has = (test: (point: Dodged) => boolean, layer: Layer) => (points.some(test) ? [layer] : []);
  return [
    ...has(({ runs }) => runs > 1, band),
    line,
    ...has(({ outcome }) => outcome === "completed", { transform: only("== 'completed'"), ...whole }),
    ...has(({ outcome }) => outcome !== "completed", { transform: only("!= 'completed'"), ...hollow }),
    ...has(({ outcome }) => outcome === "corrupt", { transform: only("== 'corrupt'"), ...cross }),
  ];
}
