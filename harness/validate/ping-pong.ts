import type { Task } from "../../sim/activity.ts";
import type { Bench } from "./bench.ts";
import { coreTime } from "./core.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

const ROUNDS = 16;

/** Two devices write a flag into each other's memory in turn; half a round is the way there, from core to core. */
export function pingPong(bench: Bench, { operation }: CaseOf<"ping-pong">): Outturn {
  const { between, size } = operation;
  const [one, other] = [bench.device(between[0]), bench.device(between[1])];
  const [there, back] = [bench.reach(one, between[1], size), bench.reach(other, between[0], size)];
  function* rounds(): Task<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* bench.transfer(one, false, there, size, "landed");
      yield* bench.transfer(other, false, back, size, "landed");
    }
  }
  const cores = [one, other].reduce((sum, each) => sum + coreTime(bench, each, "gpu.core_store", "gpu.core_poll"), 0);
  return { value: bench.timed(rounds()) / (2 * ROUNDS) + cores / 2, leftOut: [] };
}
