import { execFileSync, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SERVER } from "../machines/fixture.ts";
import { scratch } from "../scratch.ts";
import { SMALL } from "./command.ts";

/** Starts a run that reads a named pipe; what is done then ends it. */
function started(then: (pipe: string, end: (signal: "SIGINT") => void) => void): Promise<number | null> {
  const folder = scratch();
  const pipe = join(folder, "host.txt");
  execFileSync("mkfifo", [pipe]);
  const args = ["run", ...SMALL, "-p", "staging/pipelined", "-m", pipe, "-o", join(folder, "out")];
  const child = spawn(process.execPath, ["dist/cli/main.js", ...args], { stdio: "ignore" });
  then(pipe, (signal) => void child.kill(signal));
  return new Promise((resolve) => void child.on("close", resolve));
}

describe("A named pipe as a machine", () => {
  it("is read as its writer writes", async () => {
    expect(await started((pipe) => void createWriteStream(pipe).end(SERVER))).toBe(0);
  });

  it("without a writer is left at the first signal", async () => {
    expect(await started((_, end) => void setTimeout(() => end("SIGINT"), 1000))).toBe(130);
  });
});
