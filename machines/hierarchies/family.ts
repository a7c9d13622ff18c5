import type { Hierarchy, PciDev, PciHostBridge } from "../../fabric/hierarchy.ts";
import type { InputFault } from "../machine.ts";
import type { Field } from "./csv.ts";
import { type Kind, ruleOf } from "./kind.ts";
import type { Node } from "./node.ts";

/** Every way in which the rows of one topology are no tree of PCI functions. Of nodes called `unread`, another fault is told already. */
export function familyFaults(nodes: readonly Node[], unread: ReadonlySet<number>): readonly InputFault[] {
  const byId = new Map<number, Node>();
  for (const each of nodes) if (!byId.has(each.id)) byId.set(each.id, each);
  const certain = nodes.filter(({ parent }) => !unread.has(parent));
  return [
    ...nodes.flatMap((each) => twin(each, byId)),
    ...certain.flatMap((each) => parentFaults(each, byId)),
    ...sharedAddresses(nodes),
    ...circles(nodes, byId),
  ];
}

const faultAt = ({ line, column }: Field, what: string, remedy: string): InputFault => ({ line, column, what, remedy });

function twin({ id, topology, row }: Node, byId: ReadonlyMap<number, Node>): readonly InputFault[] {
  const first = byId.get(id)?.row.node;
  if (first === undefined || first === row.node) return [];
  const what = `${topology} already has a node ${id}, on line ${first.line}`;
  return [faultAt(row.node, what, "give each node of a topology a number of its own")];
}

function parentFaults({ topology, kind, parent, row }: Node, byId: ReadonlyMap<number, Node>): readonly InputFault[] {
  const above = parent < 0 ? "host bridge" : byId.get(parent)?.kind;
  if (above === undefined)
    return [
      faultAt(
        row.parent,
        `${topology} has no node ${parent}`,
        "name a node of the same topology, or a host bridge: -1",
      ),
    ];
  const { title, below } = ruleOf(kind);
  if (below.includes(above)) return [];
  const what = `a ${title} (${kind}) hangs below ${placeName(above)}`;
  return [faultAt(row.parent, what, `it hangs below ${below.map(placeName).join(" or ")}`)];
}

const placeName = (above: Kind | "host bridge"): string =>
  above === "host bridge" ? "a host bridge" : `a ${ruleOf(above).title} (${above})`;

/** A bus has one function at each device and function number. */
function* sharedAddresses(nodes: readonly Node[]): Generator<InputFault> {
  const taken = new Map<string, Node>();
  for (const node of nodes) {
    const address = `${node.parent} ${node.devfn}`;
    const before = taken.get(address);
    if (before === undefined) taken.set(address, node);
    else if (before.id !== node.id) {
      const what = `node ${before.id} of ${node.topology} already has devfn ${node.devfn.toString(16)} on that bus`;
      yield faultAt(node.row.devfn, what, "give each function on a bus a devfn of its own");
    }
  }
}

/** Each circle is told once, at its first row. */
function* circles(nodes: readonly Node[], byId: ReadonlyMap<number, Node>): Generator<InputFault> {
  const settled = new Set<Node>();
  for (const node of nodes) {
    const way = new Set<Node>();
    let at = byId.get(node.id);
    while (at !== undefined && !settled.has(at) && !way.has(at)) {
      way.add(at);
      at = byId.get(at.parent);
    }
    const circle = at !== undefined && way.has(at) ? [...way].slice([...way].indexOf(at)) : [];
    for (const each of way) settled.add(each);
    const [first] = circle;
    if (first === undefined) continue;
    const named = circle.map(({ id }) => id).join(", ");
    const what = `the parents of ${first.topology} lead round in a circle: ${named}`;
    yield faultAt(first.row.parent, what, "let every chain of parents end at a host bridge: -1");
  }
}

/** Nodes that are a family, as a hierarchy; endpoints in the order of their numbers, whatever the order of the rows. */
export function hierarchyOf(name: string, nodes: readonly Node[]): Hierarchy {
  const byId = new Map(nodes.map((each) => [each.id, each]));
  const bridges = hostBridgesOf(nodes);
  const devs = new Map<number, PciDev>();
  for (const node of nodes) {
    const way: Node[] = [];
    for (let at: Node | undefined = node; at && !devs.has(at.id); at = byId.get(at.parent)) way.push(at);
    for (const { id, parent, acs } of way.reverse()) {
      const bridge = devs.get(parent);
      const hostBridge = bridge?.hostBridge ?? bridges.get(parent) ?? { id: `${-parent}` };
      devs.set(id, { id: `${id}`, hostBridge, ...(bridge && { bridge }), ...(acs && { acs }) });
    }
  }
  const endpoints = nodes.filter(({ kind }) => ruleOf(kind).endpoint).sort((left, right) => left.id - right.id);
  return { name, endpoints: endpoints.flatMap(({ id }) => devs.get(id) ?? []) };
}

/** The kernel scans a bus by device and function number, in whatever order the rows come. */
function hostBridgesOf(nodes: readonly Node[]): ReadonlyMap<number, PciHostBridge> {
  const firsts = new Map<number, Node>();
  for (const node of nodes) {
    const first = firsts.get(node.parent);
    if (node.parent < 0 && (first === undefined || node.devfn < first.devfn)) firsts.set(node.parent, node);
  }
  const bridges = [...firsts].map(([number, { identity, devfn, kind }]): [number, PciHostBridge] => [
    number,
    { id: `${-number}`, first: { identity, at00: devfn === 0, rootPort: kind === "R" } },
  ]);
  return new Map(bridges);
}
