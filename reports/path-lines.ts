import type { PathStep } from "../record/explanation.ts";
import { columnLines } from "./columns.ts";
import { plain } from "./numeral.ts";

/**
 * The path as a tree: each socket, host bridge, port and device with its link, its MPS, its ACS bits and its label; a label that does
 * not fit into `width` stands below its line.
 */
export function pathLines(path: readonly PathStep[], width: number): readonly string[] {
  const rows = path.map((step) => [
    `${"  ".repeat(step.depth)}${nameOf(step)}`,
    step.link ? `gen${step.link.generation} x${step.link.width}` : "",
    step.max_payload_bytes === null ? "" : `MPS ${step.max_payload_bytes}`,
    acsOf(step),
  ]);
  const lines = columnLines(rows, ["left", "left", "left", "left"]);
  return lines.flatMap((line, place) => labelled(`  ${line}`, path[place], width));
}

function labelled(line: string, step: PathStep | undefined, width: number): readonly string[] {
  const label = plain(step?.label ?? "");
  if (label === "") return [line];
  const whole = `${line}  ${label}`;
  return [...whole].length <= width ? [whole] : [line, `${"  ".repeat((step?.depth ?? 0) + 3)}${label}`];
}

const KINDS: Readonly<Record<PathStep["kind"], string>> = {
  socket: "socket",
  "host-bridge": "host bridge",
  "root-port": "root port",
  "upstream-port": "switch, upstream",
  "downstream-port": "downstream",
  endpoint: "",
};

function nameOf({ kind, id, name, leads_to }: PathStep): string {
  if (kind === "endpoint") return `${id} ${name ?? ""} (--${leads_to})`;
  return `${KINDS[kind]} ${id}${name ? ` (${name})` : ""}`;
}

function acsOf({ kind, acs }: PathStep): string {
  if (kind === "socket" || kind === "host-bridge") return "";
  if (acs === null) return "no ACS capability";
  const bits = acs.set.length > 0 ? acs.set.join(" ") : "no ACS bit";
  return `${bits} (${acs.origin})`;
}
