import { Worker } from "node:worker_threads";

/** The code that a thread begins with. */
export type GuestProgram = "cell-worker" | "plugin-worker";

/** A simulation leaves much garbage that dies young; more room for it takes memory in every thread and was measured to save no time. */
const YOUNG_MIB = 16;

/**
 * Starts a thread in which anybody's code may run. What it prints goes to `error`, so that stdout has data alone; what it does to its
 * process it does to its thread, and the exit event tells.
 */
export function startGuest(program: GuestProgram, data: unknown, error: NodeJS.WritableStream): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./${program}.${extension}`, import.meta.url), {
    workerData: data,
    stdout: true,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  worker.stdout.on("data", (part) => error.write(part));
  return worker;
}
