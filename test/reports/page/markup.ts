/** A tag of a page with its attributes. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly closes: boolean;
  readonly closed: boolean;
}

const TAG = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/y;
const ATTRIBUTE = /([\w:-]+)(?:="([^"]*)")?/g;
const VOID = ["meta"];

/** Every tag of a page; throws where a "<" begins none, or tags are not closed in turn. Style sheets are skipped. */
export function tagsOf(page: string): readonly Tag[] {
  const text = page.replace("<!DOCTYPE html>", "").replace(/(<style>)[^<]*/, "$1");
  const tags: Tag[] = [];
  const open: string[] = [];
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    TAG.lastIndex = at;
    const match = TAG.exec(text);
    if (!match) throw new Error(`no tag begins here: ${text.slice(at, at + 80)}`);
    const [, slash, name = "", attributes = "", self] = match;
    const tag = {
      name,
      closes: slash === "/",
      closed: self === "/" || VOID.includes(name),
      attributes: new Map([...attributes.matchAll(ATTRIBUTE)].map(([, key = "", value = ""]) => [key, value])),
    };
    tags.push(tag);
    if (tag.closes && open.pop() !== name)
      throw new Error(`</${name}> closes what is not open: ${text.slice(at - 80, at)}`);
    if (!tag.closes && !tag.closed) open.push(name);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return tags;
}

/** What a reader sees of some markup. */
export const textIn = (markup: string): string =>
  markup
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
