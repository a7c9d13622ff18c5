import type { Case } from "./cases/case.ts";
import { MEASURED_PLATFORMS } from "./cases/measured-platforms.ts";
import { PUBLISHED_CASES } from "./cases/published.ts";

/** How a transfer travels, from near to far; "through-memory" is the staged copy, which is near to none of the others. */
export type MeasuredPath = "same-switch" | "same-host-bridge" | "same-socket" | "cross-socket" | "through-memory";

/**
 * What was done: a device writes to or reads from a peer ("both ways": the sum of two opposite flows of writes), a drive fills or
 * drains the peer's memory, or two GPUs exchange a buffer by way of system memory ("copy").
 */
export type MeasuredOperation =
  | "write"
  | "read"
  | "write both ways"
  | "storage read"
  | "storage write"
  | "copy"
  | "copy both ways";

/** A number that somebody published. No number of the model is taken from here: it is what results are held against. */
export interface Measurement {
  /** Stable, for the basis column and for validation. */
  readonly id: string;
  readonly path: MeasuredPath;
  readonly operation: MeasuredOperation;
  readonly metric: "throughput" | "latency";
  readonly value: number;
  readonly unit: "By/s" | "ns";
  readonly platform: string;
  readonly year: number;
  /** What one must know to compare: sizes, settings, what the author left unsaid. */
  readonly when: string;
  readonly source: string;
}

type Row = readonly [id: string, MeasuredPath, MeasuredOperation];

/** Published cases that results are held against; of one path, operation and metric in the order in which they should be cited. */
const ROWS: readonly Row[] = [
  ["RTX6K-001", "same-switch", "write"],
  ["RTX6K-003", "same-switch", "write"],
  ["RTX6K-020", "same-switch", "read"],
  ["RTX6K-027", "same-switch", "write both ways"],
  ["RTX6K-026", "same-switch", "write both ways"],
  ["GDS-001", "same-switch", "storage read"],
  ["SMARTSSD-024", "same-switch", "storage read"],
  ["SMARTSSD-012", "same-switch", "storage write"],
  ["CANYON-001", "same-host-bridge", "write"],
  ["IOPMEM-001", "same-host-bridge", "write"],
  ["CANYON-005", "same-host-bridge", "write"],
  ["IOPMEM-002", "same-host-bridge", "read"],
  ["CANYON-003", "same-host-bridge", "write both ways"],
  ["NVFORUM-003", "same-host-bridge", "storage read"],
  ["DONARD-002", "same-host-bridge", "storage read"],
  ["DONARD-004", "same-host-bridge", "storage write"],
  ["RTX6K-038", "same-socket", "write"],
  ["RTX6K-005", "same-socket", "write"],
  ["RTX6K-RC-DIRECT", "same-socket", "read"],
  ["RTX6K-021", "same-socket", "read"],
  ["RTX6K-040", "same-socket", "write both ways"],
  ["AISIO-003", "same-socket", "storage read"],
  ["RTX6K-039", "cross-socket", "write"],
  ["RTX6K-042", "cross-socket", "write"],
  ["RTX6K-032", "cross-socket", "read"],
  ["RTX6K-041", "cross-socket", "write both ways"],
  ["TARTAN-025", "through-memory", "copy"],
  ["TARTAN-014", "through-memory", "copy"],
  ["TARTAN-008", "through-memory", "copy both ways"],
  ["DONARD-001", "through-memory", "storage read"],
  ["DONARD-003", "through-memory", "storage write"],
];

const CASES: ReadonlyMap<string, Case> = new Map(PUBLISHED_CASES.map((each) => [each.id, each]));

/** What has been published about the paths that are compared here. The cases own the numbers; here stands what they can be compared with. */
export const MEASUREMENTS: readonly Measurement[] = ROWS.map(([id, path, operation]) => {
  const found = CASES.get(id);
  if (found === undefined) throw new RangeError(`${id} is no published case`);
  const { metric, measured, source, note } = found;
  return {
    id,
    path,
    operation,
    metric: metric === "latency" ? "latency" : "throughput",
    value: measured.value,
    unit: metric === "latency" ? "ns" : "By/s",
    platform: MEASURED_PLATFORMS[found.platform]?.title ?? found.platform,
    year: source.year,
    when: note ?? found.what,
    source: `${source.origin}, ${source.where}`,
  };
});

const NEAR_TO_FAR: readonly MeasuredPath[] = ["same-switch", "same-host-bridge", "same-socket", "cross-socket"];

/**
 * The published measurement of this operation that is nearest: of the same path where there is one, else of the next nearer or farther
 * path between peers. A staged copy is only ever compared with staged copies. Compare `path` to see whether it is the path itself.
 */
export function nearestMeasurement(
  path: MeasuredPath,
  operation: MeasuredOperation,
  metric: Measurement["metric"],
): Measurement | undefined {
  let nearest: Measurement | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of MEASUREMENTS) {
    const far =
      each.operation === operation && each.metric === metric ? farness(path, each.path) : Number.POSITIVE_INFINITY;
    if (far < least) [nearest, least] = [each, far];
  }
  return nearest;
}

function farness(one: MeasuredPath, other: MeasuredPath): number {
  if (one === other) return 0;
  const [from, to] = [NEAR_TO_FAR.indexOf(one), NEAR_TO_FAR.indexOf(other)];
  return from < 0 || to < 0 ? Number.POSITIVE_INFINITY : Math.abs(from - to);
}
