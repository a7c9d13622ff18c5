import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bench, Inexpressible } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import { coreTime } from "./core.ts";
import { longTime, shortened } from "./long.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

type Flow = OperationOf<"flows">["flows"][number];

/** A long transfer is told as pieces of this size, two at a time, so that it has no gaps. */
const PIECE = 256 * 1024;
/** Of each flow: more bytes under way change nothing. */
const ENOUGH = 4 * 2 ** 20;
const LATENCY_SAMPLES = 16;

/** Devices that write and read each other's memory, or the system's, all flows at once. `longest` is for tests. */
export function flows(bench: Bench, { operation, metric }: CaseOf<"flows">, longest: number = PIECE): Outturn {
  const size = Math.min(operation.size, longest);
  const leftOut = shortened(operation.size, longest);
  if (metric === "bandwidth") return { value: bandwidth(bench, operation, size), leftOut };
  const [first] = operation.flows;
  if (first === undefined) throw new Inexpressible("no flow is named");
  const ns = longTime(operation.size, longest, (length) => latency(bench, stepOf(bench, first, length)));
  if (metric === "success") return { value: bench.lost > 0 ? 0 : 1, leftOut: [] };
  return { value: ns + coresOf(bench, first), leftOut };
}

function bandwidth(bench: Bench, { flows: all, size: whole, in_flight }: OperationOf<"flows">, size: number): number {
  const places = whole > size ? Math.min(2 * in_flight, Math.max(2, ENOUGH / size)) : in_flight;
  return rateOf(
    bench,
    all.map((flow): Loop => ({ inFlight: places, weight: size, step: stepOf(bench, flow, size) })),
  );
}

function latency(bench: Bench, step: () => Task<unknown>): number {
  const spans = Array.from({ length: LATENCY_SAMPLES }, () => bench.timed(step()));
  return spans.reduce((sum, span) => sum + span, 0) / spans.length;
}

/** What cores at both ends add to one operation. */
function coresOf(bench: Bench, flow: Flow): number {
  if (flow.by === "read") return coreTime(bench, bench.device(flow.to), "gpu.core_load");
  const seen = flow.to.startsWith("memory ") ? 0 : coreTime(bench, bench.device(flow.to), "gpu.core_poll");
  return coreTime(bench, bench.device(flow.from), "gpu.core_store") + seen;
}

/** A write counts when it has landed, a read when its data is there. */
function stepOf(bench: Bench, { from, to, by }: Flow, size: number) {
  const [initiator, target] = by === "write" ? [from, to] : [to, from];
  if (initiator.startsWith("memory "))
    throw new Inexpressible(`${initiator} begins no transfer of its own; name the device that reads or writes it`);
  const device = bench.device(initiator);
  const address = bench.reach(device, target, size);
  return (): Task<unknown> => bench.transfer(device, by === "read", address, size, by === "read" ? "told" : "landed");
}
