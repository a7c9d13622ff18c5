import type { Device } from "../../kernel/device.ts";
import type { Mapping, Proposal } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible, served } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import { longTime, shortened } from "./long.ts";
import type { CaseOf, Kit, Outturn } from "./prediction.ts";

/** A longer copy goes on as the second half of this one does. */
const LONGEST = 16 * 2 ** 20;
/** Copies both ways get into each other's way for longer: after 16 MiB their pace is still 2 % off. Rounds are alike from the second on. */
const LONGEST_BOTH_WAYS = 32 * 2 ** 20;
const ROUNDS = { before: 1, counted: 1 };

/** From one device's memory to another's through buffers in system memory, pipelined. `longest` is for tests. */
export function stagedCopy(
  bench: Bench,
  { operation, metric }: CaseOf<"staged copy">,
  { staging }: Kit,
  longest: number = operation.both_ways ? LONGEST_BOTH_WAYS : LONGEST,
): Outturn {
  const { from, to, both_ways, size } = operation;
  const copy = (source: string, sink: string): Copy =>
    copier(bench, staging, bench.device(source), bench.device(sink), Math.min(size, longest));
  const there = copy(from, to);
  const leftOut = shortened(size, longest);
  if (!both_ways) {
    bench.timed(there(Math.min(size, LONGEST / 2)));
    const ns = longTime(size, longest, (length) => bench.timed(there(length)));
    return { value: metric === "latency" ? ns : (size * 1e9) / ns, leftOut };
  }
  const back = copy(to, from);
  const ns = longTime(size, longest, (length) => {
    const loops = [there, back].map((each): Loop => ({ inFlight: 1, weight: 1, step: () => each(length) }));
    return (loops.length * 1e9) / rateOf(bench, loops, ROUNDS);
  });
  return { value: metric === "latency" ? ns : (2 * size * 1e9) / ns, leftOut };
}

type Copy = (length: number) => Task<unknown>;

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
      const region = granted(yield* provider.alloc(bytes(size)));
      const exposed = granted(yield* region.expose());
      return granted(yield* granted(yield* exposed.resolve()).map());
    })(),
  );
  return (length) => served(mapping.access({ kind, length: bytes(length) }));
}
