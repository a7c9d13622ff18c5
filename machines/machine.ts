import type { Topology } from "../fabric/topology.ts";

/** A machine that ships with p2peval; the platform and the year in its title decide results as much as its tree does. */
export interface Preset {
  /** What the command line calls it. */
  readonly name: string;
  readonly title: string;
  readonly topology: () => Topology;
}

/** What is wrong with an input, where, and what would be right. The command line puts the file's label in front. */
export interface InputFault {
  /** Both count from 1, as compilers and editors do. */
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly remedy: string;
}
