import type { TopLevelSpec } from "vega-lite";
import { FONT, textWidth, wrap } from "./text-width.ts";

const CAPTION_SIZE = 11;
const CAPTION_LEADING = 15;

/** Type sizes, greys and limits that all charts share. Nothing may be cut, and the ground is white on any page. */
export const CONFIG = {
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
  legend: { labelFontSize: 11, titleFontSize: 12, labelLimit: 0, titleLimit: 0, rowPadding: 5, symbolStrokeWidth: 2 },
  title: { fontSize: 16, subtitleFontSize: 12, subtitleColor: "#444444", anchor: "start", offset: 14, limit: 0 },
} as const;

/** The part of a page that a chart fills, without its title and caption. */
export type Body = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** A chart's headline. */
export interface Headline {
  readonly text: string;
  readonly subtitle: string;
}

/** Sets a chart between its headline and its caption; the caption is wrapped to `width` pixels. */
export function framed(headline: Headline, body: Body, caption: readonly string[], width: number): TopLevelSpec {
  const lines = caption.flatMap((line) => wrap(line, (text) => textWidth(text, CAPTION_SIZE) <= width));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: [headline.text, headline.subtitle, ...caption].join(" "),
    background: "white",
    padding: 16,
    title: { text: headline.text, subtitle: [headline.subtitle], subtitlePadding: 6 },
    spacing: 18,
    vconcat: [
      body,
      {
        data: { values: [{}] },
        width,
        height: Math.max(1, lines.length) * CAPTION_LEADING,
        view: { stroke: null },
        mark: {
          type: "text",
          text: lines.length === 0 ? [" "] : [...lines],
          align: "left",
          baseline: "top",
          fontSize: CAPTION_SIZE,
          lineHeight: CAPTION_LEADING,
          color: "#444444",
        },
        encoding: { x: { value: 0 }, y: { value: 0 } },
      },
    ],
    config: CONFIG,
  };
}
