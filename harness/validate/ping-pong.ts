import type { Task } from "../../sim/activity.ts";
import type { Bench } from "./bench.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

const ROUNDS = 16;

/** Two devices write a flag into each other's memory in turn; half a round is the way there. */
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
  return {
    value: bench.timed(rounds()) / (2 * ROUNDS),
    leftOut: ["how long the devices' cores take to see a flag and to answer it"],
  };
}
