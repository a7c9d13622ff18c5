import type { LoggerInterface } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { textWidth } from "./text-width.ts";

/** A picture, and what Vega had to say about its specification: nothing, unless we have a bug. */
export interface Picture {
  readonly svg: string;
  readonly warnings: readonly string[];
}

/** What Vega exports and its type declarations leave out. */
interface Untyped {
  readonly textMetrics: { width: (item: TextItem, text: unknown) => number };
  readonly setRandom: (random: () => number) => void;
  readonly randomLCG: (seed: number) => () => number;
}
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

/**
 * Draws a Vega-Lite specification. The same specification gives the same bytes: chance, the numbering of definitions and the
 * widths of characters are ours, not the host's.
 */
export async function draw(spec: TopLevelSpec): Promise<Picture> {
  // Loaded when the first chart is drawn: most commands draw none and should not wait a quarter of a second for it.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const { textMetrics, setRandom, randomLCG } = vega as unknown as Untyped;
  const warnings: string[] = [];
  const logger = collecting(warnings);
  textMetrics.width = (item, text) =>
    textWidth(
      String(text ?? "").trim(),
      item.fontSize ?? 11,
      item.fontWeight === "bold" || Number(item.fontWeight) >= 600,
    );
  setRandom(randomLCG(1));
  vega.resetSVGDefIds();
  const compiled = compile(spec, { logger });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none", logger });
  const svg = await view.toSVG();
  view.finalize();
  return { svg: `${svg}\n`, warnings };
}

function collecting(warnings: string[]): LoggerInterface {
  const note = (...parts: readonly unknown[]) => {
    warnings.push(parts.map(String).join(" "));
    return logger;
  };
  const logger: LoggerInterface = {
    level: () => logger,
    error: note,
    warn: note,
    info: () => logger,
    debug: () => logger,
  } as LoggerInterface;
  return logger;
}
