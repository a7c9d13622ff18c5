import { type Complaints, EXIT } from "./exit-status.ts";
import { readMachine } from "./machine-source.ts";
import type { MachineText } from "./request.ts";

/** The machines of a comparison, and what is to be said of how they were named. */
export interface MachineList {
  readonly machines: readonly MachineText[];
  readonly notes: readonly string[];
}

/** Reads every machine. The same dump is taken once, whatever it is called; two that would look alike in every table are refused. */
export async function readMachines(sources: readonly string[], complaints: Complaints): Promise<MachineList> {
  const machines: MachineText[] = [];
  const notes: string[] = [];
  for (const source of new Set(sources)) {
    const machine = await readMachine(source, complaints);
    if (machine === undefined) continue;
    const same = machines.find((each) => sameText(each, machine));
    const alike = machines.find((each) => labelOf(each) === labelOf(machine));
    if (same) notes.push(`${source}: the same dump as ${sourceOf(same)}, taken once`);
    else if (alike)
      complaints.add(
        `-m: ${sourceOf(alike)} and ${source} would both be called "${labelOf(machine)}"; rename a file to tell them apart`,
        EXIT.usage,
      );
    else machines.push(machine);
  }
  return { machines, notes };
}

const sameText = (one: MachineText, other: MachineText): boolean =>
  "text" in one && "text" in other && one.text === other.text;

const labelOf = (machine: MachineText): string => ("preset" in machine ? machine.preset : machine.label);

const sourceOf = (machine: MachineText): string =>
  "preset" in machine ? `the preset ${machine.preset}` : machine.source;
