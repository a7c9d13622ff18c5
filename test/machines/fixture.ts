import { readFileSync } from "node:fs";
import type { Topology } from "../../fabric/topology.ts";
import { importLspci } from "../../machines/lspci.ts";
import type { InputFault } from "../../machines/machine.ts";

/** A two-socket server as pciutils 3.13 prints it: switch with ACS redirect, idle GPU, virtual functions, a BMC behind a PCI bridge. */
export const SERVER: string = read("server.lspci-nnvvv.txt");

/** A desktop as pciutils 3.1 prints it: no numbers, no NUMA nodes, no ACS, and a shell prompt on top. */
export const DESKTOP: string = read("desktop.lspci-vvv.txt");

/** What a text that should be a machine is imported as. */
export function imported(text: string, label = "machine"): Topology {
  const answer = importLspci(text, label);
  if (Array.isArray(answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

/** What is wrong with a text that should not be one. */
export function faultsOf(text: string): readonly InputFault[] {
  const answer = importLspci(text, "machine");
  return Array.isArray(answer) ? answer : [];
}

function read(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}
