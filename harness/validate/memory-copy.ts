import type { Task } from "../../sim/activity.ts";
import type { Bench } from "./bench.ts";
import type { CaseOf, Outturn } from "./prediction.ts";

/** One core's memcpy. */
export function memoryCopy(bench: Bench, { operation }: CaseOf<"memory copy">): Outturn {
  const { kernel } = bench.world;
  function* copy(): Task<void> {
    yield* kernel.copy.run(operation.size);
  }
  const ns = bench.timed(copy());
  return {
    value: (operation.size * 1e9) / ns,
    leftOut: ["the processor and its memory: every machine's core copies as the table's does"],
  };
}
