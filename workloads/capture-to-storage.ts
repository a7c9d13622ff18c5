import { CAPTURE_RING, FRAME_FORMATS } from "../fabric/frame-formats.ts";
import type { Workload } from "./workload.ts";

export const captureToStorage: Workload = {
  contract: 1,
  name: "capture-to-storage",
  title: "Capture to storage",
  story:
    "A storage device fetches frames from the frame store of a capture card and stores them, sixty times a second.",
  from: "capture",
  to: "nvme",
  exporter: "from",
  access: "write",
  formats: FRAME_FORMATS,
  ring: CAPTURE_RING,
};
