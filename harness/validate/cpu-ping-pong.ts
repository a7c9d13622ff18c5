import type { Task } from "../../sim/activity.ts";
import { nsOfTicks } from "../../sim/units.ts";
import type { Bench } from "./bench.ts";
import { coreTime } from "./core.ts";
import { CpuPort } from "./cpu-port.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

const ROUNDS = 16;

/** A core stores a flag into a device's BAR; a core of the device sees it and answers in system memory, which the first one polls. */
export function cpuPingPong(bench: Bench, { operation }: CaseOf<"cpu ping-pong">): Outturn {
  const { device: name, size } = operation;
  const device = bench.device(name);
  const port = new CpuPort(bench, device);
  const [there, back] = [bench.window(name, size), bench.reach(device, `memory ${device.socket}`, size)];
  function* rounds(): Task<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* port.flag(there, size);
      yield* bench.transfer(device, false, back, size, "landed");
    }
  }
  // Who polls has the line in its cache, and fetches it once more when it has changed.
  const seen = nsOfTicks(bench.parameters.span("host.llc_latency"));
  const cores = coreTime(bench, device, "gpu.core_poll", "gpu.core_store");
  return { value: bench.timed(rounds()) / ROUNDS + cores + seen, leftOut: [] };
}
