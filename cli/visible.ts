/** Control characters of ASCII and Latin-1, line separators, and those that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** The text as one line in which nothing acts on a terminal: what cannot be seen is written as JSON writes it. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (each) => SHORT.get(each) ?? `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The same, line by line. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n");
