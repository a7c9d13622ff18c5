/** What `-p` names: a proposal of ours or a plugin by its path, and one form where not all are meant. */
export type ProposalName =
  | { readonly kind: "built-in"; readonly name: string; readonly form: string | undefined }
  | { readonly kind: "plugin"; readonly path: string; readonly form: string | undefined };

const PLUGIN = /^(.*\.m?js)(?:\/([^/]*))?$/s;
const BEYOND_PLUGIN = /\.m?js\//;
/** What a path begins with, and the name of no proposal. */
const PATH_LIKE: readonly (string | undefined)[] = ["", ".", ".."];

/** Reads "name", "name/form", "./mine.mjs" or "./mine.mjs/form"; what is wrong with it where it is none of them. */
export function readProposalName(text: string): ProposalName | string {
  const [, path, pluginForm] = PLUGIN.exec(text) ?? [];
  if (path !== undefined) return { kind: "plugin", path, form: pluginForm };
  const [name = "", form, ...rest] = text.split("/");
  if (BEYOND_PLUGIN.test(text)) return `"${text}" goes on after a form; give ./mine.mjs or ./mine.mjs/form`;
  if (PATH_LIKE.includes(name)) return `"${text}" is no plugin: the path of a plugin ends in .mjs or .js`;
  if (rest.length > 0) return `"${text}" goes on after a form; give ${name} or ${name}/${form}`;
  return { kind: "built-in", name, form };
}
