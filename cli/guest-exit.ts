import type { MessagePort } from "node:worker_threads";

/** Sent as the last thing by a thread that is ended from inside: the function and line that did it, where the stack tells. */
export interface GuestExit {
  readonly kind: "exit";
  readonly verb: string;
  readonly line: string;
}

/** Our own folder: frames of files outside it are a plugin's. */
const OURS = new URL("..", import.meta.url).href;
/** "at Mapping.access (file:///home/me/mine.mjs:12:5)" */
const FRAME = /^\s+at (?:(?:[^ (]*[. ])?([\w$]+) (?:\[[^\]]*\] )?\()?(file:.*):(\d+):\d+\)?$/;

/** Has the thread say who ended it. */
export function tellExit(port: MessagePort): void {
  process.on("exit", () => {
    const frames = (new Error("here").stack ?? "").split("\n").map((line) => FRAME.exec(line));
    const theirs = frames.find((frame) => frame?.[2] !== undefined && !frame[2].startsWith(OURS));
    port.postMessage({ kind: "exit", verb: theirs?.[1] ?? "", line: theirs?.[3] ?? "" } satisfies GuestExit);
  });
}
