import { parentPort, workerData } from "node:worker_threads";
import { Complaints, EXIT } from "./exit-status.ts";
import { type GuestExit, tellExit } from "./guest-exit.ts";
import { printed } from "./guest-output.ts";
import type { PluginDescription } from "./plugin-description.ts";
import { loadProposal } from "./plugin-file.ts";

/** What is learnt of a plugin by loading it. */
export type PluginReply =
  | { readonly kind: "described"; readonly description: PluginDescription }
  | { readonly kind: "refused"; readonly lines: readonly string[]; readonly status: number }
  | GuestExit;

if (parentPort) {
  const path = String(workerData);
  const port = parentPort;
  const reply = (answer: PluginReply): void => port.postMessage(answer);
  tellExit(port);
  // Nothing is left that could go on, and the module is not there yet.
  process.once("beforeExit", () => {
    const lines = [`${path}: never finishes loading: it awaits what nothing settles; see docs/plugins.md`];
    reply({ kind: "refused", lines, status: EXIT.unreadable });
  });
  const complaints = new Complaints();
  const loaded = await loadProposal(path, complaints);
  const { error } = complaints;
  await printed();
  if (loaded) reply({ kind: "described", description: loaded.description });
  else if (error) reply({ kind: "refused", lines: error.lines, status: error.status });
}
