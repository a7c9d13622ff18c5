import type { Task } from "../../sim/activity.ts";
import type { Bench } from "./bench.ts";
import { coreTime } from "./core.ts";
import { longTime, shortened } from "./long.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

const ROUNDS = 16;
const LONGEST = 2 ** 20;

/** Two devices write a flag into each other's memory in turn; half a round is the way there, from core to core. */
export function pingPong(bench: Bench, { operation }: CaseOf<"ping-pong">): Outturn {
  const { between, size } = operation;
  const [one, other] = [bench.device(between[0]), bench.device(between[1])];
  const length = Math.min(size, LONGEST);
  const [there, back] = [bench.reach(one, between[1], length), bench.reach(other, between[0], length)];
  function* rounds(bytes: number): Task<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* bench.transfer(one, false, there, bytes, "landed");
      yield* bench.transfer(other, false, back, bytes, "landed");
    }
  }
  const ns = longTime(size, LONGEST, (bytes) => bench.timed(rounds(bytes)) / (2 * ROUNDS));
  const cores = [one, other].reduce((sum, each) => sum + coreTime(bench, each, "gpu.core_store", "gpu.core_poll"), 0);
  return { value: ns + cores / 2, leftOut: shortened(size, LONGEST) };
}
