#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT, UserError } from "./exit-status.ts";
import { program, usageStatus } from "./program.ts";
import { Terminal } from "./terminal.ts";

/** The only place that reads argv, ends the process and turns what was thrown into a line and a status. */
async function main(argv: readonly string[]): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr);
  for (const [signal, status] of [
    ["SIGINT", EXIT.interrupted],
    ["SIGTERM", EXIT.terminated],
  ] as const)
    process.once(signal, () => void terminal.interrupted().finally(() => process.exit(status)));
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
  const lines =
    error instanceof UserError ? error.lines : [`p2peval: internal error: ${describe(error)}; please report it`];
  if (json) terminal.json("p2peval-error/1", false, null, [], lines);
  for (const line of lines) terminal.note(line);
  if (!(error instanceof UserError) && process.env["P2PEVAL_DEBUG"] && error instanceof Error)
    terminal.note(error.stack ?? "");
  return error instanceof UserError ? error.status : EXIT.internal;
}

/** Whatever was thrown, in words; a plugin may throw what cannot even be printed. */
function describe(fault: unknown): string {
  try {
    return fault instanceof Error ? fault.message : String(fault);
  } catch {
    return "something that cannot be printed was thrown";
  }
}

// What a plugin lets fall outside of any call: told in one line, and the process ends.
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (fault: unknown) => {
    process.stderr.write(`p2peval: internal error: ${describe(fault)}; a plugin's, if one is loaded\n`);
    process.exit(EXIT.internal);
  });

process.exitCode = await main(process.argv);
