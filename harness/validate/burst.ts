import type { Task } from "../../sim/activity.ts";
import { Countdown } from "../../sim/countdown.ts";
import type { Bench } from "./bench.ts";

/** So many pieces of one whole, so many at a time, in order; ends with the last of them. */
export function* burst(bench: Bench, pieces: number, atATime: number, step: (index: number) => Task<void>): Task<void> {
  const { clock } = bench.world;
  const left = new Countdown(clock, "pieces of one whole");
  left.add(pieces);
  let begun = 0;
  function* place(): Task<void> {
    while (begun < pieces) {
      const index = begun;
      begun += 1;
      yield* step(index);
      left.finish(1);
    }
  }
  for (let each = 0; each < Math.min(pieces, atATime); each += 1) clock.spawn("a piece", place(), [each]);
  yield* left.wait();
}
