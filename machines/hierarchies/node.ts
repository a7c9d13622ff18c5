import type { AcsRegisters } from "../../fabric/hierarchy.ts";
import type { InputFault } from "../machine.ts";
import { acsOf } from "./acs.ts";
import type { Field } from "./csv.ts";
import { isKind, KINDS, type Kind } from "./kind.ts";

/** The columns of a file of hierarchies, found by name. */
export const COLUMNS = ["topology", "node", "parent", "kind", "devfn", "vendor", "device", "acs_ctl"] as const;

export type Column = (typeof COLUMNS)[number];

/** A row by its columns. */
export type Row = Readonly<Record<Column, Field>>;

/** A row that was understood; who its parent is, is still to be seen. */
export interface Node {
  readonly topology: string;
  readonly id: number;
  /** A node, or -1, -2, ... for host bridge 1, 2, ... */
  readonly parent: number;
  readonly kind: Kind;
  /** Device and function, 0 to 255. */
  readonly devfn: number;
  /** Vendor and device, "8086:29c0". */
  readonly identity: string;
  readonly acs?: AcsRegisters;
  readonly row: Row;
}

/** Reads one row; all that is wrong in it goes to the faults. */
export function readNode(row: Row, faults: InputFault[]): Node | undefined {
  const reader = new RowReader(row, faults);
  const topology = reader.read("topology", (text) => text || undefined, "a name");
  const id = reader.read("node", whole, "a whole number from 0, the node's own in its topology");
  const parent = reader.read("parent", signed, "another row's node, or -1, -2, ... for host bridge 1, 2, ...");
  const kind = reader.read("kind", (text) => (isKind(text) ? text : undefined), LETTERS);
  const devfn = reader.read(
    "devfn",
    (text) => hex(text, 0xff),
    "a hexadecimal number from 0 to ff, device * 8 + function",
  );
  const vendor = reader.read("vendor", (text) => hex(text, 0xffff), "a hexadecimal number from 0 to ffff");
  const device = reader.read("device", (text) => hex(text, 0xffff), "a hexadecimal number from 0 to ffff");
  const acs = reader.read("acs_ctl", registers, "a hexadecimal number from 0 to 7f, or empty without the capability");
  if (topology === undefined || id === undefined || parent === undefined || kind === undefined) return undefined;
  if (devfn === undefined || vendor === undefined || device === undefined || acs === undefined) return undefined;
  return { topology, id, parent, kind, devfn, identity: `${word(vendor)}:${word(device)}`, ...acs, row };
}

class RowReader {
  readonly #row: Row;
  readonly #faults: InputFault[];

  constructor(row: Row, faults: InputFault[]) {
    this.#row = row;
    this.#faults = faults;
  }

  read<T>(column: Column, understand: (text: string) => T | undefined, right: string): T | undefined {
    const { text, line, column: place } = this.#row[column];
    const value = understand(text.trim());
    if (value === undefined)
      this.#faults.push({ line, column: place, what: `${column} is ${shown(text)}`, remedy: `give ${right}` });
    return value;
  }
}

const MOST_SHOWN = 40;

/** What stands there, cut where it is long. */
const shown = (text: string): string =>
  text === "" ? "empty" : JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);

const LETTERS = `one of ${Object.entries(KINDS)
  .map(([letter, { title }]) => `${letter} (${title})`)
  .join(", ")}`;

/** No more digits than a number holds exactly. */
const whole = (text: string): number | undefined => (/^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined);

const signed = (text: string): number | undefined => (/^-[1-9]\d{0,8}$/.test(text) ? Number(text) : whole(text));

function hex(text: string, most: number): number | undefined {
  const value = /^(?:0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : most + 1;
  return value <= most ? value : undefined;
}

/** Bits 0 to 6 of ACS Control (PCIe 7.7.8.3). */
const MOST_ACS = 0x7f;

function registers(text: string): Pick<Node, "acs"> | undefined {
  if (text === "") return {};
  const value = hex(text, MOST_ACS);
  return value === undefined ? undefined : { acs: { control: acsOf(value) } };
}

const word = (value: number): string => value.toString(16).padStart(4, "0");
