import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratch } from "../scratch.ts";

/** What a plugin of a test does at some places; at all others it is as a plugin should be, and moves nothing. */
export interface PluginText {
  readonly name?: string;
  /** Runs while it is loaded. */
  readonly top?: string;
  readonly form?: string;
  readonly access?: string;
}

/** Writes a plugin and says where. */
export function pluginFile({ name = "mine", top = "", form = "intended", access = SERVES }: PluginText): string {
  const path = join(scratch(), `${name}.mjs`);
  writeFileSync(
    path,
    `${top}
const end = { *unmap() {}, *release() {}, *retract() {}, *free() {}, *withdraw() {} };
const mapping = (kernel) => ({ ...end, ${access} });
const held = (kernel) => ({ ...end, *map() { return mapping(kernel); } });
const exposed = (kernel) => ({ ...end, *resolve() { return held(kernel); } });
const region = (kernel) => ({ ...end, *expose() { return exposed(kernel); } });
const provider = (kernel) => ({ ...end, *alloc() { return region(kernel); } });
export const proposal = { contract: 1, name: "${name}", title: "x", forms: { "${form}": { provenance: "hypothetical", sources: [],
  install: (kernel) => ({ *provide() { return provider(kernel); } }) } } };\n`,
  );
  return path;
}

const SERVES = '*access() { yield* kernel.cpu.run("cpu.syscall", 1); return ""; }';
