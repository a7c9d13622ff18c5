import type { Device } from "../../kernel/device.ts";
import type { Mapping, Proposal } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible, served } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import type { CaseOf, Kit, Outturn } from "./prediction.ts";

/** A longer copy goes on as the second half of this one does. */
const LONGEST = 16 * 2 ** 20;
const ROUNDS = { before: 1, counted: 2 };

/** From one device's memory to another's through buffers in system memory, pipelined. */
export function stagedCopy(bench: Bench, { operation, metric }: CaseOf<"staged copy">, { staging }: Kit): Outturn {
  const { from, to, both_ways, size } = operation;
  const copy = (source: string, sink: string): Copy =>
    copier(bench, staging, bench.device(source), bench.device(sink), size);
  const there = copy(from, to);
  if (!both_ways) {
    const ns = longTime(bench, there, size);
    return { value: metric === "latency" ? ns : (size * 1e9) / ns, leftOut: [] };
  }
  const length = Math.min(size, LONGEST);
  const loops = [there, copy(to, from)].map(
    (each): Loop => ({ inFlight: 1, weight: length, step: () => each(length) }),
  );
  return { value: rateOf(bench, loops, ROUNDS), leftOut: [] };
}

type Copy = (length: number) => Task<unknown>;

/** Nanoseconds of one copy after another one; beyond the longest that is simulated, by the rate of its second half. */
function longTime(bench: Bench, copy: Copy, size: number): number {
  const length = Math.min(size, LONGEST);
  bench.timed(copy(Math.min(length, LONGEST / 2)));
  const whole = bench.timed(copy(length));
  if (size <= LONGEST) return whole;
  const half = bench.timed(copy(LONGEST / 2));
  return whole + ((size - LONGEST) * (whole - half)) / (LONGEST / 2);
}

/** The importer's memory is the source, the exporter's the sink, as the control names them. */
export function copier(
  bench: Bench,
  staging: Proposal,
  importer: Device,
  exporter: Device,
  size: number,
  kind: "read" | "write" = "read",
): Copy {
  const { kernel } = bench.world;
  const form = Object.values(staging.forms)[0];
  if (form === undefined) throw new Inexpressible(`${staging.name} has no form`);
  const mechanism = form.install(kernel);
  const mapping = bench.done(
    (function* (): Task<Mapping> {
      const provider = granted(yield* mechanism.provide({ exporter, importer }));
      const region = granted(yield* provider.alloc(bytes(Math.min(size, LONGEST))));
      const exposed = granted(yield* region.expose());
      return granted(yield* granted(yield* exposed.resolve()).map());
    })(),
  );
  return (length) => served(mapping.access({ kind, length: bytes(length) }));
}
