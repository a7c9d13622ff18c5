import type { Status } from "../../record/outcome.ts";
import { html, type Markup } from "./html.ts";

/** How a status is shown: never by its colour alone. */
interface StatusLook {
  readonly glyph: string;
  readonly word: string;
  readonly meaning: string;
}

/** From what a reviewer must hear first to what is in order; the order decides which of several statuses is the worst. */
export const STATUS_LOOKS: Readonly<Record<Status, StatusLook>> = {
  corrupt: { glyph: "\u2717", word: "corrupt", meaning: "bytes were lost or wrong, and nobody was told" },
  hung: { glyph: "\u221e", word: "hung", meaning: "somebody waits for ever; the reason names the holder" },
  failed: { glyph: "!", word: "failed", meaning: "the transfer reported an error to user space" },
  refused: { glyph: "\u2298", word: "refused", meaning: "the kernel said no, and why" },
  inapplicable: { glyph: "\u2013", word: "inapplicable", meaning: "the machine has no such devices" },
  staged: { glyph: "\u21c5", word: "staged", meaning: "the data went through system memory" },
  completed: { glyph: "\u2713", word: "works", meaning: "from device to device" },
};

const isStatus = (word: string): word is Status => Object.hasOwn(STATUS_LOOKS, word);

/** All statuses, the worst first. */
export const STATUSES: readonly Status[] = Object.keys(STATUS_LOOKS).filter(isStatus);

/** Glyph, colour and word of a status. */
export function statusMark(status: Status): Markup {
  const { glyph, word } = STATUS_LOOKS[status];
  return html`<span class="status ${status}"><span aria-hidden="true">${glyph}</span> ${word}</span>`;
}

/** What each status means. */
export const statusLegend = (): Markup =>
  html`<ul class="legend" aria-label="What the words mean">${STATUSES.toReversed().map(
    (status) => html`<li>${statusMark(status)} ${STATUS_LOOKS[status].meaning}</li>`,
  )}<li><span class="status breach"><span aria-hidden="true">\u26a0</span> breaks</span> an invariant was broken, whatever the status</li></ul>\n`;
