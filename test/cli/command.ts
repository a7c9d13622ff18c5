import { spawnSync } from "node:child_process";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled command line as a user's shell would. */
export function p2peval(args: readonly string[], input: string | Buffer = ""): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", ...args], {
    input,
    encoding: "utf8",
    // A --json document of every form in every workload is longer than the megabyte that is the default.
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
}

/** A comparison that takes a second. */
export const SMALL: readonly string[] = [
  ...["--request-size", "64KiB", "--total", "1MiB", "--queue-depth", "4", "-q"],
  ...["-w", "storage-to-gpu,gpu-to-storage"],
];

/** The same of two proposals, where it does not matter which. */
export const QUICK: readonly string[] = [...SMALL, "-p", "staging,zone-device"];
