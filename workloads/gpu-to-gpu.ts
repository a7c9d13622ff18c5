import type { Workload } from "./workload.ts";

export const gpuToGpu: Workload = {
  contract: 1,
  name: "gpu-to-gpu",
  title: "GPU to GPU (push)",
  story: "A GPU's copy engine writes into another GPU's memory.",
  from: "gpu",
  to: "gpu",
  exporter: "to",
  access: "read",
};
