import type { Topology } from "../../fabric/topology.ts";
import type { ExplainedVerdict, ExplainedWay, ExplainedWire } from "../../record/explanation.ts";
import { ancestry } from "./path.ts";
import { isCarried } from "./way.ts";

/** A verdict, and the way that packets take which follow it. */
export interface Opposed {
  readonly initiator: string;
  readonly target: string;
  readonly verdict: ExplainedVerdict;
  readonly taken: ExplainedWire;
}

/** Where the wire does otherwise than the kernel's verdict says, one sentence each. */
export function differences(topology: Topology, { initiator, target, verdict, taken }: Opposed): readonly string[] {
  const packets: readonly (readonly [string, ExplainedWay])[] = [
    ["a write", taken.write],
    ["a read request", taken.read_request],
    ...(isCarried(taken.read_request) ? [["a read's completion", taken.read_completion] as const] : []),
  ];
  const said = EXPECTED[verdict.map_type];
  if (said === undefined) return [];
  const others = packets.filter(([, way]) => !said.agrees(way));
  if (others.length === 0) return [];
  if (verdict.map_type === "NOT_SUPPORTED") return refusedOnly(others, taken);
  const sameSlot = isSameDevice(topology, initiator, target)
    ? [" (functions of one device, within which this model routes nothing)"]
    : [];
  return merged(others).map(([what, words]) => `${said.words}; on the wire, ${what}: ${words}${sameSlot.join("")}`);
}

interface Expectation {
  readonly words: string;
  readonly agrees: (way: ExplainedWay) => boolean;
}

const EXPECTED: Readonly<Record<string, Expectation>> = {
  BUS_ADDR: { words: "the kernel says that a switch turns it", agrees: ({ turn }) => turn === "switch" },
  THRU_HOST_BRIDGE: {
    words: "the kernel says that the host bridge forwards it",
    agrees: (way) => isCarried(way) && way.turn !== "switch",
  },
  NOT_SUPPORTED: { words: "the kernel refuses", agrees: (way) => !isCarried(way) },
};

/** A refusal differs only from what would arrive, and a read arrives only if its answer does. */
function refusedOnly(
  arriving: readonly (readonly [string, ExplainedWay])[],
  { read_request, read_completion }: ExplainedWire,
): readonly string[] {
  const reads = isCarried(read_request) && isCarried(read_completion);
  const words = arriving.filter(([what]) => what === "a write" || (reads && what === "a read request"));
  return merged(words).map(
    ([what, way]) => `the kernel refuses; the wire carries ${what.replace(" request", "")}: it ${way}`,
  );
}

/** Packets that do the same are told in one sentence. */
function merged(packets: readonly (readonly [string, ExplainedWay])[]): readonly (readonly [string, string])[] {
  const byWords = new Map<string, string[]>();
  for (const [what, { words }] of packets) byWords.set(words, [...(byWords.get(words) ?? []), what]);
  return [...byWords].map(([words, whats]) => [whats.join(", "), words]);
}

/** Functions of one device share bus and device number, and with them the port above. */
const isSameDevice = (topology: Topology, one: string, other: string): boolean =>
  ancestry(topology, one)[1]?.id === ancestry(topology, other)[1]?.id &&
  one.replace(/\.[0-7]$/, "") === other.replace(/\.[0-7]$/, "");
