import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { Parameters } from "../calibration/parameters.ts";
import type { Proposal } from "../proposals/proposal.ts";
import { hashText } from "../sim/hash.ts";
import { type Complaints, EXIT } from "./exit-status.ts";
import { describeFault, lineIn } from "./fault.ts";
import { describe, type PluginDescription } from "./plugin-description.ts";

/** A proposal of somebody else's, and what is told of it. */
export interface LoadedProposal {
  readonly proposal: Proposal;
  readonly description: PluginDescription;
}

const PROVENANCES = ["control", "posted", "reconstructed", "hypothetical", "merged"] as const;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const changeSchema = z.strictObject({
  where: z.enum(["core", "exporter", "importer"]),
  what: z.string(),
  source: z.string(),
});

const formSchema = z.strictObject({
  provenance: z.enum(PROVENANCES),
  sources: z.array(z.string()),
  stateless: z.literal(true).optional(),
  changes: z.array(changeSchema).optional(),
  install: z.function(),
});

const constantSchema = z.strictObject({
  unit: z.string(),
  low: z.number(),
  typical: z.number(),
  high: z.number(),
  source: z.string(),
  kind: z.string(),
  what: z.string(),
});

const proposalSchema = z.strictObject({
  contract: z.literal(1),
  name: z.string().regex(KEBAB, "a kebab-case name, like my-proposal"),
  title: z.string().min(1),
  forms: z
    .record(z.string(), formSchema)
    .refine((forms) => Object.keys(forms).length > 0, "at least one form")
    .superRefine((forms, { addIssue }) => {
      for (const form of Object.keys(forms))
        if (!KEBAB.test(form)) addIssue(`"${form}" is no name of a form; a kebab-case one, like as-posted, would be`);
    }),
  constants: z.record(z.string(), constantSchema).optional(),
});

/** The proposal that a file exports as `proposal`; undefined, with complaints, where it exports none. Runs the file's code. */
export async function loadProposal(path: string, complaints: Complaints): Promise<LoadedProposal | undefined> {
  const complain = (what: string): void => complaints.add(`${path}: ${what}`, EXIT.unreadable);
  const source = await readFile(path, "utf8").catch(() => undefined);
  if (source === undefined) {
    complain("there is no such plugin file that can be read; give the path of an .mjs file");
    return undefined;
  }
  let exported: unknown;
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(resolve(path)).href);
    exported = module["proposal"];
  } catch (error) {
    complain(
      `is not a JavaScript module that loads (${firstLine(error)}${lineIn(path, stackOf(error))}); see docs/plugins.md`,
    );
    return undefined;
  }
  if (exported === undefined) {
    complain('exports no "proposal"; write: export const proposal = { contract: 1, name, title, forms }');
    return undefined;
  }
  try {
    return checked(exported, hashText(source), complain);
  } catch (error) {
    complain(`proposal.(itself): cannot be looked at (${firstLine(error)})`);
    return undefined;
  }
}

/** Getters and proxies of a plugin may throw while they are looked at. */
function checked(exported: unknown, hash: string, complain: (what: string) => void): LoadedProposal | undefined {
  const faults = contractFaults(exported);
  for (const fault of faults) complain(`proposal.${fault}`);
  if (faults.length > 0 || !isProposal(exported)) return undefined;
  const wrong = constantFaults(exported);
  for (const fault of wrong) complain(`proposal.constants: ${fault}`);
  return wrong.length === 0 ? { proposal: exported, description: describe(exported, hash) } : undefined;
}

/** What is wrong with a plugin's own constants, one sentence each. */
function constantFaults({ constants }: Proposal): readonly string[] {
  if (constants === undefined) return [];
  try {
    Parameters.typical(constants);
    return [];
  } catch (error) {
    return describeFault(error).split("\n");
  }
}

function contractFaults(exported: unknown): readonly string[] {
  const result = proposalSchema.safeParse(exported);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.map(String).join(".") || "(itself)"}: ${message}`);
}

const isProposal = (exported: unknown): exported is Proposal => contractFaults(exported).length === 0;

const firstLine = (error: unknown): string => describeFault(error).split("\n")[0] ?? "";

const stackOf = (error: unknown): string => (error instanceof Error ? String(error.stack) : "");
