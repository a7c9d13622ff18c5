import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../record/result.ts";
import { captionOf } from "./caption.ts";
import { type Body, framed } from "./frame.ts";
import { groupBy, sortedBy } from "./order.ts";
import { type Grid, gridOf, type Legend, legendOf, widthOf } from "./panel.ts";
import { drawingOf, measureOf, type Point } from "./point.ts";
import { settingsOf } from "./setting.ts";

type Layers = Extract<Body, { layer: unknown }>["layer"];

/** A size in bytes on an axis, in the unit that keeps it short. */
const SIZE_LABEL =
  "datum.value < 1024 ? datum.value + ' B' : datum.value < 1048576 ? format(datum.value / 1024, '.4~g') + ' KiB' : " +
  "datum.value < 1073741824 ? format(datum.value / 1048576, '.4~g') + ' MiB' : format(datum.value / 1073741824, '.4~g') + ' GiB'";
const CROSS = "M-1,-1L1,1M1,-1L-1,1";
const CORRUPT = "corrupt: fast, but the data are wrong";
const STAGED = "fell back to system memory";
/** Points closer than this share of the whole scale would hide each other. */
const TOO_CLOSE = 0.025;

/** Throughput by request size: one line per proposal and form, one panel per workload and machine. */
export function throughputChart(results: readonly Result[]): TopLevelSpec {
  const cells = results.map(({ cell }) => cell);
  const settings = settingsOf(cells);
  const drawing = drawingOf(results, settings, (result) => {
    const measure = measureOf(result, "throughput");
    return measure && { value: measure.value / 1e9, basis: measure.basis };
  });
  const grid = gridOf(drawing.points, cells, settings);
  const legend = legendOf(drawing.points);
  const caption = captionOf(drawing, settings, cells);
  const headline = {
    text: "Throughput by request size",
    subtitle: drawing.points.length === 0 ? "No cell has a throughput." : "Higher is better. 1 GB/s = 10\u2079 bytes of payload per second.",
  };
  if (drawing.points.length === 0) return framed(headline, emptyBody(), caption, 720);
  const body = bodyOf(spread(drawing.points, grid, legend), grid, legend);
  return framed(headline, body, caption, widthOf(grid));
}

/** Stands where a chart has nothing to draw. */
export function emptyBody(): Body {
  return {
    data: { values: [{}] },
    width: 720,
    height: 60,
    mark: { type: "text", text: "Nothing to draw: see below why.", fontSize: 13, color: "#444444" },
  };
}


function bodyOf(points: readonly Placed[], grid: Grid, legend: Legend): Body {
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const axes = {
    x: {
      field: "size",
      type: "quantitative",
      title: "Request size",
      scale: { type: "log", base: 2, nice: false, domainMin: (sizes[0] ?? 1) / 1.5, domainMax: (sizes.at(-1) ?? 1) * 1.5 },
      axis: { values: [...sizes], labelExpr: SIZE_LABEL, labelOverlap: "parity", labelSeparation: 8, grid: true },
    },
    y: { field: "value", type: "quantitative", title: "Throughput (GB/s)", scale: { zero: true, nice: true }, axis: { tickCount: 6 } },
  } as const;
  const layered = { layer: layersOf(points, legend), encoding: axes, width: grid.width, height: grid.height };
  const data = { values: points.map(({ proposal: _, form: __, ...point }) => ({ ...point })) };
  if (grid.panels.length === 1) {
    const title = { text: (grid.panels[0] ?? "").split("\n"), fontSize: 12, offset: 8 };
    return { data, title, ...layered };
  }
  return {
    data,
    facet: {
      field: "panel",
      type: "nominal",
      sort: [...grid.panels],
      header: { title: null, labelExpr: "split(datum.label, '\\n')", labelAnchor: "start" },
    },
    columns: grid.columns,
    spec: layered,
  } as Body;
}

function layersOf(points: readonly Placed[], legend: Legend): Layers {
  const domain = [...legend.series];
  const title = "Proposal / form (provenance)";
  const color = { field: "series", type: "nominal", title, scale: { domain, range: [...legend.colors] } } as const;
  const dashes = legend.dashes.map((dash) => [...dash]);
  const strokeDash = { field: "series", type: "nominal", scale: { domain, range: dashes }, legend: null } as const;
  const shape = { field: "series", type: "nominal", title, scale: { domain, range: [...legend.shapes] } } as const;
  const mark = { type: "point", size: 70, strokeWidth: 2, opacity: 1, xOffset: { expr: "datum.shift" } } as const;
  const layers: Layers = [
    { mark: { type: "line", strokeWidth: 2, interpolate: "linear" }, encoding: { color, strokeDash } },
    {
      transform: [{ filter: "datum.outcome == 'completed'" }],
      mark: { ...mark, filled: true },
      encoding: { color, shape },
    },
  ];
  if (points.some(({ runs }) => runs > 1)) layers.unshift(bandLayer(color));
  if (points.some(({ outcome }) => outcome !== "completed")) {
    layers.push({
      transform: [{ filter: "datum.outcome != 'completed'" }],
      mark: { ...mark, fill: "white", filled: false },
      encoding: { color, shape },
    });
  }
  return [...layers, ...outcomeLayers(points)];
}

function bandLayer(color: object): Layers[number] {
  return {
    mark: { type: "area", opacity: 0.18 },
    encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color },
  } as Layers[number];
}

function outcomeLayers(points: readonly Placed[]): Layers {
  const note = (outcome: Point["outcome"], label: string, symbol: string, channel: "opacity" | "fillOpacity") => ({
    transform: [{ filter: `datum.outcome == '${outcome}'` }, { calculate: `'${label}'`, as: "note" }],
    mark: { type: "point", shape: symbol, size: 45, strokeWidth: 1.5, color: "#111111", xOffset: { expr: "datum.shift" } },
    encoding: {
      [channel]: {
        field: "note",
        type: "ordinal",
        title: null,
        scale: { domain: [label], range: [1] },
        legend: { symbolType: symbol, symbolStrokeColor: "#111111", symbolFillColor: "white", symbolSize: 60, symbolStrokeWidth: 1.5 },
      },
    },
  });
  const has = (outcome: Point["outcome"]) => points.some((point) => point.outcome === outcome);
  return [
    ...(has("staged") ? [note("staged", STAGED, "circle", "fillOpacity")] : []),
    ...(has("corrupt") ? [note("corrupt", CORRUPT, CROSS, "opacity")] : []),
  ] as Layers;
}

interface Placed extends Point {
  /** Pixels that a marker is moved aside so that none covers another; lines stay where they are. */
  readonly shift: number;
}

/** Moves markers apart that would cover each other: rivals often reach the very same limit. */
function spread(points: readonly Point[], grid: Grid, legend: Legend): readonly Placed[] {
  const sizes = [...new Set(points.map(({ size }) => Math.log2(size)))].sort((a, b) => a - b);
  const gaps = sizes.slice(1).map((size, index) => size - (sizes[index] ?? size));
  const span = Math.max(1.2, (sizes.at(-1) ?? 0) - (sizes[0] ?? 0) + 1.2);
  const room = (0.8 * grid.width * Math.min(span, ...gaps)) / span;
  const top = Math.max(...points.map(({ value }) => value));
  const stacks = groupBy(points, ({ panel, size }) => `${panel}\u0000${size}`);
  const placed = new Map<Point, number>();
  for (const stack of [...stacks.values()].flatMap((group) => clusters(group, top * TOO_CLOSE))) {
    const step = Math.min(10, room / stack.length);
    for (const [index, point] of sortedBy(stack, ({ series }) => [legend.series.indexOf(series)]).entries()) placed.set(point, step * (index - (stack.length - 1) / 2));
  }
  return points.map((point) => ({ ...point, shift: placed.get(point) ?? 0 }));
}

function clusters(points: readonly Point[], distance: number): readonly (readonly Point[])[] {
  const found: Point[][] = [];
  for (const point of sortedBy(points, ({ value, series }) => [value, series])) {
    const last = found.at(-1);
    const neighbour = last?.at(-1);
    if (last && neighbour && point.value - neighbour.value <= distance) last.push(point);
    else found.push([point]);
  }
  return found;
}
