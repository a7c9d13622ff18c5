import { hostname } from "node:os";
import { z } from "zod";
import { CONSTANTS } from "../calibration/constants.ts";
import type { Facts } from "../reports/page/facts.ts";
import { commandLine } from "./command-line.ts";
import type { Comparison } from "./lookup.ts";
import type { RunRequest } from "./request.ts";
import { VERSION } from "./version.ts";

/** Raised when a field changes its meaning or one that `report` needs is added. */
const SCHEMA = "p2peval-manifest/2";

const text = z.string();
const change = z.object({ where: z.enum(["core", "exporter", "importer"]), what: text, source: text });
const form = z.object({
  provenance: z.enum(["control", "posted", "reconstructed", "hypothetical", "merged"]),
  sources: z.array(text),
  changes: z.array(change).optional(),
});
const assumed = z.object({
  name: text,
  unit: text,
  low: z.number(),
  typical: z.number(),
  high: z.number(),
  what: text,
});

/** What the page of a run needs of its manifest; the rest of it is for people. */
const MANIFEST = z.object({
  schema: z.literal(SCHEMA),
  version: text,
  command: text,
  machines: z.array(text),
  request: z.looseObject({ seed: z.number(), reps: z.number() }),
  notes: z.array(text),
  proposals: z.array(z.object({ name: text, title: text, forms: z.record(text, form) })),
  workloads: z.array(z.object({ name: text, title: text, story: text })),
  assumed_constants: z.array(assumed),
  sha256: z.record(text, text),
});

/** The part of a manifest that a page is made of. */
export type Manifest = z.infer<typeof MANIFEST>;

/** The tables that a page is made of, by their name in a run's folder. */
export const TABLES = ["results.csv", "cells.csv", "invariants.csv"] as const;

/** A manifest as a run writes it, as far as it is known before the last file is written. */
export function manifestOf(
  request: RunRequest,
  { grid }: Comparison,
  notes: readonly string[],
  sha256: Readonly<Record<string, string>>,
): Manifest {
  const { machines, ...rest } = request;
  const proposals = new Map(grid.forms.map(({ proposal }) => [proposal.name, proposal]));
  return {
    schema: SCHEMA,
    version: VERSION,
    command: commandLine(request),
    machines: machines.map((machine) => ("preset" in machine ? machine.preset : machine.label)),
    request: { ...rest, reuses: rest.reuses.map((reuse) => (Number.isFinite(reuse) ? reuse : "inf")) },
    notes: [...notes],
    proposals: [...proposals.values()].map(({ name, title, forms }) => ({
      name,
      title,
      forms: Object.fromEntries(
        Object.entries(forms).map(([formName, { provenance, sources, changes }]) => [
          formName,
          {
            provenance,
            sources: [...sources],
            ...(changes && { changes: changes.map(({ where, what, source }) => ({ where, what, source })) }),
          },
        ]),
      ),
    })),
    workloads: grid.workloads.map(({ name, title, story }) => ({ name, title, story })),
    assumed_constants: assumedConstants([...proposals.values()].map(({ constants = {} }) => constants)),
    sha256: { ...sha256 },
  };
}

/** Those of the model and those that proposals bring along. */
function assumedConstants(own: readonly Comparison["grid"]["forms"][number]["proposal"]["constants"][]) {
  return [CONSTANTS, ...own].flatMap((constants) =>
    Object.entries(constants ?? {})
      .filter(([, { kind }]) => kind === "assumed")
      .map(([name, { unit, low, typical, high, what }]) => ({ name, unit, low, typical, high, what })),
  );
}

/** The manifest's whole text: wall clock and host stand here and nowhere else. */
export function manifestDocument(manifest: Manifest, cells: number, elapsedMs: number): object {
  const { schema, version, ...rest } = manifest;
  const where = { node: process.version, host: hostname() };
  return { schema, version, ...where, finished: new Date().toISOString(), elapsed_ms: elapsedMs, cells, ...rest };
}

/** Reads a manifest; a sentence where it is none that a page can be made of. */
export function readManifest(content: string): Manifest | string {
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch {
    return "is not JSON";
  }
  const { success, data, error } = MANIFEST.safeParse(document);
  if (success) return data;
  const schema = z.object({ schema: text }).safeParse(document).data?.schema;
  if (schema !== undefined && schema !== SCHEMA) return `is of schema ${schema}, and this version reads ${SCHEMA}`;
  const [issue] = error.issues;
  return `is not a run's manifest (${issue?.path.join(".") || "document"}: ${issue?.message ?? "unreadable"})`;
}

/** What the page says of the run beside its results. */
export function factsOf(manifest: Manifest): Facts {
  const { version, command, machines, request, notes, proposals, workloads, sha256 } = manifest;
  return {
    version,
    command,
    seed: request.seed,
    reps: request.reps,
    machines,
    proposals,
    workloads,
    assumed: manifest.assumed_constants,
    notes,
    sha256: Object.fromEntries(TABLES.map((name) => [name, sha256[name] ?? ""])),
  };
}
