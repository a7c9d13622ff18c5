import { type Complaints, EXIT } from "./exit-status.ts";
import { describeFault } from "./fault.ts";
import { startGuest } from "./guest-thread.ts";
import type { PluginDescription } from "./plugin-description.ts";
import type { PluginReply } from "./plugin-worker.ts";

const PATIENCE_S = 10;

/** Learns what plugins are without running any of their code in this thread. */
export class PluginReader {
  readonly #error: NodeJS.WritableStream;
  readonly #known = new Map<string, Promise<PluginReply>>();
  readonly #described = new Map<string, PluginDescription>();

  constructor(error: NodeJS.WritableStream) {
    this.#error = error;
  }

  /** What was read, by path. */
  get described(): ReadonlyMap<string, PluginDescription> {
    return this.#described;
  }

  /** The description of the plugin at a path; undefined, with complaints, where there is none. */
  async read(path: string, complaints: Complaints): Promise<PluginDescription | undefined> {
    const told = this.#known.has(path);
    const reading = this.#known.get(path) ?? this.#load(path);
    this.#known.set(path, reading);
    const reply = await reading;
    if (reply.kind === "described") {
      this.#described.set(path, reply.description);
      return reply.description;
    }
    if (told) return undefined;
    if (reply.kind === "refused") for (const line of reply.lines) complaints.add(line, reply.status);
    else
      complaints.add(
        `${path}: ended the process (process.exit) while it was loaded${reply.line && `, line ${reply.line}`}`,
        EXIT.internal,
      );
    return undefined;
  }

  async #load(path: string): Promise<PluginReply> {
    const worker = startGuest("plugin-worker", path, this.#error);
    const reply = await new Promise<PluginReply>((resolve) => {
      const refuse = (what: string): void =>
        resolve({ kind: "refused", lines: [`${path}: ${what}; see docs/plugins.md`], status: EXIT.unreadable });
      const timer = setTimeout(() => refuse(`did not finish loading in ${PATIENCE_S} s`), PATIENCE_S * 1000);
      worker.on("message", resolve);
      worker.on("error", (fault) => refuse(`breaks while it is loaded (${describeFault(fault)})`));
      worker.on("exit", () => {
        clearTimeout(timer);
        resolve({ kind: "exit", verb: "", line: "" });
      });
    });
    await worker.terminate();
    return reply;
  }
}
