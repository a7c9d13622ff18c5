import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

/**
 * A named pipe, read as its writer writes. Opened in the usual way it would block a thread of libuv until somebody writes, and a process
 * does not end while one is blocked: so it is opened without waiting, and the event loop waits.
 */
export const openPipe = (path: string): Readable =>
  new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
