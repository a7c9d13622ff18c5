import { PLATFORMS } from "../../calibration/platforms.ts";
import { type Leaf, type Root, rootOf, upwards } from "../../fabric/tree.ts";
import type { Addressing, ExplainedWay, ExplainedWire, Turn } from "../../record/explanation.ts";
import type { Packet, Trail, Wire } from "./trail.ts";

/** A posted write, a read and the read's completion between two devices, each told by where it turns. */
export function wireBetween(wire: Wire, initiator: string, target: string, addressing: Addressing): ExplainedWire {
  const request = { from: initiator, to: target, addressing };
  return {
    addressing,
    write: wayOf(wire, { ...request, kind: "write" }),
    read_request: wayOf(wire, { ...request, kind: "read" }),
    read_completion: wayOf(wire, { from: target, to: initiator, kind: "completion", addressing }),
  };
}

/** It gets there, answer included. */
export const isCarried = ({ turn }: ExplainedWay): boolean => turn !== "rejected";

function wayOf(wire: Wire, packet: Packet): ExplainedWay {
  const trail = wire.follow(packet);
  const leaf = (id: string): Leaf => {
    const found = wire.tree.devices.find(({ endpoint }) => endpoint.id === id);
    if (found === undefined) throw new RangeError(`${id} takes no part`);
    return found;
  };
  const [from, to] = [leaf(packet.from), leaf(packet.to)];
  const { steps } = trail;
  if (trail.end !== "arrived")
    return { ...rejection(wire, packet, trail, from), turn: "rejected", consequence: NOTICED[packet.kind], steps };
  return { ...turnOf(wire, packet, from, to, steps), consequence: null, steps };
}

type Told = Pick<ExplainedWay, "at" | "words">;

function turnOf(
  wire: Wire,
  packet: Packet,
  from: Leaf,
  to: Leaf,
  steps: Trail["steps"],
): Told & { readonly turn: Turn } {
  const { addressing, kind } = packet;
  const own = wire.translatesItself(packet);
  const [entry, exit] = [rootOf(from.above), rootOf(to.above)];
  const topmost = [...upwards(from.above)].findLast(
    (place) => place.kind === "below" && steps.includes(place.switch.id),
  );
  const climbs = steps.some((step) => step.startsWith("ingress "));
  if (!climbs && topmost?.kind === "below")
    return { turn: "switch", at: topmost.switch.id, words: `turns at switch ${topmost.switch.id}${own ? ATS : ""}` };
  const translated = own ? ATS : addressing === "IOVA" && kind !== "completion" ? ", through the IOMMU" : "";
  if (entry.id === exit.id)
    return { turn: "root-port", at: entry.id, words: `goes up to root port ${entry.id} and comes back${translated}` };
  const ports = `from ${portOf(entry)} to ${portOf(exit)}`;
  if (entry.hostBridge === exit.hostBridge)
    return {
      turn: "host-bridge",
      at: entry.hostBridge,
      words: `goes ${ports} through host bridge ${entry.hostBridge}${translated}`,
    };
  const bridges = `${entry.hostBridge} to host bridge ${exit.hostBridge}`;
  if (entry.socket === exit.socket)
    return { turn: "host-bridges", at: entry.hostBridge, words: `crosses from host bridge ${bridges}${translated}` };
  return {
    turn: "sockets",
    at: entry.hostBridge,
    words: `crosses from host bridge ${bridges}, from socket ${entry.socket} to socket ${exit.socket}${translated}`,
  };
}

const ATS = ", its address translated by the device itself (ATS)";

const portOf = ({ port, id }: Root): string => (port ? `root port ${id}` : `${id} in the root complex`);

/** What the initiator notices: nothing of a lost write, and of a lost read an error (PCIe 2.3.1, 2.8). */
const NOTICED: Readonly<Record<Packet["kind"], string>> = {
  write: "the write is dropped and its initiator not told",
  read: "the read ends with Unsupported Request or a completion timeout",
  completion: "the read ends with a completion timeout",
};

function rejection(wire: Wire, { kind }: Packet, { steps, end }: Trail, from: Leaf): Told {
  const last = steps.at(-1) ?? from.endpoint.id;
  const root = rootOf(from.above);
  const told = (at: string, why: string): Told => ({ at, words: `is rejected at ${at}: ${why}` });
  if (end === "iommu-fault") return told("the IOMMU", "it has no mapping for a bus address");
  const inRoot = last.startsWith("ingress ");
  if (end === "acs-violation" && inRoot)
    return told(
      `root port ${root.id}`,
      "ACS violation: without UpstreamFwd it does not send back down what its own window claims",
    );
  if (end === "acs-violation")
    return told(
      `switch ${last}`,
      "ACS violation: the target is behind the port of entry, where UpstreamFwd is not set",
    );
  if (!inRoot) return told(last, "nothing there claims the address");
  const { title, posted, nonPosted } = PLATFORMS[wire.tree.topology.platform];
  const [what, reach] = kind === "write" ? ["writes", posted] : ["reads", nonPosted];
  const where = reach === "nowhere" ? "from none of its root ports to another" : `no farther than ${reach}`;
  return told("the root complex", `${title}: forwards ${what} ${where}`);
}
