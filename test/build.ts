import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = [
  "sim",
  "calibration",
  "record",
  "fabric",
  "kernel",
  "proposals",
  "workloads",
  "invariants",
  "machines",
  "harness",
  "reports",
  "cli",
];

/** The command line is tested as users get it: compiled. Compiles again where a source is newer than what is there. */
export function setup(): void {
  const built = statSync("dist/cli/main.js", { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(
    ...SOURCES.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => statSync(join(folder, name)).mtimeMs),
    ),
  );
  if (newest > built) execFileSync("npm", ["run", "build", "--silent"], { stdio: "inherit" });
}
