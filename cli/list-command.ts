import { CONSTANTS } from "../calibration/constants.ts";
import { PLATFORMS } from "../calibration/platforms.ts";
import type { Topology } from "../fabric/topology.ts";
import { INVARIANTS } from "../invariants/index.ts";
import { endpointsByOrdinal } from "../machines/endpoints.ts";
import { importLspci } from "../machines/lspci.ts";
import { nearest } from "../machines/nearest.ts";
import { PRESETS } from "../machines/presets.ts";
import { PROPOSALS } from "../proposals/index.ts";
import { METRICS } from "../record/metric.ts";
import { WORKLOADS } from "../workloads/index.ts";
import { Complaints, EXIT, UserError } from "./exit-status.ts";
import { readMachine } from "./machine-source.ts";
import type { Terminal } from "./terminal.ts";

type Row = Readonly<Record<string, string | number>>;

/** What there is to choose from, by the word that `list` takes. */
const LISTS: Readonly<Record<string, () => readonly Row[]>> = {
  machines: () =>
    [...PRESETS.values()].map(({ name, title, topology }) => ({
      name,
      title,
      platform: PLATFORMS[topology().platform].title,
      forwards: forwards(topology()),
    })),
  proposals: () =>
    PROPOSALS.flatMap(({ name, title, forms }) =>
      Object.entries(forms).map(([form, { provenance, sources }]) => ({
        name: `${name}/${form}`,
        provenance,
        title,
        source: sources.join("; "),
      })),
    ),
  workloads: () => WORKLOADS.map(({ name, story }) => ({ name, story })),
  invariants: () => INVARIANTS.map(({ name, statement }) => ({ name, statement })),
  metrics: () =>
    Object.entries(METRICS).map(([name, { unit, better, definition }]) => ({ name, unit, better, definition })),
  constants: () =>
    Object.entries(CONSTANTS).map(([name, { unit, low, typical, high, kind, what, source }]) => ({
      name,
      low,
      typical,
      high,
      unit,
      kind,
      what,
      source,
    })),
  claims: () => [],
};

export const LISTABLE: readonly string[] = Object.keys(LISTS);

const forwards = ({ platform }: Topology): string =>
  `writes ${PLATFORMS[platform].posted}, reads ${PLATFORMS[platform].nonPosted}`;

/** `list WHAT`, and `list machines -m DUMP` for the devices of one machine. */
export async function listCommand(
  what: string,
  options: { readonly machine?: string; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  if (options.machine !== undefined && what !== "machines")
    throw new UserError([`list: -m goes with "machines", whose devices it lists, not with "${what}"`], EXIT.usage);
  const rows =
    options.machine === undefined
      ? Object.hasOwn(LISTS, what)
        ? LISTS[what]?.()
        : undefined
      : await devices(options.machine, terminal);
  if (rows === undefined) {
    const near = nearest(what, LISTABLE);
    const meant = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
    throw new UserError([`list: "${what}" is not one of ${LISTABLE.join(", ")}${meant}`], EXIT.usage);
  }
  if (options.json) terminal.json(`p2peval-list-${what}/1`, true, rows, [], []);
  else if (rows.length === 0) terminal.note(`no ${what} in this version`);
  else terminal.print(columns(rows));
  return EXIT.done;
}

async function devices(source: string, terminal: Terminal): Promise<readonly Row[]> {
  const complaints = new Complaints();
  const machine = await readMachine(source, complaints);
  complaints.throwIfAny();
  const topology =
    machine === undefined
      ? undefined
      : "preset" in machine
        ? PRESETS.get(machine.preset)?.topology()
        : importLspci(machine.text, machine.label);
  if (topology === undefined) return [];
  if (Array.isArray(topology))
    throw new UserError(
      topology.map(({ line, column, what, remedy }) => `${source}:${line}:${column}: ${what}; ${remedy}`),
      EXIT.unreadable,
    );
  const { warnings } = topology as Topology;
  for (const warning of warnings) terminal.note(`note: ${warning}`);
  return [...endpointsByOrdinal(topology as Topology)].map(([name, { id, label, link }]) => ({
    name,
    address: id,
    link: link ? `gen${link.generation} x${link.width}` : "in the root complex",
    label,
  }));
}

/** Rows as aligned columns; the last one runs free. */
function columns(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, at) => (at === line.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  "))
    .join("\n");
}
