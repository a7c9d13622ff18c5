import { CAPTURE_RING, FRAME_FORMATS } from "../fabric/frame-formats.ts";
import type { Workload } from "./workload.ts";

export const captureToGpu: Workload = {
  contract: 1,
  name: "capture-to-gpu",
  title: "Capture to GPU",
  story: "A capture card puts each frame into one of a ring of buffers in GPU memory, sixty times a second.",
  from: "capture",
  to: "gpu",
  exporter: "to",
  access: "read",
  formats: FRAME_FORMATS,
  ring: CAPTURE_RING,
};
