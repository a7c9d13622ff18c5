import type { Result } from "../../../record/result.ts";
import type { Facts } from "../../../reports/page/facts.ts";

/** What a registry would say of some results; every text may be given. */
export function factsFor(results: readonly Result[], text: string = "a text"): Facts {
  const forms = (name: string) =>
    Object.fromEntries(
      results
        .filter(({ cell }) => cell.proposal === name)
        .map(({ cell: { form, provenance } }) => [form, { provenance, sources: [`source: ${text}`] }]),
    );
  return {
    version: "0.1.0",
    command: `p2peval run -m '${text}'`,
    seed: 1,
    reps: 1,
    machines: [text],
    proposals: [...new Set(results.map(({ cell }) => cell.proposal))].map((name) => ({
      name,
      title: text,
      forms: forms(name),
    })),
    workloads: [{ name: "storage-to-gpu", title: text, story: text }],
    assumed: [{ name: "cpu.syscall", unit: "ns", low: 1, typical: 2, high: 3, what: text }],
    notes: [text],
    sha256: { "results.csv": "00aa", "cells.csv": "11bb", "invariants.csv": "22cc" },
  };
}
