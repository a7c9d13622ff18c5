import type { Hierarchy } from "../fabric/hierarchy.ts";
import { type Field, readCsv } from "./hierarchies/csv.ts";
import { familyFaults, hierarchyOf } from "./hierarchies/family.ts";
import { COLUMNS, type Column, type Node, type Row, readNode } from "./hierarchies/node.ts";
import type { InputFault } from "./machine.ts";
import { recognise } from "./recognise.ts";

/** What was read; no hierarchies where there are faults. */
export interface Imported {
  readonly hierarchies: readonly Hierarchy[];
  readonly faults: readonly InputFault[];
}

/**
 * Reads PCI hierarchies from CSV, a row for each function, or tells all that is wrong with it. Columns are found by name, others are
 * ignored; rows may come in any order.
 *
 *   topology,node,parent,kind,devfn,vendor,device,acs_ctl
 *   two-drives,0,-1,R,8,8086,2030,0x0        a root port below host bridge 1, ACS there and off
 *   two-drives,1,0,E,0,144d,a80a,            an endpoint below it, without ACS
 */
export function importHierarchies(input: string): Imported {
  const text = input.replace(/^\ufeff/, "");
  const kind = recognise(text);
  if (kind !== "prose")
    return refused([{ line: 1, column: 1, what: `this is ${NAMES.get(kind) ?? kind}`, remedy: GIVE }]);
  const { records, broken, faults } = readCsv(text);
  const [header = [], ...rest] = records;
  const found = [...headerFaults(header, faults)];
  if (found.length > 0) return refused(found);
  found.push(...faults);
  const families = new Map<string, Family>();
  for (const record of broken) passOver(record, header, families);
  for (const record of rest) readRecord(record, header, families, found);
  for (const { nodes, unread } of families.values()) for (const each of familyFaults(nodes, unread)) found.push(each);
  if (rest.length + broken.length === 0) found.push({ line: 2, column: 1, what: NO_ROW, remedy: GIVE });
  if (found.length > 0) return refused(found);
  return { hierarchies: [...families].map(([name, { nodes }]) => hierarchyOf(name, nodes)), faults: [] };
}

const NO_ROW = "there is no row below the header";

/** The rows of one topology. */
interface Family {
  readonly nodes: Node[];
  /** Nodes whose rows could not be read. */
  readonly unread: Set<number>;
}

const GIVE = `give CSV with a row for each PCI function and the columns ${COLUMNS.join(", ")}`;

/** Words for what is recognised by a short name. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["empty", "empty"],
  ["binary", "binary"],
  ["gzip", "gzip inside gzip"],
  ["lspci", "lspci -vvv, which describes a machine and not hierarchies"],
]);

/** Faults in the order of the text. */
const refused = (faults: readonly InputFault[]): Imported => ({
  hierarchies: [],
  faults: [...faults].sort((left, right) => left.line - right.line || left.column - right.column),
});

/** What is wrong with the first line; where it could not even be split, that alone. */
function* headerFaults(header: readonly Field[], faults: readonly InputFault[]): Generator<InputFault> {
  const line = header[0]?.line ?? 1;
  const [first] = faults;
  if (first && (header.length === 0 || first.line < line)) {
    yield first;
    return;
  }
  const names = header.map(({ text }) => text.trim());
  for (const column of COLUMNS)
    if (!names.includes(column)) yield { line, column: 1, what: `the header lacks the column ${column}`, remedy: GIVE };
  for (const [place, field] of header.entries()) {
    const name = names[place] ?? "";
    if (COLUMNS.some((each) => each === name) && names.indexOf(name) < place)
      yield { ...placeOf(field), what: `the header names ${name} twice`, remedy: "name each column once" };
  }
}

const placeOf = ({ line, column }: Field): Pick<InputFault, "line" | "column"> => ({ line, column });

type Fields = readonly Field[];

/** The field below a column's name, where the record reaches that far. */
const fieldAt = (record: Fields, header: Fields, name: Column): Field | undefined =>
  record[header.findIndex(({ text }) => text.trim() === name)];

function familyOf(record: Fields, header: Fields, families: Map<string, Family>): Family {
  const topology = fieldAt(record, header, "topology")?.text.trim() ?? "";
  const family = families.get(topology) ?? { nodes: [], unread: new Set() };
  families.set(topology, family);
  return family;
}

/** Remembers which node a row was about that cannot be read, so that its children are not called orphans. */
function passOver(record: Fields, header: Fields, families: Map<string, Family>): void {
  const node = Number.parseInt(fieldAt(record, header, "node")?.text ?? "", 10);
  familyOf(record, header, families).unread.add(node);
}

function readRecord(record: Fields, header: Fields, families: Map<string, Family>, faults: InputFault[]): void {
  const row = record.length === header.length ? rowOf((name) => fieldAt(record, header, name)) : undefined;
  if (row === undefined) faults.push(wrongLength(record, header));
  const node = row && readNode(row, faults);
  if (node) familyOf(record, header, families).nodes.push(node);
  else passOver(record, header, families);
}

function rowOf(named: (name: Column) => Field | undefined): Row | undefined {
  const [topology, node, parent, kind, devfn, vendor, device, acs] = COLUMNS.map(named);
  if (!topology || !node || !parent || !kind || !devfn || !vendor || !device || !acs) return undefined;
  return { topology, node, parent, kind, devfn, vendor, device, acs_ctl: acs };
}

function wrongLength(record: Fields, header: Fields): InputFault {
  const { line = 1, column = 1 } = record[Math.min(record.length - 1, header.length)] ?? {};
  const what = `this row has ${record.length} fields, and the header ${header.length}`;
  return { line, column, what, remedy: "give every column its field, an empty one where there is no value" };
}
