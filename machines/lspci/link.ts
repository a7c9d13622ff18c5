import type { Endpoint, Link } from "../../fabric/topology.ts";
import type { Express, Rate } from "./express.ts";
import { note, type Remarks } from "./remarks.ts";

/** A link's lower end, and what hangs there. */
export interface LinkEnd {
  readonly id: string;
  readonly role?: Endpoint["role"];
}

/**
 * The link between two ends, as the slower and narrower of them has it. A GPU is the exception: idle, it trains its link down to
 * 2.5 GT/s, and work brings the speed back (never the width), so its speed is what both ends are capable of.
 */
export function readLink(upper: Express | undefined, lower: Express | undefined, end: LinkEnd, remarks: Remarks): Link {
  const silent = [upper, lower].flatMap((each) => each?.untrained ?? []);
  if (silent[0] !== undefined) note(remarks, "link-untrained", `${end.id} (${plainRate(silent[0])})`);
  const trained = narrower(upper?.trained, lower?.trained);
  const capable = narrower(upper?.capable, lower?.capable);
  if (!trained) return untrained(capable, end, remarks);
  if (end.role !== "gpu" || !capable || capable.generation <= trained.generation) return clamped(trained, end, remarks);
  note(remarks, "link-idle", end.id);
  return clamped({ generation: capable.generation, width: trained.width }, end, remarks);
}

/** "Speed unknown (downgraded), Width x0" without lspci's comments. */
const plainRate = (text: string): string => text.replace(/ \([^)]*\)/g, "");

/** What lanes a device of its class usually has; a switch, x16. */
const USUAL_WIDTH: ReadonlyMap<LinkEnd["role"], number> = new Map([
  ["nvme", 4],
  ["gpu", 16],
  ["nic", 8],
  ["capture", 8],
  ["other", 1],
]);

/** Both ends down or silent: virtual machines, and functions without the capability. */
function untrained(capable: Rate | undefined, end: LinkEnd, remarks: Remarks): Link {
  note(remarks, capable ? "link-capable" : "link-assumed", end.id);
  return clamped(capable ?? { generation: 3, width: USUAL_WIDTH.get(end.role) ?? 16 }, end, remarks);
}

/** Where one end says nothing (a conventional function below a port), the other speaks for both. */
function narrower(one: Rate | undefined, other: Rate | undefined): Rate | undefined {
  if (!one || !other) return one ?? other;
  return { generation: Math.min(one.generation, other.generation), width: Math.min(one.width, other.width) };
}

const GENERATIONS: readonly Link["generation"][] = [5, 4, 3, 2, 1];
const WIDTHS: readonly Link["width"][] = [16, 12, 8, 4, 2, 1];

function clamped(rate: Rate, end: LinkEnd, remarks: Remarks): Link {
  const generation = GENERATIONS.find((each) => each <= rate.generation) ?? 1;
  const width = WIDTHS.find((each) => each <= rate.width) ?? 1;
  if (generation !== rate.generation || width !== rate.width) note(remarks, "link-clamped", end.id);
  return { generation, width };
}
