/** Text that is HTML already. Only `html` and `inlined` make it, so whatever else stands on a page has been escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text and numbers are escaped, markup is not, lists are joined. */
export type Content = string | number | Markup | readonly Content[];

/** A template whose values are escaped for element content and for attributes in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + textOf(values[index] ?? "")).join(""));
}

/** A picture or a style sheet of ours that goes onto the page as it is, but for what cannot be seen in its texts. */
export const inlined = (text: string): Markup => new Markup(text.replace(HIDDEN, "\ufffd"));

function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  return typeof content === "string" || typeof content === "number"
    ? escaped(String(content))
    : content.map(textOf).join("");
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** Control characters, which HTML has no place for, and those that would turn the direction of all that follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (text: string): string =>
  text.replace(HIDDEN, "\ufffd").replace(/[&<>"']/g, (each) => ENTITIES.get(each) ?? "");
