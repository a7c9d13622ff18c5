import { importHierarchies } from "../../../machines/hierarchies.ts";

export const HEADER = "topology,node,parent,kind,devfn,vendor,device,acs_ctl";

/** A root port, a switch and two drives, each line as given or as it should be. */
export const SWITCH: readonly string[] = [
  "t,0,-1,R,8,8086,2030,0x1d",
  "t,1,0,U,0,10b5,8733,",
  "t,2,1,D,0,10b5,8733,0x0",
  "t,3,1,D,8,10b5,8733,",
  "t,4,2,E,0,144d,a80a,",
  "t,5,3,E,0,144d,a80a,0x20",
];

export const csv = (lines: readonly string[], header = HEADER): string => [header, ...lines, ""].join("\n");

/** "line:column: what; remedy" of everything that is wrong. */
export const wrong = (text: string): readonly string[] =>
  importHierarchies(text).faults.map(({ line, column, what, remedy }) => `${line}:${column}: ${what}; ${remedy}`);

/** The switch with one line in another's place, counted as editors do: the header is line 1. */
export const changed = (line: number, text: string): string =>
  csv(SWITCH.map((each, at) => (at + 2 === line ? text : each)));
