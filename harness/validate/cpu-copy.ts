import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bench, Inexpressible } from "./bench.ts";
import { burst } from "./burst.ts";
import { CpuPort } from "./cpu-port.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** A longer copy goes on as the second half of this one does. */
const LONGEST = 256 * 1024;

/**
 * One core copies to or from a device's BAR. Stores collect in write-combining buffers of a line each, which leave as posted writes;
 * loads wait for their data, a line at a time where the mapping combines, a register at a time where it does not.
 */
export function cpuCopy(bench: Bench, { operation, metric }: CaseOf<"cpu copy">): Outturn {
  const { device, access, size } = operation;
  const length = Math.min(size, LONGEST);
  const port = new CpuPort(bench, bench.device(device));
  const address = bench.window(device, length);
  const { piece, atATime } = piecesOf(bench, operation);
  const copy = (bytes: number): Task<void> =>
    burst(bench, Math.ceil(bytes / piece), atATime, (index) =>
      port[access](address + index * piece, Math.min(piece, bytes - index * piece)),
    );
  const half = Math.ceil(length / 2);
  bench.timed(copy(half));
  const whole = bench.timed(copy(length));
  const ns = size === length ? whole : whole + ((size - length) * (whole - bench.timed(copy(half)))) / half;
  if (port.lost > 0) throw new Inexpressible("what a core stored or loaded was lost on the way");
  return {
    value: metric === "latency" ? ns : (size * 1e9) / ns,
    leftOut: ["the core's own instructions: what they take beside the buffers that they wait for"],
  };
}

/** What goes out at a time, and how many of them at once. */
function piecesOf({ parameters }: Bench, { mapping }: OperationOf<"cpu copy">) {
  return mapping === "write-combining"
    ? { piece: parameters.amount("host.line"), atATime: parameters.amount("host.fill_buffers") }
    : // Uncached accesses keep their order: each waits until the one before it is done, a store until it is taken.
      { piece: parameters.amount("host.uncached_access"), atATime: 1 };
}
