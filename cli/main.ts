#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT, UserError } from "./exit-status.ts";
import { describeFault } from "./fault.ts";
import { program, usageStatus } from "./program.ts";
import { Terminal } from "./terminal.ts";

const SIGNALS = [
  ["SIGHUP", EXIT.hungUp],
  ["SIGINT", EXIT.interrupted],
  ["SIGTERM", EXIT.terminated],
] as const;

/** The only place that reads argv, ends the process and turns what was thrown into a line and a status. */
async function main(argv: readonly string[]): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr);
  for (const [signal, status] of SIGNALS) process.on(signal, () => void terminal.end("signal", status));
  // What falls outside of any call: told in one line, and nothing is left behind.
  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.on(event, (fault: unknown) => {
      terminal.note(internalError(fault));
      void terminal.end("fault", EXIT.internal);
    });
  const json = argv.includes("--json");
  let ended: number = EXIT.done;
  try {
    await program(terminal, (status) => {
      ended = status;
    }).parseAsync([...argv]);
    return ended;
  } catch (error) {
    return complain(error, terminal, json);
  }
}

function complain(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof CommanderError) {
    if (json && error.exitCode !== 0) terminal.json("p2peval-error/1", false, null, [], [error.message]);
    return usageStatus(error);
  }
  const lines = error instanceof UserError ? error.lines : [internalError(error)];
  if (json) terminal.json("p2peval-error/1", false, null, [], lines);
  for (const line of lines) terminal.note(line);
  if (!(error instanceof UserError) && process.env["P2PEVAL_DEBUG"] && error instanceof Error)
    for (const line of (error.stack ?? "").split("\n")) terminal.note(line);
  return error instanceof UserError ? error.status : EXIT.internal;
}

const internalError = (fault: unknown): string => `p2peval: internal error: ${describeFault(fault)}; please report it`;

process.exitCode = await main(process.argv);
