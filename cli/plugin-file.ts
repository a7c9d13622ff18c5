import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { Parameters } from "../calibration/parameters.ts";
import type { Proposal } from "../proposals/proposal.ts";
import { hashText } from "../sim/hash.ts";
import { type Complaints, EXIT } from "./exit-status.ts";

/** A proposal and the hash of the file that it came from. */
export interface LoadedProposal {
  readonly proposal: Proposal;
  readonly hash: string;
}

const PROVENANCES = ["control", "posted", "reconstructed", "hypothetical", "merged"] as const;

const formSchema = z.object({
  provenance: z.enum(PROVENANCES),
  sources: z.array(z.string()),
  stateless: z.literal(true).optional(),
  install: z.function(),
});

const proposalSchema = z.object({
  contract: z.literal(1),
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a kebab-case name, like my-proposal"),
  title: z.string().min(1),
  forms: z.record(z.string(), formSchema).refine((forms) => Object.keys(forms).length > 0, "at least one form"),
  constants: z.record(z.string(), z.unknown()).optional(),
});

export const isPluginPath = (name: string): boolean => /\.m?js(\/[a-z0-9-]+)?$/.test(name);

/** The proposal that a file exports as `proposal`; undefined, with complaints, where it exports none. */
export async function loadProposal(path: string, complaints: Complaints): Promise<LoadedProposal | undefined> {
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch {
    complaints.add(
      `${path}: there is no such plugin file that can be read; give the path of an .mjs file`,
      EXIT.unreadable,
    );
    return undefined;
  }
  let exported: unknown;
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(resolve(path)).href);
    exported = module["proposal"];
  } catch (error) {
    complaints.add(
      `${path}: is not a JavaScript module that loads (${firstLine(error)}); see docs/plugins.md`,
      EXIT.unreadable,
    );
    return undefined;
  }
  if (exported === undefined) {
    complaints.add(
      `${path}: exports no "proposal"; write: export const proposal = { contract: 1, name, title, forms }`,
      EXIT.unreadable,
    );
    return undefined;
  }
  const faults = [...contractFaults(exported)];
  if (faults.length === 0) faults.push(...constantFaultsOf(exported));
  for (const fault of faults) complaints.add(`${path}: proposal.${fault}`, EXIT.unreadable);
  return faults.length === 0 && isProposal(exported) ? { proposal: exported, hash: hashText(source) } : undefined;
}

/** What is wrong with a plugin's own constants, one sentence each. */
function constantFaultsOf(exported: unknown): readonly string[] {
  if (!isProposal(exported) || exported.constants === undefined) return [];
  try {
    Parameters.typical(exported.constants);
    return [];
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n").map((line) => `constants: ${line}`);
  }
}

function contractFaults(exported: unknown): readonly string[] {
  const checked = checkedContract(exported);
  if (checked === undefined) return ["(itself): cannot be looked at"];
  return checked.success
    ? []
    : checked.error.issues.map(({ path, message }) => `${path.join(".") || "(itself)"}: ${message}`);
}

/** Getters and proxies of a plugin may throw while they are looked at. */
function checkedContract(exported: unknown): ReturnType<typeof proposalSchema.safeParse> | undefined {
  try {
    return proposalSchema.safeParse(exported);
  } catch {
    return undefined;
  }
}

const isProposal = (exported: unknown): exported is Proposal => contractFaults(exported).length === 0;

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n")[0] : String(error)) ?? "";
