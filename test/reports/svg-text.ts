import { textWidth } from "../../reports/text-width.ts";

/** A line of text in a picture and the box that it fills, in pixels of the picture. */
export interface PlacedText {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly turned: boolean;
}

/** Every line of text of an SVG that Vega wrote, with its place: follows translations, quarter turns and lines within a text. */
export function textsIn(svg: string): readonly PlacedText[] {
  const frames: Frame[] = [];
  const found: PlacedText[] = [];
  let style: Style | undefined;
  for (const [, closing, name = "", attributes = "", empty, text = ""] of svg.matchAll(TAG)) {
    if (closing) {
      frames.pop();
      continue;
    }
    const frame = within(frames.at(-1) ?? OUTER, attributes);
    if (name === "text") style = styleOf(attributes);
    if (style && text.trim() !== "") found.push(boxOf(decoded(text.trim()), style, frame));
    // The next line of a text counts its distance from this one.
    if (name === "tspan") frames.splice(-1, 1, frame);
    if (!empty) frames.push(frame);
  }
  return found;
}

const TAG = /<(\/?)(g|text|tspan)\b([^>]*?)(\/?)>([^<]*)/g;
const OUTER: Frame = { x: 0, y: 0, turned: false };

interface Style {
  readonly size: number;
  readonly bold: boolean;
  readonly anchor: string;
}

function styleOf(attributes: string): Style {
  const size = Number(/font-size="([\d.]+)px"/.exec(attributes)?.[1]);
  const anchor = /text-anchor="(\w+)"/.exec(attributes)?.[1] ?? "start";
  return { size, bold: attributes.includes('font-weight="bold"'), anchor };
}

function within({ x, y, turned }: Frame, attributes: string): Frame {
  const [dx = 0, dy = 0] = (/translate\(([-\d.e]+),([-\d.e]+)\)/.exec(attributes) ?? []).slice(1).map(Number);
  const line = Number(/ dy="([-\d.]+)"/.exec(attributes)?.[1] ?? 0);
  return { x: x + dx, y: y + dy + line, turned: turned || attributes.includes("rotate(-90)") };
}

function boxOf(text: string, { size, bold, anchor }: Style, { x, y, turned }: Frame): PlacedText {
  const width = textWidth(text, size, bold);
  const before = anchor === "end" ? width : anchor === "middle" ? width / 2 : 0;
  if (turned)
    return { text, left: x - 0.75 * size, right: x + 0.2 * size, top: y - width + before, bottom: y + before };
  return { text, left: x - before, right: x - before + width, top: y - 0.75 * size, bottom: y + 0.2 * size };
}

const decoded = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replaceAll("&#160;", "\u00a0");
