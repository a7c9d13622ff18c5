import type { OperationOf } from "../../calibration/cases/operation.ts";
import { type Bench, Inexpressible } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import { coreTime } from "./core.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

type Flow = OperationOf<"flows">["flows"][number];

/** A long transfer is told as pieces of this size, two at a time, so that it has no gaps. */
const PIECE = 256 * 1024;
const LATENCY_SAMPLES = 16;

/** Devices that write and read each other's memory, or the system's, all flows at once. */
export function flows(bench: Bench, { operation, metric }: CaseOf<"flows">): Outturn {
  const long = operation.size > PIECE;
  const size = Math.min(operation.size, PIECE);
  const loops = operation.flows.map(
    (flow): Loop => ({
      inFlight: long ? 2 * operation.in_flight : operation.in_flight,
      weight: size,
      step: stepOf(bench, flow, size),
    }),
  );
  if (metric === "bandwidth") return { value: rateOf(bench, loops), leftOut: [] };
  const [first] = loops;
  if (first === undefined) throw new Inexpressible("no flow is named");
  const spans = Array.from({ length: LATENCY_SAMPLES }, (_, index) => bench.timed(first.step(index)));
  if (metric === "success") return { value: bench.lost > 0 ? 0 : 1, leftOut: [] };
  const mean = spans.reduce((sum, span) => sum + span, 0) / spans.length;
  return { value: mean + coresOf(bench, operation.flows[0]), leftOut: [] };
}

/** What cores at both ends add to one operation. */
function coresOf(bench: Bench, flow: Flow | undefined): number {
  if (flow === undefined) return 0;
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
  return () => bench.transfer(device, by === "read", address, size, by === "read" ? "told" : "landed");
}
