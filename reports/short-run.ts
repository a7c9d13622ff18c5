import type { Cell } from "../record/cell.ts";

/** Requests for each place of the queue after which its filling and the first touch of its memory no longer show. */
export const SETTLED = 10;

/** Whether what comes once for all weighs in a cell's numbers. */
export const isShort = ({ totalBytes, queueDepth, requestBytes }: Cell): boolean =>
  totalBytes < SETTLED * queueDepth * requestBytes;
