import type { TopLevelSpec } from "vega-lite";
import { FONT, textWidth, wrap } from "./text-width.ts";

const CAPTION_SIZE = 11;
const CAPTION_LEADING = 15;

/** Type sizes, greys and limits that all charts share. Nothing may be cut, and the ground is white on any page. */
const CONFIG = {
  font: FONT,
  view: { stroke: "#d0d0d0" },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelColor: "#333333",
    titleColor: "#333333",
    gridColor: "#e6e6e6",
    domainColor: "#888888",
    tickColor: "#888888",
    labelLimit: 0,
    titleLimit: 0,
  },
  header: { labelFontSize: 12, labelFontWeight: "bold", labelColor: "#222222", labelLimit: 0, labelLineHeight: 15 },
  legend: { labelLimit: 0, titleLimit: 0 },
  title: { fontSize: 16, subtitleFontSize: 12, subtitleColor: "#444444", anchor: "start", offset: 12, limit: 0 },
} as const;

/** A part of a page: panels, or a legend. */
export type Body = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** Vega-Lite declares its arrays mutable and its enumerations exact; what is built here from parts is checked when it is compiled. */
export const asBody = (parts: object): Body => parts as Body;

/** What a page is made of, beside the shared look. */
export interface Page {
  readonly title: string;
  readonly subtitle: string;
  /** From top to bottom. */
  readonly parts: readonly Body[];
  /** One statement per line; wrapped to the page. */
  readonly caption: readonly string[];
  /** Pixels that the panels take from the left edge of the first to the right edge of the last. */
  readonly width: number;
  /** Pixels that labels take to the left of the panels: the caption begins there. */
  readonly inset: number;
}

/** Sets the parts of a chart between its title and its caption. */
export function framed({ title, subtitle, parts, caption, width, inset }: Page): TopLevelSpec {
  const fits = (line: string) => textWidth(line, CAPTION_SIZE) <= width + inset;
  const subtitleFits = (line: string) => textWidth(line, CONFIG.title.subtitleFontSize) <= width + inset;
  const lines = caption.flatMap((line) => wrap(line, fits));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: [`${title}.`, subtitle, ...caption].join(" "),
    background: "white",
    padding: 16,
    title: { text: title, subtitle: [...wrap(subtitle, subtitleFits)], subtitlePadding: 6 },
    spacing: 14,
    vconcat: [...parts, ...(lines.length === 0 ? [] : [captionBody(lines, width, inset)])],
    config: CONFIG,
  };
}

/** The name of a panel in as many lines as its width needs, so that it does not run into its neighbour's. */
export function headed(name: string, width: number): string {
  const fits = (line: string) => textWidth(line, CONFIG.header.labelFontSize, true) <= width;
  return name
    .split("\n")
    .flatMap((line) => wrap(line, fits))
    .join("\n");
}

/** Stands where a chart has nothing to draw. */
export function emptyPage(title: string, caption: readonly string[]): TopLevelSpec {
  const width = 720;
  const mark = { type: "text", text: "Nothing to draw.", fontSize: 13, color: "#444444" } as const;
  const box: Body = { data: { values: [{}] }, width, height: 60, mark };
  return framed({
    title,
    subtitle: "No result has this number; below is why.",
    parts: [box],
    caption,
    width,
    inset: 0,
  });
}

function captionBody(lines: readonly string[], width: number, inset: number): Body {
  return {
    data: { values: [{}] },
    width,
    height: lines.length * CAPTION_LEADING,
    view: { stroke: null },
    mark: {
      type: "text",
      text: [...lines],
      align: "left",
      baseline: "top",
      fontSize: CAPTION_SIZE,
      lineHeight: CAPTION_LEADING,
      color: "#444444",
    },
    encoding: { x: { value: -inset }, y: { value: 0 } },
  };
}
