import type { Task } from "../sim/activity.ts";

/** A transfer that was submitted and not yet waited for. */
export interface Pending {
  /** Sleeps until it has ended: "" or the error that user space sees. */
  wait(): Task<"" | "EIO">;
}
