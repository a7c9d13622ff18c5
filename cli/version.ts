import { readFileSync } from "node:fs";

interface PackageFile {
  readonly version: string;
}

/** Compiled files lie one folder deeper than their sources. */
const depth = import.meta.url.endsWith(".ts") ? "../" : "../../";

/** Version of the package and of the model: results of different model versions are not compared. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL(`${depth}package.json`, import.meta.url), "utf8")) as PackageFile
).version;
