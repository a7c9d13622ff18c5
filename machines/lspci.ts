import { type Topology, topologyFaults } from "../fabric/topology.ts";
import { byAddress } from "./lspci/address.ts";
import { busOf, readBuses, survey } from "./lspci/buses.ts";
import { readFunction } from "./lspci/functions.ts";
import { hasNvSwitch } from "./lspci/nvlink.ts";
import { platformOf } from "./lspci/platform.ts";
import { readRecords } from "./lspci/read.ts";
import { type LspciRecord, textOf } from "./lspci/record.ts";
import { refuseKind, refuseRecords } from "./lspci/refusal.ts";
import { note, type Remarks, sentencesOf } from "./lspci/remarks.ts";
import { readHostBridges, readSockets } from "./lspci/sockets.ts";
import { plant } from "./lspci/tree.ts";
import type { InputFault } from "./machine.ts";
import { recognise } from "./recognise.ts";

/**
 * Reads the text of `lspci -vvv` (with or without -nn, -D, -xxxx; quoted in a mail or not) as a machine, or tells all that is
 * wrong with it. What the text leaves open is completed, and the topology's warnings say so. The order of the text is immaterial.
 */
export function importLspci(input: string, label: string): Topology | InputFault[] {
  const text = input.replace(/^\ufeff/, "");
  const kind = recognise(text);
  if (kind !== "lspci") return [refuseKind(kind, text)];
  const records = readRecords(text);
  const faults = refuseRecords(records, text);
  if (faults.length > 0) return faults;
  const remarks: Remarks = new Map();
  if (!/\n[> \t\r]*\n[> \t\r]*$/.test(text)) note(remarks, "open-end", records.at(-1)?.id);
  const topology = machineOf(records, label, remarks);
  const impossible = [...nothingInIt(topology), ...topologyFaults(topology)];
  return impossible.length === 0 ? topology : impossible.map((what) => ({ line: 1, column: 1, what, remedy: WHOLE }));
}

const WHOLE = "give the whole output of `sudo lspci -Dnnvvv`, not a selection";

/**
 * text -> records -> buses -> places -> functions; what each step assumes goes into one list of remarks.
 *
 *   read.ts    what lspci wrote, uninterpreted
 *   buses.ts   which bridge leads to which bus, and which buses are roots
 *   tree.ts    who hangs below whom, and who is left out, and why
 *   functions.ts   links, sizes, BARs, ACS of each
 */
function machineOf(records: readonly LspciRecord[], name: string, remarks: Remarks): Topology {
  const surveyed = [...records].sort((left, right) => byAddress(left.address, right.address)).map(survey);
  const buses = readBuses(surveyed, remarks);
  const placed = plant(surveyed, buses, remarks);
  const roots = [...new Set(placed.map(({ record }) => buses.rootOf(busOf(record.address))))];
  const onRootBuses = surveyed.filter(({ address }) => buses.roots.has(busOf(address)));
  const hostBridges = readHostBridges(roots, surveyed, buses, remarks);
  const surroundings = { nvSwitch: hasNvSwitch(surveyed), remarks };
  return {
    name,
    platform: platformOf(onRootBuses, remarks),
    sockets: readSockets(surveyed, hostBridges, remarks),
    hostBridges,
    functions: placed.map((each) => readFunction(each, surroundings)),
    ...(surveyed.some(({ fields }) => textOf(fields, "IOMMU group") !== undefined) && { iommuGroups: true }),
    warnings: sentencesOf(remarks),
  };
}

/** A selection of endpoints without their bridges says nothing about paths, so it is no machine. */
function nothingInIt({ functions, warnings }: Topology): readonly string[] {
  if (functions.some(({ kind }) => kind === "endpoint")) return [];
  return [
    ["no endpoint below a root complex is described", ...warnings.filter((each) => /left out/.test(each))].join("; "),
  ];
}
