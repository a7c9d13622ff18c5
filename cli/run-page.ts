import { readCsv } from "../machines/hierarchies/csv.ts";
import { reportPage } from "../reports/page/page.ts";
import { readResults } from "../reports/result-reader.ts";
import { factsOf, type Manifest, type TABLES } from "./manifest.ts";

/** The texts of a run's tables, by name. */
export type TableTexts = Readonly<Record<(typeof TABLES)[number], string>>;

/** The page of a run, made of what stands in its folder: the same whether the run has just ended or was found; or what is wrong. */
export async function runPage(
  texts: TableTexts,
  manifest: Manifest,
): Promise<{ readonly page: string } | { readonly faults: readonly string[] }> {
  const faults: string[] = [];
  const records = (name: keyof TableTexts): readonly (readonly string[])[] => {
    const read = readCsv(texts[name]);
    faults.push(...read.faults.map(({ line, column, what }) => `${name}:${line}:${column}: ${what}`));
    return read.records.map((record) => record.map((field) => field.text));
  };
  const tables = {
    results: records("results.csv"),
    cells: records("cells.csv"),
    invariants: records("invariants.csv"),
  };
  if (faults.length > 0) return { faults };
  const reading = readResults(tables);
  return "faults" in reading ? reading : { page: await reportPage(reading.results, factsOf(manifest)) };
}
